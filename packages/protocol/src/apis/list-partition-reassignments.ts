/**
 * ListPartitionReassignments (key 46), v0. The moves of partitions that go on (KIP-455); to be sent to the controller.
 * Brokers without ZooKeeper pass it on.
 *
 *   v0  flexible
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type Outcome, outcome } from './outcome.ts';
import { type PartitionIndexes, partitionIndexes } from './topic-partitions.ts';

export interface ListPartitionReassignmentsRequest {
  timeoutMs: number; // after which the answer is REQUEST_TIMED_OUT, done or not
  topics: ListPartitionReassignmentsRequestTopic[] | null; // null: all
}

export type ListPartitionReassignmentsRequestTopic = PartitionIndexes;

export interface ListPartitionReassignmentsResponse extends Outcome {
  topics: ListPartitionReassignmentsResponseTopic[];
}

export interface ListPartitionReassignmentsResponseTopic {
  name: string;
  partitions: ListPartitionReassignmentsResponsePartition[];
}

export interface ListPartitionReassignmentsResponsePartition {
  partitionIndex: number;
  replicas: number[]; // with those that are added and those that are removed
  addingReplicas: number[];
  removingReplicas: number[];
}

/** The moves of partitions that go on (KIP-455); to be sent to the controller. */
export const ListPartitionReassignments: Api<ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse> = {
  key: 46,
  name: 'ListPartitionReassignments',
  versions: [0, 0],
  flexibleFrom: 0,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, _v: number, request: ListPartitionReassignmentsRequest): void {
  w.int32(request.timeoutMs);
  w.nullableStructs(request.topics, (topic) => partitionIndexes.encode(w, topic));
  w.tags();
}

function decodeRequest(r: Reader): ListPartitionReassignmentsRequest {
  const request = {
    timeoutMs: r.int32(),
    topics: r.nullableStructs(() => partitionIndexes.decode(r)),
  };
  r.tags();
  return request;
}

function encodeResponse(w: Writer, _v: number, response: ListPartitionReassignmentsResponse): void {
  outcome.encode(w, response);
  w.structs(response.topics, (topic) => {
    w.string(topic.name);
    w.structs(topic.partitions, (partition) => encodeMove(w, partition));
  });
  w.tags();
}

function encodeMove(w: Writer, partition: ListPartitionReassignmentsResponsePartition): void {
  w.int32(partition.partitionIndex);
  for (const brokerIds of [partition.replicas, partition.addingReplicas, partition.removingReplicas]) {
    w.array(brokerIds, (brokerId) => w.int32(brokerId));
  }
}

function decodeResponse(r: Reader): ListPartitionReassignmentsResponse {
  const response = {
    ...outcome.decode(r),
    topics: r.structs(() => ({ name: r.string(), partitions: r.structs(() => decodeMove(r)) })),
  };
  r.tags();
  return response;
}

function decodeMove(r: Reader): ListPartitionReassignmentsResponsePartition {
  const brokerIds = (): number[] => r.array(() => r.int32());
  return {
    partitionIndex: r.int32(),
    replicas: brokerIds(),
    addingReplicas: brokerIds(),
    removingReplicas: brokerIds(),
  };
}
