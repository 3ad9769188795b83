/**
 * IncrementalAlterConfigs (key 44), v0-1. Sets, removes, or edits single configs of resources and leaves the others as
 * they are (KIP-339). Any broker takes it; changes of one broker only that one.
 *
 *   v1  flexible
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type ConfigChanges, type ConfigOutcomes, configChanges, configOutcomes } from './config-changes.ts';

export type IncrementalAlterConfigsRequest = ConfigChanges<IncrementalAlterConfigsRequestConfig>;
export type IncrementalAlterConfigsRequestResource = IncrementalAlterConfigsRequest['resources'][number];

export interface IncrementalAlterConfigsRequestConfig {
  name: string;
  configOperation: number; // AlterConfigOperation
  value: string | null; // null: only to delete
}

export type IncrementalAlterConfigsResponse = ConfigOutcomes;
export type IncrementalAlterConfigsResponseResponse = IncrementalAlterConfigsResponse['responses'][number];

/** Sets, removes, or edits single configs of resources and leaves the others as they are (KIP-339). */
export const IncrementalAlterConfigs: Api<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse> = {
  key: 44,
  name: 'IncrementalAlterConfigs',
  versions: [0, 1],
  flexibleFrom: 1,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: configOutcomes,
};

function encodeRequest(w: Writer, _v: number, request: IncrementalAlterConfigsRequest): void {
  configChanges.encode(w, request, ({ name, configOperation, value }) => {
    w.string(name);
    w.int8(configOperation);
    w.nullableString(value);
  });
}

function decodeRequest(r: Reader): IncrementalAlterConfigsRequest {
  return configChanges.decode(r, () => ({
    name: r.string(),
    configOperation: r.int8(),
    value: r.nullableString(),
  }));
}
