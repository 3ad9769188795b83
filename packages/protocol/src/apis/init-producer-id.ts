/**
 * InitProducerId (key 22), v0-6. Gives a producer its id and epoch (KIP-98). A transactional one asks the coordinator
 * of its transactional id, an idempotent one any broker.
 *
 *   v1  throttling after the answer was sent (KIP-219)
 *   v2  flexible
 *   v3  producer_id and producer_epoch: the current ones, for an epoch bump after an error (KIP-360)
 *   v4  may answer PRODUCER_FENCED (KIP-588)
 *   v5  may answer TRANSACTION_ABORTABLE (KIP-890)
 *   v6  two-phase commit (KIP-939): defined but marked unstable, so it is never negotiated
 */
import type { Api } from '../api.ts';
import { UnsupportedFieldError } from '../errors.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

export interface InitProducerIdRequest {
  transactionalId: string | null; // null: idempotent only
  transactionTimeoutMs: number; // how long a transaction may be idle before it is aborted
  producerId: bigint; // v3+; -1: none yet
  producerEpoch: number; // v3+; -1: none yet
  enable2Pc: boolean; // v6+; no time-out ends a transaction
  keepPreparedTxn: boolean; // v6+; do not abort the one that is open
}

export interface InitProducerIdResponse {
  throttleTimeMs: number;
  errorCode: number;
  producerId: bigint;
  producerEpoch: number;
  ongoingTxnProducerId: bigint; // v6+; -1: none
  ongoingTxnProducerEpoch: number; // v6+; -1: none
}

/** Gives a producer its id and epoch (KIP-98). */
export const InitProducerId: Api<InitProducerIdRequest, InitProducerIdResponse> = {
  key: 22,
  name: 'InitProducerId',
  versions: [0, 6],
  flexibleFrom: 2,
  latestStable: 5,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, v: number, request: InitProducerIdRequest): void {
  refuseWhatIsMissing(v, request);
  w.nullableString(request.transactionalId);
  w.int32(request.transactionTimeoutMs);
  if (v >= 3) w.int64(request.producerId);
  if (v >= 3) w.int16(request.producerEpoch);
  if (v >= 6) w.bool(request.enable2Pc);
  if (v >= 6) w.bool(request.keepPreparedTxn);
  w.tags();
}

function refuseWhatIsMissing(v: number, request: InitProducerIdRequest): void {
  const refuse = (field: string): never => {
    throw new UnsupportedFieldError('InitProducerId', v, field);
  };
  if (v < 3 && request.producerId !== -1n) refuse('producerId');
  if (v < 3 && request.producerEpoch !== -1) refuse('producerEpoch');
  if (v < 6 && request.enable2Pc) refuse('enable2Pc');
  if (v < 6 && request.keepPreparedTxn) refuse('keepPreparedTxn');
}

function decodeRequest(r: Reader, v: number): InitProducerIdRequest {
  const request = {
    transactionalId: r.nullableString(),
    transactionTimeoutMs: r.int32(),
    producerId: v >= 3 ? r.int64() : -1n,
    producerEpoch: v >= 3 ? r.int16() : -1,
    enable2Pc: v >= 6 ? r.bool() : false,
    keepPreparedTxn: v >= 6 ? r.bool() : false,
  };
  r.tags();
  return request;
}

function encodeResponse(w: Writer, v: number, response: InitProducerIdResponse): void {
  w.int32(response.throttleTimeMs);
  w.int16(response.errorCode);
  w.int64(response.producerId);
  w.int16(response.producerEpoch);
  if (v >= 6) w.int64(response.ongoingTxnProducerId);
  if (v >= 6) w.int16(response.ongoingTxnProducerEpoch);
  w.tags();
}

function decodeResponse(r: Reader, v: number): InitProducerIdResponse {
  const response = {
    throttleTimeMs: r.int32(),
    errorCode: r.int16(),
    producerId: r.int64(),
    producerEpoch: r.int16(),
    ongoingTxnProducerId: v >= 6 ? r.int64() : -1n,
    ongoingTxnProducerEpoch: v >= 6 ? r.int16() : -1,
  };
  r.tags();
  return response;
}
