/**
 * OffsetDelete (key 47), v0. Deletes offsets that a group has committed, of topics that none of its members reads
 * (KIP-496); to be sent to the group's coordinator.
 *
 *   v0  never flexible; error_code stands before throttle_time_ms
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type PartitionError, partitionError } from './partition-error.ts';

export interface OffsetDeleteRequest {
  groupId: string;
  topics: OffsetDeleteRequestTopic[];
}

export interface OffsetDeleteRequestTopic {
  name: string;
  partitions: OffsetDeleteRequestPartition[];
}

export interface OffsetDeleteRequestPartition {
  partitionIndex: number;
}

export interface OffsetDeleteResponse {
  errorCode: number;
  throttleTimeMs: number;
  topics: OffsetDeleteResponseTopic[];
}

export interface OffsetDeleteResponseTopic {
  name: string;
  partitions: PartitionError[]; // GROUP_SUBSCRIBED_TO_TOPIC: a member still reads the topic
}

/**
 * Deletes offsets that a group has committed, of topics that none of its members reads (KIP-496); to be sent to the
 * group's coordinator.
 */
export const OffsetDelete: Api<OffsetDeleteRequest, OffsetDeleteResponse> = {
  key: 47,
  name: 'OffsetDelete',
  versions: [0, 0],
  flexibleFrom: null,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, _v: number, request: OffsetDeleteRequest): void {
  w.string(request.groupId);
  w.structs(request.topics, ({ name, partitions }) => {
    w.string(name);
    w.structs(partitions, ({ partitionIndex }) => w.int32(partitionIndex));
  });
  w.tags();
}

function decodeRequest(r: Reader): OffsetDeleteRequest {
  const request = {
    groupId: r.string(),
    topics: r.structs(() => ({ name: r.string(), partitions: r.structs(() => ({ partitionIndex: r.int32() })) })),
  };
  r.tags();
  return request;
}

function encodeResponse(w: Writer, _v: number, response: OffsetDeleteResponse): void {
  w.int16(response.errorCode);
  w.int32(response.throttleTimeMs);
  w.structs(response.topics, ({ name, partitions }) => {
    w.string(name);
    w.structs(partitions, (partition) => partitionError.encode(w, partition));
  });
  w.tags();
}

function decodeResponse(r: Reader): OffsetDeleteResponse {
  const response = {
    errorCode: r.int16(),
    throttleTimeMs: r.int32(),
    topics: r.structs(() => ({ name: r.string(), partitions: r.structs(() => partitionError.decode(r)) })),
  };
  r.tags();
  return response;
}
