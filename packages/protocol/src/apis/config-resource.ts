// A resource that has configs, in the answers about them: what every such answer says of it.
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

export interface ConfigResourceOutcome {
  errorCode: number;
  errorMessage: string | null;
  resourceType: number; // ConfigResourceType
  resourceName: string;
}

export function encodeResourceOutcome(w: Writer, outcome: ConfigResourceOutcome): void {
  w.int16(outcome.errorCode);
  w.nullableString(outcome.errorMessage);
  w.int8(outcome.resourceType);
  w.string(outcome.resourceName);
}

export function decodeResourceOutcome(r: Reader): ConfigResourceOutcome {
  return {
    errorCode: r.int16(),
    errorMessage: r.nullableString(),
    resourceType: r.int8(),
    resourceName: r.string(),
  };
}
