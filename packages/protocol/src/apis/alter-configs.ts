/**
 * AlterConfigs (key 33), v0-2. Replaces the whole configuration of resources: what is not named goes back to its
 * default (KIP-133). IncrementalAlterConfigs took its place. Any broker takes it; changes of one broker only that one.
 *
 *   v1  throttling after the answer was sent (KIP-219)
 *   v2  flexible
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type ConfigChanges, type ConfigOutcomes, configChanges, configOutcomes } from './config-changes.ts';

export type AlterConfigsRequest = ConfigChanges<AlterConfigsRequestConfig>;
export type AlterConfigsRequestResource = AlterConfigsRequest['resources'][number];

export interface AlterConfigsRequestConfig {
  name: string;
  value: string | null; // null: the default
}

export type AlterConfigsResponse = ConfigOutcomes;
export type AlterConfigsResponseResponse = AlterConfigsResponse['responses'][number];

/** Replaces the whole configuration of resources: what is not named goes back to its default (KIP-133). */
export const AlterConfigs: Api<AlterConfigsRequest, AlterConfigsResponse> = {
  key: 33,
  name: 'AlterConfigs',
  versions: [0, 2],
  flexibleFrom: 2,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: configOutcomes,
};

function encodeRequest(w: Writer, _v: number, request: AlterConfigsRequest): void {
  configChanges.encode(w, request, ({ name, value }) => {
    w.string(name);
    w.nullableString(value);
  });
}

function decodeRequest(r: Reader): AlterConfigsRequest {
  return configChanges.decode(r, () => ({ name: r.string(), value: r.nullableString() }));
}
