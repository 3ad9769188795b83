/**
 * ListConfigResources (key 74), v0-1. The names of everything that can be configured; any broker answers.
 *
 *   v0  flexible; named ListClientMetricsResources, and lists nothing else (KIP-1000)
 *   v1  resource types, those wanted and those found (KIP-1142)
 */
import type { Api } from '../api.ts';
import { ConfigResourceType } from '../constants.ts';
import { UnsupportedFieldError } from '../errors.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

export interface ListConfigResourcesRequest {
  /** v1+; ConfigResourceType; empty: all. v0 asks for client metrics, whether that stands here or nothing. */
  resourceTypes: number[];
}

export interface ListConfigResourcesResponse {
  throttleTimeMs: number;
  errorCode: number;
  configResources: ListConfigResourcesResponseConfigResource[];
}

export interface ListConfigResourcesResponseConfigResource {
  resourceName: string;
  resourceType: number; // v1+; ConfigResourceType
}

/** The names of everything that can be configured; any broker answers. */
export const ListConfigResources: Api<ListConfigResourcesRequest, ListConfigResourcesResponse> = {
  key: 74,
  name: 'ListConfigResources',
  versions: [0, 1],
  flexibleFrom: 0,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, v: number, { resourceTypes }: ListConfigResourcesRequest): void {
  if (v >= 1) w.array(resourceTypes, (type) => w.int8(type));
  else if (resourceTypes.some((type) => type !== ConfigResourceType.clientMetrics)) {
    throw new UnsupportedFieldError('ListConfigResources', v, 'resourceTypes other than client metrics');
  }
  w.tags();
}

function decodeRequest(r: Reader, v: number): ListConfigResourcesRequest {
  const request = { resourceTypes: v >= 1 ? r.array(() => r.int8()) : [] };
  r.tags();
  return request;
}

function encodeResponse(w: Writer, v: number, response: ListConfigResourcesResponse): void {
  w.int32(response.throttleTimeMs);
  w.int16(response.errorCode);
  w.structs(response.configResources, ({ resourceName, resourceType }) => {
    w.string(resourceName);
    if (v >= 1) w.int8(resourceType);
  });
  w.tags();
}

function decodeResponse(r: Reader, v: number): ListConfigResourcesResponse {
  const response = {
    throttleTimeMs: r.int32(),
    errorCode: r.int16(),
    configResources: r.structs(() => ({
      resourceName: r.string(),
      resourceType: v >= 1 ? r.int8() : ConfigResourceType.clientMetrics,
    })),
  };
  r.tags();
  return response;
}
