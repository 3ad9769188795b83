// What AlterConfigs and IncrementalAlterConfigs have in common: everything but the change of one config.
import type { Codec } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type ConfigResourceOutcome, configResourceOutcome } from './config-resource.ts';

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

export interface ConfigOutcomes {
  throttleTimeMs: number;
  responses: ConfigResourceOutcome[];
}

export const configChanges = {
  encode<Change>(w: Writer, request: ConfigChanges<Change>, change: (one: Change) => void): void {
    w.structs(request.resources, ({ resourceType, resourceName, configs }) => {
      w.int8(resourceType);
      w.string(resourceName);
      w.structs(configs, change);
    });
    w.bool(request.validateOnly);
    w.tags();
  },
  decode<Change>(r: Reader, change: () => Change): ConfigChanges<Change> {
    const request = {
      resources: r.structs(() => ({ resourceType: r.int8(), resourceName: r.string(), configs: r.structs(change) })),
      validateOnly: r.bool(),
    };
    r.tags();
    return request;
  },
};

export const configOutcomes: Codec<ConfigOutcomes> = {
  encode(w, _v, response) {
    w.int32(response.throttleTimeMs);
    w.structs(response.responses, (outcome) => configResourceOutcome.encode(w, outcome));
    w.tags();
  },
  decode(r) {
    const response = { throttleTimeMs: r.int32(), responses: r.structs(() => configResourceOutcome.decode(r)) };
    r.tags();
    return response;
  },
};
