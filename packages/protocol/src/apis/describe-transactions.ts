/**
 * DescribeTransactions (key 65), v0. The state of transactional ids (KIP-664); to be sent to the coordinator of each.
 *
 *   v0  flexible
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type TopicPartitions, topicPartitions } from './topic-partitions.ts';

export interface DescribeTransactionsRequest {
  transactionalIds: string[]; // empty: none
}

export interface DescribeTransactionsResponse {
  throttleTimeMs: number;
  transactionStates: DescribeTransactionsResponseTransactionState[];
}

export interface DescribeTransactionsResponseTransactionState {
  errorCode: number;
  transactionalId: string;
  transactionState: string; // TransactionState
  transactionTimeoutMs: number;
  transactionStartTimeMs: bigint; // -1: none is open
  producerId: bigint;
  producerEpoch: number;
  topics: TopicPartitions[]; // while it is being ended: those that have no marker yet
}

/** The state of transactional ids (KIP-664); to be sent to the coordinator of each. */
export const DescribeTransactions: Api<DescribeTransactionsRequest, DescribeTransactionsResponse> = {
  key: 65,
  name: 'DescribeTransactions',
  versions: [0, 0],
  flexibleFrom: 0,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, _v: number, request: DescribeTransactionsRequest): void {
  w.array(request.transactionalIds, (id) => w.string(id));
  w.tags();
}

function decodeRequest(r: Reader): DescribeTransactionsRequest {
  const request = { transactionalIds: r.array(() => r.string()) };
  r.tags();
  return request;
}

function encodeResponse(w: Writer, _v: number, response: DescribeTransactionsResponse): void {
  w.int32(response.throttleTimeMs);
  w.structs(response.transactionStates, (transaction) => encodeTransaction(w, transaction));
  w.tags();
}

function encodeTransaction(w: Writer, transaction: DescribeTransactionsResponseTransactionState): void {
  w.int16(transaction.errorCode);
  w.string(transaction.transactionalId);
  w.string(transaction.transactionState);
  w.int32(transaction.transactionTimeoutMs);
  w.int64(transaction.transactionStartTimeMs);
  w.int64(transaction.producerId);
  w.int16(transaction.producerEpoch);
  w.structs(transaction.topics, (topic) => topicPartitions.encode(w, topic));
}

function decodeResponse(r: Reader): DescribeTransactionsResponse {
  const response = { throttleTimeMs: r.int32(), transactionStates: r.structs(() => decodeTransaction(r)) };
  r.tags();
  return response;
}

function decodeTransaction(r: Reader): DescribeTransactionsResponseTransactionState {
  return {
    errorCode: r.int16(),
    transactionalId: r.string(),
    transactionState: r.string(),
    transactionTimeoutMs: r.int32(),
    transactionStartTimeMs: r.int64(),
    producerId: r.int64(),
    producerEpoch: r.int16(),
    topics: r.structs(() => topicPartitions.decode(r)),
  };
}
