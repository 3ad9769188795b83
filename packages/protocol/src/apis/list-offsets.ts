/**
 * ListOffsets (key 2), v0-11. The first or last offset of a partition, or the one at a time; answered by the leader of
 * each partition.
 *
 *   v1  one offset with its timestamp in place of a list; max_num_offsets is gone (KIP-79)
 *   v2  isolation_level (KIP-98); throttle_time_ms in the response (KIP-124)
 *   v3  throttling after the answer was sent (KIP-219)
 *   v4  current_leader_epoch, leader_epoch (KIP-320)
 *   v5  may answer OFFSET_NOT_AVAILABLE (KIP-207)
 *   v6  flexible
 *   v7  timestamp -3: the record with the largest timestamp (KIP-734)
 *   v8  -4: earliest local offset (KIP-405)
 *   v9  -5: latest tiered offset (KIP-1005)
 *   v10 timeout_ms (KIP-1075)
 *   v11 -6: earliest offset not yet uploaded (KIP-1023)
 */
import type { Api } from '../api.ts';
import { IsolationLevel } from '../constants.ts';
import { UnsupportedFieldError } from '../errors.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

export interface ListOffsetsRequest {
  replicaId: number; // -1: a consumer
  isolationLevel: number; // v2+; IsolationLevel
  topics: ListOffsetsRequestTopic[];
  timeoutMs: number; // v10+; for what has to be looked up in remote storage
}

export interface ListOffsetsRequestTopic {
  name: string;
  partitions: ListOffsetsRequestPartition[];
}

export interface ListOffsetsRequestPartition {
  partitionIndex: number;
  currentLeaderEpoch: number; // v4+; -1: do not check
  timestamp: bigint; // SpecialTimestamp or milliseconds
  maxNumOffsets: number; // v0; 1 above it
}

export interface ListOffsetsResponse {
  throttleTimeMs: number; // v2+
  topics: ListOffsetsResponseTopic[];
}

export interface ListOffsetsResponseTopic {
  name: string;
  partitions: ListOffsetsResponsePartition[];
}

export interface ListOffsetsResponsePartition {
  partitionIndex: number;
  errorCode: number;
  oldStyleOffsets: bigint[]; // v0
  timestamp: bigint; // v1+; of the record at the offset, -1: none or not asked for
  offset: bigint; // v1+; -1: no record at or after the time
  leaderEpoch: number; // v4+; of the record at the offset, -1: unknown
}

/** The first or last offset of a partition, or the one at a time; answered by the leader of each partition. */
export const ListOffsets: Api<ListOffsetsRequest, ListOffsetsResponse> = {
  key: 2,
  name: 'ListOffsets',
  versions: [0, 11],
  flexibleFrom: 6,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, v: number, request: ListOffsetsRequest): void {
  w.int32(request.replicaId);
  if (v >= 2) w.int8(request.isolationLevel);
  else if (request.isolationLevel !== IsolationLevel.readUncommitted) {
    throw new UnsupportedFieldError('ListOffsets', v, 'isolationLevel');
  }
  w.structs(request.topics, (topic) => {
    w.string(topic.name);
    w.structs(topic.partitions, (partition) => encodeRequestPartition(w, v, partition));
  });
  if (v >= 10) w.int32(request.timeoutMs);
  w.tags();
}

function encodeRequestPartition(w: Writer, v: number, partition: ListOffsetsRequestPartition): void {
  w.int32(partition.partitionIndex);
  if (v >= 4) w.int32(partition.currentLeaderEpoch);
  w.int64(partition.timestamp);
  if (v === 0) w.int32(partition.maxNumOffsets);
  else if (partition.maxNumOffsets !== 1) throw new UnsupportedFieldError('ListOffsets', v, 'maxNumOffsets');
}

function decodeRequest(r: Reader, v: number): ListOffsetsRequest {
  const request = {
    replicaId: r.int32(),
    isolationLevel: v >= 2 ? r.int8() : IsolationLevel.readUncommitted,
    topics: r.structs(() => ({ name: r.string(), partitions: r.structs(() => decodeRequestPartition(r, v)) })),
    timeoutMs: v >= 10 ? r.int32() : 0,
  };
  r.tags();
  return request;
}

function decodeRequestPartition(r: Reader, v: number): ListOffsetsRequestPartition {
  return {
    partitionIndex: r.int32(),
    currentLeaderEpoch: v >= 4 ? r.int32() : -1,
    timestamp: r.int64(),
    maxNumOffsets: v === 0 ? r.int32() : 1,
  };
}

function encodeResponse(w: Writer, v: number, response: ListOffsetsResponse): void {
  if (v >= 2) w.int32(response.throttleTimeMs);
  w.structs(response.topics, (topic) => {
    w.string(topic.name);
    w.structs(topic.partitions, (partition) => encodeResponsePartition(w, v, partition));
  });
  w.tags();
}

function encodeResponsePartition(w: Writer, v: number, partition: ListOffsetsResponsePartition): void {
  w.int32(partition.partitionIndex);
  w.int16(partition.errorCode);
  if (v === 0) w.array(partition.oldStyleOffsets, (offset) => w.int64(offset));
  if (v >= 1) w.int64(partition.timestamp);
  if (v >= 1) w.int64(partition.offset);
  if (v >= 4) w.int32(partition.leaderEpoch);
}

function decodeResponse(r: Reader, v: number): ListOffsetsResponse {
  const response = {
    throttleTimeMs: v >= 2 ? r.int32() : 0,
    topics: r.structs(() => ({ name: r.string(), partitions: r.structs(() => decodeResponsePartition(r, v)) })),
  };
  r.tags();
  return response;
}

function decodeResponsePartition(r: Reader, v: number): ListOffsetsResponsePartition {
  return {
    partitionIndex: r.int32(),
    errorCode: r.int16(),
    oldStyleOffsets: v === 0 ? r.array(() => r.int64()) : [],
    timestamp: v >= 1 ? r.int64() : -1n,
    offset: v >= 1 ? r.int64() : -1n,
    leaderEpoch: v >= 4 ? r.int32() : -1,
  };
}
