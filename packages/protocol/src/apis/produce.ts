/**
 * Produce (key 0), v0-13. Appends records to partitions; their leaders answer. The only request that may have no
 * answer (`acks` 0).
 *
 *   v1  throttle_time_ms, at the end of the response (KIP-13)
 *   v2  log_append_time_ms; records of magic 1 (KIP-32)
 *   v3  transactional_id; exactly one batch of magic 2 for each partition (KIP-98)
 *   v4  may answer KAFKA_STORAGE_ERROR (KIP-112)
 *   v5  log_start_offset in the response
 *   v6  throttling after the answer was sent (KIP-219)
 *   v7  records may be compressed with zstd (KIP-110)
 *   v8  record_errors and error_message (KIP-467)
 *   v9  flexible
 *   v10 current_leader and node_endpoints, tagged (KIP-951)
 *   v11 may answer TRANSACTION_ABORTABLE (KIP-890)
 *   v12 adds the partition to the transaction by itself (KIP-890)
 *   v13 topic_id in place of the name (KIP-516)
 */
import type { Api } from '../api.ts';
import { UnsupportedFieldError } from '../errors.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type CurrentLeader, currentLeader, NO_LEADER, type NodeEndpoint, nodeEndpoints } from './leader-hints.ts';
import { topicReference } from './topic-reference.ts';

export interface ProduceRequest {
  transactionalId: string | null; // v3+
  acks: number; // Acks
  timeoutMs: number; // for the replicas to follow, if all have to
  topicData: ProduceRequestTopic[];
}

export interface ProduceRequestTopic {
  name: string; // v0-12
  topicId: string; // v13+
  partitionData: ProduceRequestPartition[];
}

export interface ProduceRequestPartition {
  index: number;
  records: Buffer | null; // one record batch; below v3 a message set
}

export interface ProduceResponse {
  responses: ProduceResponseTopic[];
  throttleTimeMs: number; // v1+
  nodeEndpoints: NodeEndpoint[]; // v10+, tag 0
}

export interface ProduceResponseTopic {
  name: string; // v0-12
  topicId: string; // v13+
  partitionResponses: ProduceResponsePartition[];
}

export interface ProduceResponsePartition {
  index: number;
  errorCode: number;
  baseOffset: bigint; // -1 with an error
  logAppendTimeMs: bigint; // v2+; -1: the records keep the time of their creation
  logStartOffset: bigint; // v5+; -1: unknown
  recordErrors: ProduceResponseRecordError[]; // v8+
  errorMessage: string | null; // v8+
  currentLeader: CurrentLeader; // v10+, tag 0
}

export interface ProduceResponseRecordError {
  batchIndex: number; // of the record within the batch
  batchIndexErrorMessage: string | null;
}

/** Appends records to partitions; their leaders answer. */
export const Produce: Api<ProduceRequest, ProduceResponse> = {
  key: 0,
  name: 'Produce',
  versions: [0, 13],
  flexibleFrom: 9,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, v: number, request: ProduceRequest): void {
  if (v >= 3) w.nullableString(request.transactionalId);
  else if (request.transactionalId !== null) throw new UnsupportedFieldError('Produce', v, 'transactionalId');
  w.int16(request.acks);
  w.int32(request.timeoutMs);
  w.structs(request.topicData, (topic) => {
    topicReference.encode(w, 'Produce', v, v >= 13, topic);
    w.structs(topic.partitionData, (partition) => {
      w.int32(partition.index);
      w.nullableBytes(partition.records);
    });
  });
  w.tags();
}

function decodeRequest(r: Reader, v: number): ProduceRequest {
  const request = {
    transactionalId: v >= 3 ? r.nullableString() : null,
    acks: r.int16(),
    timeoutMs: r.int32(),
    topicData: r.structs(() => ({
      ...topicReference.decode(r, v >= 13),
      partitionData: r.structs(() => ({ index: r.int32(), records: r.nullableBytes() })),
    })),
  };
  r.tags();
  return request;
}

function encodeResponse(w: Writer, v: number, response: ProduceResponse): void {
  w.structs(response.responses, (topic) => {
    topicReference.encode(w, 'Produce', v, v >= 13, topic);
    w.structs(topic.partitionResponses, (partition) => encodePartition(w, v, partition));
  });
  if (v >= 1) w.int32(response.throttleTimeMs);
  w.tags(v >= 10 ? nodeEndpoints.tagged(0, response.nodeEndpoints) : null);
}

function encodePartition(w: Writer, v: number, partition: ProduceResponsePartition): void {
  w.int32(partition.index);
  w.int16(partition.errorCode);
  w.int64(partition.baseOffset);
  if (v >= 2) w.int64(partition.logAppendTimeMs);
  if (v >= 5) w.int64(partition.logStartOffset);
  if (v >= 8) {
    w.structs(partition.recordErrors, (error) => {
      w.int32(error.batchIndex);
      w.nullableString(error.batchIndexErrorMessage);
    });
    w.nullableString(partition.errorMessage);
  }
  w.tags(v >= 10 ? currentLeader.tagged(0, partition.currentLeader) : null);
}

function decodeResponse(r: Reader, v: number): ProduceResponse {
  const response: ProduceResponse = {
    responses: r.structs(() => ({
      ...topicReference.decode(r, v >= 13),
      partitionResponses: r.structs(() => decodePartition(r, v)),
    })),
    throttleTimeMs: v >= 1 ? r.int32() : 0,
    nodeEndpoints: [],
  };
  r.tags((tag, field) => {
    if (v < 10 || tag !== 0) return false;
    response.nodeEndpoints = nodeEndpoints.decode(field);
    return true;
  });
  return response;
}

function decodePartition(r: Reader, v: number): ProduceResponsePartition {
  const partition: ProduceResponsePartition = {
    index: r.int32(),
    errorCode: r.int16(),
    baseOffset: r.int64(),
    logAppendTimeMs: v >= 2 ? r.int64() : -1n,
    logStartOffset: v >= 5 ? r.int64() : -1n,
    recordErrors: v >= 8 ? r.structs(() => decodeRecordError(r)) : [],
    errorMessage: v >= 8 ? r.nullableString() : null,
    currentLeader: NO_LEADER,
  };
  r.tags((tag, field) => {
    if (v < 10 || tag !== 0) return false;
    partition.currentLeader = currentLeader.decode(field);
    return true;
  });
  return partition;
}

function decodeRecordError(r: Reader): ProduceResponseRecordError {
  return { batchIndex: r.int32(), batchIndexErrorMessage: r.nullableString() };
}
