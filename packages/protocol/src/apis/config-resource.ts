// A resource that has configs, in the answers about them: what every such answer says of it.
import type { Part } from './part.ts';

export interface ConfigResourceOutcome {
  errorCode: number;
  errorMessage: string | null;
  resourceType: number; // ConfigResourceType
  resourceName: string;
}

export const configResourceOutcome: Part<ConfigResourceOutcome> = {
  encode(w, outcome) {
    w.int16(outcome.errorCode);
    w.nullableString(outcome.errorMessage);
    w.int8(outcome.resourceType);
    w.string(outcome.resourceName);
  },
  decode(r) {
    return {
      errorCode: r.int16(),
      errorMessage: r.nullableString(),
      resourceType: r.int8(),
      resourceName: r.string(),
    };
  },
};
