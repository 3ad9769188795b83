/**
 * OffsetForLeaderEpoch (key 23), v0-4. Where an epoch of a partition's leadership ended: whoever read past that offset
 * has read records that are lost (KIP-101). Answered by the leader of each partition.
 *
 *   v1  leader_epoch in the response: the newest one that is not above the asked one (KIP-279)
 *   v2  current_leader_epoch; throttle_time_ms in the response (KIP-320)
 *   v3  replica_id, as consumers ask too (KIP-392)
 *   v4  flexible
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

export interface OffsetForLeaderEpochRequest {
  replicaId: number; // v3+; -1: a consumer, -2: not told; ignorable
  topics: OffsetForLeaderEpochRequestTopic[];
}

export interface OffsetForLeaderEpochRequestTopic {
  topic: string;
  partitions: OffsetForLeaderEpochRequestPartition[];
}

export interface OffsetForLeaderEpochRequestPartition {
  partition: number;
  /** For fencing: the epoch the asker believes to be the current one; ignorable. */
  currentLeaderEpoch: number; // v2+; -1: not told
  leaderEpoch: number; // whose end is asked for
}

export interface OffsetForLeaderEpochResponse {
  throttleTimeMs: number; // v2+
  topics: OffsetForLeaderEpochResponseTopic[];
}

export interface OffsetForLeaderEpochResponseTopic {
  topic: string;
  partitions: OffsetForLeaderEpochResponsePartition[];
}

export interface OffsetForLeaderEpochResponsePartition {
  errorCode: number;
  partition: number;
  leaderEpoch: number; // v1+; -1: unknown
  endOffset: bigint; // -1: unknown
}

/**
 * Where an epoch of a partition's leadership ended: whoever read past that offset has read records that are lost
 * (KIP-101).
 */
export const OffsetForLeaderEpoch: Api<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse> = {
  key: 23,
  name: 'OffsetForLeaderEpoch',
  versions: [0, 4],
  flexibleFrom: 4,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, v: number, request: OffsetForLeaderEpochRequest): void {
  if (v >= 3) w.int32(request.replicaId);
  w.structs(request.topics, ({ topic, partitions }) => {
    w.string(topic);
    w.structs(partitions, ({ partition, currentLeaderEpoch, leaderEpoch }) => {
      w.int32(partition);
      if (v >= 2) w.int32(currentLeaderEpoch);
      w.int32(leaderEpoch);
    });
  });
  w.tags();
}

function decodeRequest(r: Reader, v: number): OffsetForLeaderEpochRequest {
  const request = {
    replicaId: v >= 3 ? r.int32() : -2,
    topics: r.structs(() => ({
      topic: r.string(),
      partitions: r.structs(() => ({
        partition: r.int32(),
        currentLeaderEpoch: v >= 2 ? r.int32() : -1,
        leaderEpoch: r.int32(),
      })),
    })),
  };
  r.tags();
  return request;
}

function encodeResponse(w: Writer, v: number, response: OffsetForLeaderEpochResponse): void {
  if (v >= 2) w.int32(response.throttleTimeMs);
  w.structs(response.topics, ({ topic, partitions }) => {
    w.string(topic);
    w.structs(partitions, (end) => encodeEnd(w, v, end));
  });
  w.tags();
}

function encodeEnd(w: Writer, v: number, end: OffsetForLeaderEpochResponsePartition): void {
  w.int16(end.errorCode);
  w.int32(end.partition);
  if (v >= 1) w.int32(end.leaderEpoch);
  w.int64(end.endOffset);
}

function decodeResponse(r: Reader, v: number): OffsetForLeaderEpochResponse {
  const response = {
    throttleTimeMs: v >= 2 ? r.int32() : 0,
    topics: r.structs(() => ({ topic: r.string(), partitions: r.structs(() => decodeEnd(r, v)) })),
  };
  r.tags();
  return response;
}

function decodeEnd(r: Reader, v: number): OffsetForLeaderEpochResponsePartition {
  return {
    errorCode: r.int16(),
    partition: r.int32(),
    leaderEpoch: v >= 1 ? r.int32() : -1,
    endOffset: r.int64(),
  };
}
