/**
 * AddPartitionsToTxn (key 24), v0-5. Tells the transaction coordinator which partitions a transaction is about to write
 * to (KIP-98).
 *
 *   v1  throttling after the answer was sent (KIP-219)
 *   v2  may answer PRODUCER_FENCED (KIP-588)
 *   v3  flexible
 *   v4  many transactions in one request, and verify_only (KIP-890); from here on for brokers alone, which ask in the
 *       name of their producers
 *   v5  may answer TRANSACTION_ABORTABLE (KIP-890)
 *
 * In memory there is only the shape of v4: up to v3 the lists have exactly one transaction, and its id is '' in a
 * response that was decoded.
 */
import type { Api } from '../api.ts';
import { UnsupportedFieldError } from '../errors.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { onlyElement } from './only-element.ts';
import { type NamedPartitions, namedPartitions } from './topic-partitions.ts';

export interface AddPartitionsToTxnRequest {
  transactions: AddPartitionsToTxnRequestTransaction[];
}

export interface AddPartitionsToTxnRequestTransaction {
  transactionalId: string;
  producerId: bigint;
  producerEpoch: number;
  /** Only ask whether the partitions are in the transaction, and add nothing. */
  verifyOnly: boolean; // v4+
  topics: AddPartitionsToTxnRequestTopic[];
}

export type AddPartitionsToTxnRequestTopic = NamedPartitions;

export interface AddPartitionsToTxnResponse {
  throttleTimeMs: number;
  errorCode: number; // v4+
  resultsByTransaction: AddPartitionsToTxnResponseTransaction[];
}

export interface AddPartitionsToTxnResponseTransaction {
  transactionalId: string; // v4+
  topicResults: AddPartitionsToTxnResponseTopic[];
}

export interface AddPartitionsToTxnResponseTopic {
  name: string;
  resultsByPartition: AddPartitionsToTxnResponsePartition[];
}

export interface AddPartitionsToTxnResponsePartition {
  partitionIndex: number;
  partitionErrorCode: number;
}

/** Tells the transaction coordinator which partitions a transaction is about to write to (KIP-98). */
export const AddPartitionsToTxn: Api<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse> = {
  key: 24,
  name: 'AddPartitionsToTxn',
  versions: [0, 5],
  flexibleFrom: 3,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, v: number, { transactions }: AddPartitionsToTxnRequest): void {
  if (v >= 4) w.structs(transactions, (transaction) => encodeTransaction(w, v, transaction));
  else encodeTransaction(w, v, onlyElement(transactions, 'AddPartitionsToTxn', v, 'transactions'));
  w.tags();
}

/** Up to v3 its fields stand in the body itself. */
function encodeTransaction(w: Writer, v: number, transaction: AddPartitionsToTxnRequestTransaction): void {
  w.string(transaction.transactionalId);
  w.int64(transaction.producerId);
  w.int16(transaction.producerEpoch);
  if (v >= 4) w.bool(transaction.verifyOnly);
  else if (transaction.verifyOnly) throw new UnsupportedFieldError('AddPartitionsToTxn', v, 'verifyOnly');
  w.structs(transaction.topics, (topic) => namedPartitions.encode(w, topic));
}

function decodeRequest(r: Reader, v: number): AddPartitionsToTxnRequest {
  const transactions = v >= 4 ? r.structs(() => decodeTransaction(r, v)) : [decodeTransaction(r, v)];
  r.tags();
  return { transactions };
}

function decodeTransaction(r: Reader, v: number): AddPartitionsToTxnRequestTransaction {
  return {
    transactionalId: r.string(),
    producerId: r.int64(),
    producerEpoch: r.int16(),
    verifyOnly: v >= 4 ? r.bool() : false,
    topics: r.structs(() => namedPartitions.decode(r)),
  };
}

function encodeResponse(w: Writer, v: number, response: AddPartitionsToTxnResponse): void {
  const results = response.resultsByTransaction;
  w.int32(response.throttleTimeMs);
  if (v >= 4) w.int16(response.errorCode);
  if (v >= 4) w.structs(results, (result) => encodeResult(w, v, result));
  else encodeResult(w, v, onlyElement(results, 'AddPartitionsToTxn', v, 'results'));
  w.tags();
}

function encodeResult(w: Writer, v: number, result: AddPartitionsToTxnResponseTransaction): void {
  if (v >= 4) w.string(result.transactionalId);
  w.structs(result.topicResults, ({ name, resultsByPartition }) => {
    w.string(name);
    w.structs(resultsByPartition, ({ partitionIndex, partitionErrorCode }) => {
      w.int32(partitionIndex);
      w.int16(partitionErrorCode);
    });
  });
}

function decodeResponse(r: Reader, v: number): AddPartitionsToTxnResponse {
  const response = {
    throttleTimeMs: r.int32(),
    errorCode: v >= 4 ? r.int16() : 0,
    resultsByTransaction: v >= 4 ? r.structs(() => decodeResult(r, v)) : [decodeResult(r, v)],
  };
  r.tags();
  return response;
}

function decodeResult(r: Reader, v: number): AddPartitionsToTxnResponseTransaction {
  return {
    transactionalId: v >= 4 ? r.string() : '',
    topicResults: r.structs(() => ({
      name: r.string(),
      resultsByPartition: r.structs(() => ({ partitionIndex: r.int32(), partitionErrorCode: r.int16() })),
    })),
  };
}
