/**
 * EndTxn (key 26), v0-5. Commits or aborts a transaction; to be sent to the transaction coordinator (KIP-98).
 *
 *   v1  throttling after the answer was sent (KIP-219)
 *   v2  may answer PRODUCER_FENCED (KIP-588)
 *   v3  flexible
 *   v4  may answer TRANSACTION_ABORTABLE (KIP-890)
 *   v5  the epoch rises with every transaction: the response has the producer id and epoch to go on with (KIP-890)
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

export interface EndTxnRequest {
  transactionalId: string;
  producerId: bigint;
  producerEpoch: number;
  /** False: aborted. */
  committed: boolean;
}

export interface EndTxnResponse {
  throttleTimeMs: number;
  errorCode: number;
  producerId: bigint; // v5+; -1: the same as before
  producerEpoch: number; // v5+; -1: the same as before
}

/** Commits or aborts a transaction; to be sent to the transaction coordinator (KIP-98). */
export const EndTxn: Api<EndTxnRequest, EndTxnResponse> = {
  key: 26,
  name: 'EndTxn',
  versions: [0, 5],
  flexibleFrom: 3,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, _v: number, request: EndTxnRequest): void {
  w.string(request.transactionalId);
  w.int64(request.producerId);
  w.int16(request.producerEpoch);
  w.bool(request.committed);
  w.tags();
}

function decodeRequest(r: Reader): EndTxnRequest {
  const request = {
    transactionalId: r.string(),
    producerId: r.int64(),
    producerEpoch: r.int16(),
    committed: r.bool(),
  };
  r.tags();
  return request;
}

function encodeResponse(w: Writer, v: number, response: EndTxnResponse): void {
  w.int32(response.throttleTimeMs);
  w.int16(response.errorCode);
  if (v >= 5) w.int64(response.producerId);
  if (v >= 5) w.int16(response.producerEpoch);
  w.tags();
}

function decodeResponse(r: Reader, v: number): EndTxnResponse {
  const response = {
    throttleTimeMs: r.int32(),
    errorCode: r.int16(),
    producerId: v >= 5 ? r.int64() : -1n,
    producerEpoch: v >= 5 ? r.int16() : -1,
  };
  r.tags();
  return response;
}
