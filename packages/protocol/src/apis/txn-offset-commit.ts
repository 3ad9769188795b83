/**
 * TxnOffsetCommit (key 28), v0-6. Offsets of a group that count from the moment a transaction is committed (KIP-98); to
 * be sent to the coordinator of the group, not of the transaction.
 *
 *   v1  throttling after the answer was sent (KIP-219)
 *   v2  committed_leader_epoch (KIP-320)
 *   v3  flexible; generation, member and instance: a member that has lost its place is fenced (KIP-447)
 *   v4  may answer TRANSACTION_ABORTABLE (KIP-890)
 *   v5  adds the offsets to the transaction too, if transaction.version is 2: no AddOffsetsToTxn before it (KIP-890)
 *   v6  topic_id in place of the name (KIP-1319)
 */
import type { Api } from '../api.ts';
import { UnsupportedFieldError } from '../errors.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type PartitionError, partitionError } from './partition-error.ts';
import { topicReference } from './topic-reference.ts';

export interface TxnOffsetCommitRequest {
  transactionalId: string;
  groupId: string;
  producerId: bigint;
  producerEpoch: number;
  generationId: number; // v3+; -1: no membership
  memberId: string; // v3+
  groupInstanceId: string | null; // v3+
  topics: TxnOffsetCommitRequestTopic[];
}

export interface TxnOffsetCommitRequestTopic {
  name: string; // v0-5
  topicId: string; // v6+
  partitions: TxnOffsetCommitRequestPartition[];
}

export interface TxnOffsetCommitRequestPartition {
  partitionIndex: number;
  committedOffset: bigint;
  committedLeaderEpoch: number; // v2+; -1: unknown; ignorable
  committedMetadata: string | null;
}

export interface TxnOffsetCommitResponse {
  throttleTimeMs: number;
  topics: TxnOffsetCommitResponseTopic[];
}

export interface TxnOffsetCommitResponseTopic {
  name: string; // v0-5
  topicId: string; // v6+
  partitions: TxnOffsetCommitResponsePartition[];
}

export type TxnOffsetCommitResponsePartition = PartitionError;

/**
 * Offsets of a group that count from the moment a transaction is committed (KIP-98); to be sent to the coordinator of
 * the group, not of the transaction.
 */
export const TxnOffsetCommit: Api<TxnOffsetCommitRequest, TxnOffsetCommitResponse> = {
  key: 28,
  name: 'TxnOffsetCommit',
  versions: [0, 6],
  flexibleFrom: 3,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, v: number, request: TxnOffsetCommitRequest): void {
  w.string(request.transactionalId);
  w.string(request.groupId);
  w.int64(request.producerId);
  w.int16(request.producerEpoch);
  encodeMembership(w, v, request);
  w.structs(request.topics, (topic) => {
    topicReference.encode(w, 'TxnOffsetCommit', v, v >= 6, topic);
    w.structs(topic.partitions, (partition) => encodePartition(w, v, partition));
  });
  w.tags();
}

/** Leaving it out would turn off the fencing that was asked for. */
function encodeMembership(w: Writer, v: number, request: TxnOffsetCommitRequest): void {
  const { generationId, memberId, groupInstanceId } = request;
  if (v >= 3) {
    w.int32(generationId);
    w.string(memberId);
    w.nullableString(groupInstanceId);
    return;
  }
  if (generationId !== -1) throw new UnsupportedFieldError('TxnOffsetCommit', v, 'generationId');
  if (memberId !== '') throw new UnsupportedFieldError('TxnOffsetCommit', v, 'memberId');
  if (groupInstanceId !== null) throw new UnsupportedFieldError('TxnOffsetCommit', v, 'groupInstanceId');
}

function encodePartition(w: Writer, v: number, partition: TxnOffsetCommitRequestPartition): void {
  w.int32(partition.partitionIndex);
  w.int64(partition.committedOffset);
  if (v >= 2) w.int32(partition.committedLeaderEpoch);
  w.nullableString(partition.committedMetadata);
}

function decodeRequest(r: Reader, v: number): TxnOffsetCommitRequest {
  const request = {
    transactionalId: r.string(),
    groupId: r.string(),
    producerId: r.int64(),
    producerEpoch: r.int16(),
    generationId: v >= 3 ? r.int32() : -1,
    memberId: v >= 3 ? r.string() : '',
    groupInstanceId: v >= 3 ? r.nullableString() : null,
    topics: r.structs(() => decodeTopic(r, v)),
  };
  r.tags();
  return request;
}

function decodeTopic(r: Reader, v: number): TxnOffsetCommitRequestTopic {
  return {
    ...topicReference.decode(r, v >= 6),
    partitions: r.structs(() => decodePartition(r, v)),
  };
}

function decodePartition(r: Reader, v: number): TxnOffsetCommitRequestPartition {
  return {
    partitionIndex: r.int32(),
    committedOffset: r.int64(),
    committedLeaderEpoch: v >= 2 ? r.int32() : -1,
    committedMetadata: r.nullableString(),
  };
}

function encodeResponse(w: Writer, v: number, response: TxnOffsetCommitResponse): void {
  w.int32(response.throttleTimeMs);
  w.structs(response.topics, (topic) => encodeCommitted(w, v, topic));
  w.tags();
}

function encodeCommitted(w: Writer, v: number, topic: TxnOffsetCommitResponseTopic): void {
  topicReference.encode(w, 'TxnOffsetCommit', v, v >= 6, topic);
  w.structs(topic.partitions, (partition) => partitionError.encode(w, partition));
}

function decodeResponse(r: Reader, v: number): TxnOffsetCommitResponse {
  const response = { throttleTimeMs: r.int32(), topics: r.structs(() => decodeCommitted(r, v)) };
  r.tags();
  return response;
}

function decodeCommitted(r: Reader, v: number): TxnOffsetCommitResponseTopic {
  return {
    ...topicReference.decode(r, v >= 6),
    partitions: r.structs(() => partitionError.decode(r)),
  };
}
