/**
 * OffsetCommit (key 8), v0-10. Stores the offsets a group has come to; to be sent to its coordinator.
 *
 *   v1  generation and member id (v0: kept in ZooKeeper); commit_timestamp, in v1 only
 *   v2  retention_time_ms
 *   v3  throttle_time_ms in the response (KIP-124)
 *   v4  throttling after the answer was sent (KIP-219)
 *   v5  retention_time_ms is gone (KIP-211)
 *   v6  committed_leader_epoch (KIP-320)
 *   v7  group_instance_id (KIP-345)
 *   v8  flexible
 *   v9  the generation may be a member epoch of the newer groups (KIP-848)
 *   v10 topic_id in place of the name (KIP-848)
 */
import type { Api } from '../api.ts';
import { UnsupportedFieldError } from '../errors.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type PartitionError, partitionError } from './partition-error.ts';
import { topicReference } from './topic-reference.ts';

export interface OffsetCommitRequest {
  groupId: string;
  generationIdOrMemberEpoch: number; // v1+; -1: a consumer without membership
  memberId: string; // v1+
  groupInstanceId: string | null; // v7+
  retentionTimeMs: bigint; // v2-4; -1: the broker's default
  topics: OffsetCommitRequestTopic[];
}

export interface OffsetCommitRequestTopic {
  name: string; // v0-9
  topicId: string; // v10+
  partitions: OffsetCommitRequestPartition[];
}

export interface OffsetCommitRequestPartition {
  partitionIndex: number;
  committedOffset: bigint; // of the next record to read
  committedLeaderEpoch: number; // v6+; of the last record that was read, -1: unknown
  commitTimestamp: bigint; // v1; -1: the time of the commit
  committedMetadata: string | null; // whatever the committer wants to find again
}

export interface OffsetCommitResponse {
  throttleTimeMs: number; // v3+
  topics: OffsetCommitResponseTopic[];
}

export interface OffsetCommitResponseTopic {
  name: string; // v0-9
  topicId: string; // v10+
  partitions: OffsetCommitResponsePartition[];
}

export type OffsetCommitResponsePartition = PartitionError;

/** Stores the offsets a group has come to; to be sent to its coordinator. */
export const OffsetCommit: Api<OffsetCommitRequest, OffsetCommitResponse> = {
  key: 8,
  name: 'OffsetCommit',
  versions: [0, 10],
  flexibleFrom: 8,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, v: number, request: OffsetCommitRequest): void {
  w.string(request.groupId);
  if (v >= 1) w.int32(request.generationIdOrMemberEpoch);
  if (v >= 1) w.string(request.memberId);
  if (v >= 7) w.nullableString(request.groupInstanceId);
  else if (request.groupInstanceId !== null) throw new UnsupportedFieldError('OffsetCommit', v, 'groupInstanceId');
  if (v >= 2 && v <= 4) w.int64(request.retentionTimeMs);
  w.structs(request.topics, (topic) => {
    topicReference.encode(w, 'OffsetCommit', v, v >= 10, topic);
    w.structs(topic.partitions, (partition) => encodePartition(w, v, partition));
  });
  w.tags();
}

function encodePartition(w: Writer, v: number, partition: OffsetCommitRequestPartition): void {
  w.int32(partition.partitionIndex);
  w.int64(partition.committedOffset);
  if (v >= 6) w.int32(partition.committedLeaderEpoch);
  if (v === 1) w.int64(partition.commitTimestamp);
  else if (partition.commitTimestamp !== -1n) throw new UnsupportedFieldError('OffsetCommit', v, 'commitTimestamp');
  w.nullableString(partition.committedMetadata);
}

function decodeRequest(r: Reader, v: number): OffsetCommitRequest {
  const request = {
    groupId: r.string(),
    generationIdOrMemberEpoch: v >= 1 ? r.int32() : -1,
    memberId: v >= 1 ? r.string() : '',
    groupInstanceId: v >= 7 ? r.nullableString() : null,
    retentionTimeMs: v >= 2 && v <= 4 ? r.int64() : -1n,
    topics: r.structs(() => ({
      ...topicReference.decode(r, v >= 10),
      partitions: r.structs(() => decodePartition(r, v)),
    })),
  };
  r.tags();
  return request;
}

function decodePartition(r: Reader, v: number): OffsetCommitRequestPartition {
  return {
    partitionIndex: r.int32(),
    committedOffset: r.int64(),
    committedLeaderEpoch: v >= 6 ? r.int32() : -1,
    commitTimestamp: v === 1 ? r.int64() : -1n,
    committedMetadata: r.nullableString(),
  };
}

function encodeResponse(w: Writer, v: number, response: OffsetCommitResponse): void {
  if (v >= 3) w.int32(response.throttleTimeMs);
  w.structs(response.topics, (topic) => {
    topicReference.encode(w, 'OffsetCommit', v, v >= 10, topic);
    w.structs(topic.partitions, (partition) => partitionError.encode(w, partition));
  });
  w.tags();
}

function decodeResponse(r: Reader, v: number): OffsetCommitResponse {
  const response = {
    throttleTimeMs: v >= 3 ? r.int32() : 0,
    topics: r.structs(() => ({
      ...topicReference.decode(r, v >= 10),
      partitions: r.structs(() => partitionError.decode(r)),
    })),
  };
  r.tags();
  return response;
}
