/**
 * DescribeProducers (key 61), v0. The idempotent and transactional producers that a partition remembers, to find
 * transactions that hang (KIP-664); to be sent to the leader of the partition.
 *
 *   v0  flexible
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type PartitionOutcome, partitionOutcome } from './partition-error.ts';
import { type PartitionIndexes, partitionIndexes } from './topic-partitions.ts';

export interface DescribeProducersRequest {
  topics: DescribeProducersRequestTopic[];
}

export type DescribeProducersRequestTopic = PartitionIndexes;

export interface DescribeProducersResponse {
  throttleTimeMs: number;
  topics: DescribeProducersResponseTopic[];
}

export interface DescribeProducersResponseTopic {
  name: string;
  partitions: DescribeProducersResponsePartition[];
}

export interface DescribeProducersResponsePartition extends PartitionOutcome {
  activeProducers: DescribeProducersResponseProducer[];
}

export interface DescribeProducersResponseProducer {
  producerId: bigint;
  producerEpoch: number; // an int32 here, an int16 everywhere else
  lastSequence: number; // -1: none
  lastTimestamp: bigint; // milliseconds; -1: none
  coordinatorEpoch: number;
  currentTxnStartOffset: bigint; // -1: no transaction is open
}

/**
 * The idempotent and transactional producers that a partition remembers, to find transactions that hang (KIP-664); to
 * be sent to the leader of the partition.
 */
export const DescribeProducers: Api<DescribeProducersRequest, DescribeProducersResponse> = {
  key: 61,
  name: 'DescribeProducers',
  versions: [0, 0],
  flexibleFrom: 0,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, _v: number, request: DescribeProducersRequest): void {
  w.structs(request.topics, (topic) => partitionIndexes.encode(w, topic));
  w.tags();
}

function decodeRequest(r: Reader): DescribeProducersRequest {
  const topics = r.structs(() => partitionIndexes.decode(r));
  r.tags();
  return { topics };
}

function encodeResponse(w: Writer, _v: number, response: DescribeProducersResponse): void {
  w.int32(response.throttleTimeMs);
  w.structs(response.topics, ({ name, partitions }) => {
    w.string(name);
    w.structs(partitions, (partition) => encodePartition(w, partition));
  });
  w.tags();
}

function encodePartition(w: Writer, partition: DescribeProducersResponsePartition): void {
  partitionOutcome.encode(w, partition);
  w.structs(partition.activeProducers, (producer) => encodeProducer(w, producer));
}

function encodeProducer(w: Writer, producer: DescribeProducersResponseProducer): void {
  w.int64(producer.producerId);
  w.int32(producer.producerEpoch);
  w.int32(producer.lastSequence);
  w.int64(producer.lastTimestamp);
  w.int32(producer.coordinatorEpoch);
  w.int64(producer.currentTxnStartOffset);
}

function decodeResponse(r: Reader): DescribeProducersResponse {
  const response = {
    throttleTimeMs: r.int32(),
    topics: r.structs(() => ({ name: r.string(), partitions: r.structs(() => decodePartition(r)) })),
  };
  r.tags();
  return response;
}

function decodePartition(r: Reader): DescribeProducersResponsePartition {
  return { ...partitionOutcome.decode(r), activeProducers: r.structs(() => decodeProducer(r)) };
}

function decodeProducer(r: Reader): DescribeProducersResponseProducer {
  return {
    producerId: r.int64(),
    producerEpoch: r.int32(),
    lastSequence: r.int32(),
    lastTimestamp: r.int64(),
    coordinatorEpoch: r.int32(),
    currentTxnStartOffset: r.int64(),
  };
}
