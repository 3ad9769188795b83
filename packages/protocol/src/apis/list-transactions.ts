/**
 * ListTransactions (key 66), v0-2. The transactions that a broker coordinates (KIP-664); to be sent to every broker.
 *
 *   v0  flexible
 *   v1  duration_filter (KIP-994)
 *   v2  transactional_id_pattern; may answer INVALID_REGULAR_EXPRESSION (KIP-1152)
 */
import type { Api } from '../api.ts';
import { UnsupportedFieldError } from '../errors.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

/** An empty filter keeps everything. */
export interface ListTransactionsRequest {
  stateFilters: string[]; // TransactionState
  producerIdFilters: bigint[];
  durationFilter: bigint; // v1+; milliseconds that a transaction runs for longer; negative: all
  transactionalIdPattern: string | null; // v2+; RE2 syntax; null: all
}

export interface ListTransactionsResponse {
  throttleTimeMs: number;
  errorCode: number;
  unknownStateFilters: string[]; // those of the request that name no state
  transactionStates: ListTransactionsResponseTransactionState[];
}

export interface ListTransactionsResponseTransactionState {
  transactionalId: string;
  producerId: bigint;
  transactionState: string; // TransactionState
}

/** The transactions that a broker coordinates (KIP-664); to be sent to every broker. */
export const ListTransactions: Api<ListTransactionsRequest, ListTransactionsResponse> = {
  key: 66,
  name: 'ListTransactions',
  versions: [0, 2],
  flexibleFrom: 0,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, v: number, request: ListTransactionsRequest): void {
  const { durationFilter, transactionalIdPattern } = request;
  if (v < 1 && durationFilter >= 0n) throw new UnsupportedFieldError('ListTransactions', v, 'durationFilter');
  if (v < 2 && transactionalIdPattern) throw new UnsupportedFieldError('ListTransactions', v, 'transactionalIdPattern');
  w.array(request.stateFilters, (state) => w.string(state));
  w.array(request.producerIdFilters, (id) => w.int64(id));
  if (v >= 1) w.int64(durationFilter);
  if (v >= 2) w.nullableString(transactionalIdPattern);
  w.tags();
}

function decodeRequest(r: Reader, v: number): ListTransactionsRequest {
  const request = {
    stateFilters: r.array(() => r.string()),
    producerIdFilters: r.array(() => r.int64()),
    durationFilter: v >= 1 ? r.int64() : -1n,
    transactionalIdPattern: v >= 2 ? r.nullableString() : null,
  };
  r.tags();
  return request;
}

function encodeResponse(w: Writer, _v: number, response: ListTransactionsResponse): void {
  w.int32(response.throttleTimeMs);
  w.int16(response.errorCode);
  w.array(response.unknownStateFilters, (state) => w.string(state));
  w.structs(response.transactionStates, (transaction) => {
    w.string(transaction.transactionalId);
    w.int64(transaction.producerId);
    w.string(transaction.transactionState);
  });
  w.tags();
}

function decodeResponse(r: Reader): ListTransactionsResponse {
  const response = {
    throttleTimeMs: r.int32(),
    errorCode: r.int16(),
    unknownStateFilters: r.array(() => r.string()),
    transactionStates: r.structs(() => ({
      transactionalId: r.string(),
      producerId: r.int64(),
      transactionState: r.string(),
    })),
  };
  r.tags();
  return response;
}
