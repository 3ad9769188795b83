// What AlterConfigs and IncrementalAlterConfigs have in common: everything but the change of one config.
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type ConfigResourceOutcome, decodeResourceOutcome, encodeResourceOutcome } from './config-resource.ts';

export interface ConfigChanges<Change> {
  resources: ResourceChanges<Change>[];
  /** Check only, change nothing. */
  validateOnly: boolean;
}

/** Made all or none. */
export interface ResourceChanges<Change> {
  resourceType: number; // ConfigResourceType
  resourceName: string;
  configs: Change[];
}

export interface ConfigChangesResponse {
  throttleTimeMs: number;
  responses: ConfigResourceOutcome[];
}

export function encodeChanges<Change>(w: Writer, request: ConfigChanges<Change>, encode: (one: Change) => void): void {
  w.structs(request.resources, ({ resourceType, resourceName, configs }) => {
    w.int8(resourceType);
    w.string(resourceName);
    w.structs(configs, encode);
  });
  w.bool(request.validateOnly);
  w.tags();
}

export function decodeChanges<Change>(r: Reader, decode: () => Change): ConfigChanges<Change> {
  const request = {
    resources: r.structs(() => ({ resourceType: r.int8(), resourceName: r.string(), configs: r.structs(decode) })),
    validateOnly: r.bool(),
  };
  r.tags();
  return request;
}

export function encodeChangesResponse(w: Writer, _v: number, response: ConfigChangesResponse): void {
  w.int32(response.throttleTimeMs);
  w.structs(response.responses, (outcome) => encodeResourceOutcome(w, outcome));
  w.tags();
}

export function decodeChangesResponse(r: Reader): ConfigChangesResponse {
  const response = { throttleTimeMs: r.int32(), responses: r.structs(() => decodeResourceOutcome(r)) };
  r.tags();
  return response;
}
