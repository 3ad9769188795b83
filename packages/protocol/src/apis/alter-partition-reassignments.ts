/**
 * AlterPartitionReassignments (key 45), v0-1. Moves partitions to other brokers, or cancels such a move (KIP-455); to
 * be sent to the controller. Brokers without ZooKeeper pass it on.
 *
 *   v0  flexible
 *   v1  allow_replication_factor_change (KIP-860)
 */
import type { Api } from '../api.ts';
import { UnsupportedFieldError } from '../errors.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type PartitionOutcome, partitionOutcome } from './partition-error.ts';

export interface AlterPartitionReassignmentsRequest {
  timeoutMs: number; // after which the answer is REQUEST_TIMED_OUT, done or not
  allowReplicationFactorChange: boolean; // v1+; up to v0 it is always allowed
  topics: AlterPartitionReassignmentsRequestTopic[];
}

export interface AlterPartitionReassignmentsRequestTopic {
  name: string;
  partitions: AlterPartitionReassignmentsRequestPartition[];
}

export interface AlterPartitionReassignmentsRequestPartition {
  partitionIndex: number;
  replicas: number[] | null; // null: cancel the move that goes on
}

export interface AlterPartitionReassignmentsResponse {
  throttleTimeMs: number;
  allowReplicationFactorChange: boolean; // v1+
  errorCode: number;
  errorMessage: string | null;
  responses: AlterPartitionReassignmentsResponseResponse[];
}

export interface AlterPartitionReassignmentsResponseResponse {
  name: string;
  partitions: AlterPartitionReassignmentsResponsePartition[];
}

export type AlterPartitionReassignmentsResponsePartition = PartitionOutcome;

/** Moves partitions to other brokers, or cancels such a move (KIP-455); to be sent to the controller. */
export const AlterPartitionReassignments: Api<AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse> =
  {
    key: 45,
    name: 'AlterPartitionReassignments',
    versions: [0, 1],
    flexibleFrom: 0,
    request: { encode: encodeRequest, decode: decodeRequest },
    response: { encode: encodeResponse, decode: decodeResponse },
  };

function encodeRequest(w: Writer, v: number, request: AlterPartitionReassignmentsRequest): void {
  w.int32(request.timeoutMs);
  if (v >= 1) w.bool(request.allowReplicationFactorChange);
  else if (!request.allowReplicationFactorChange) {
    throw new UnsupportedFieldError('AlterPartitionReassignments', v, 'allowReplicationFactorChange: false');
  }
  w.structs(request.topics, (topic) => {
    w.string(topic.name);
    w.structs(topic.partitions, ({ partitionIndex, replicas }) => {
      w.int32(partitionIndex);
      w.nullableArray(replicas, (brokerId) => w.int32(brokerId));
    });
  });
  w.tags();
}

function decodeRequest(r: Reader, v: number): AlterPartitionReassignmentsRequest {
  const request = {
    timeoutMs: r.int32(),
    allowReplicationFactorChange: v >= 1 ? r.bool() : true,
    topics: r.structs(() => ({
      name: r.string(),
      partitions: r.structs(() => ({ partitionIndex: r.int32(), replicas: r.nullableArray(() => r.int32()) })),
    })),
  };
  r.tags();
  return request;
}

function encodeResponse(w: Writer, v: number, response: AlterPartitionReassignmentsResponse): void {
  w.int32(response.throttleTimeMs);
  if (v >= 1) w.bool(response.allowReplicationFactorChange);
  w.int16(response.errorCode);
  w.nullableString(response.errorMessage);
  w.structs(response.responses, (topic) => {
    w.string(topic.name);
    w.structs(topic.partitions, (partition) => partitionOutcome.encode(w, partition));
  });
  w.tags();
}

function decodeResponse(r: Reader, v: number): AlterPartitionReassignmentsResponse {
  const response = {
    throttleTimeMs: r.int32(),
    allowReplicationFactorChange: v >= 1 ? r.bool() : true,
    errorCode: r.int16(),
    errorMessage: r.nullableString(),
    responses: r.structs(() => ({ name: r.string(), partitions: r.structs(() => partitionOutcome.decode(r)) })),
  };
  r.tags();
  return response;
}
