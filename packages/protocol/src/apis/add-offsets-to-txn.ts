/**
 * AddOffsetsToTxn (key 25), v0-4. Tells the transaction coordinator that a transaction is about to commit offsets of a
 * group (KIP-98); TxnOffsetCommit then brings the offsets to the coordinator of the group.
 *
 *   v1  throttling after the answer was sent (KIP-219)
 *   v2  may answer PRODUCER_FENCED (KIP-588)
 *   v3  flexible
 *   v4  may answer TRANSACTION_ABORTABLE (KIP-890)
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

export interface AddOffsetsToTxnRequest {
  transactionalId: string;
  producerId: bigint;
  producerEpoch: number;
  groupId: string;
}

export interface AddOffsetsToTxnResponse {
  throttleTimeMs: number;
  errorCode: number;
}

/**
 * Tells the transaction coordinator that a transaction is about to commit offsets of a group (KIP-98); TxnOffsetCommit
 * then brings the offsets to the coordinator of the group.
 */
export const AddOffsetsToTxn: Api<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse> = {
  key: 25,
  name: 'AddOffsetsToTxn',
  versions: [0, 4],
  flexibleFrom: 3,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, _v: number, request: AddOffsetsToTxnRequest): void {
  w.string(request.transactionalId);
  w.int64(request.producerId);
  w.int16(request.producerEpoch);
  w.string(request.groupId);
  w.tags();
}

function decodeRequest(r: Reader): AddOffsetsToTxnRequest {
  const request = {
    transactionalId: r.string(),
    producerId: r.int64(),
    producerEpoch: r.int16(),
    groupId: r.string(),
  };
  r.tags();
  return request;
}

function encodeResponse(w: Writer, _v: number, response: AddOffsetsToTxnResponse): void {
  w.int32(response.throttleTimeMs);
  w.int16(response.errorCode);
  w.tags();
}

function decodeResponse(r: Reader): AddOffsetsToTxnResponse {
  const response = { throttleTimeMs: r.int32(), errorCode: r.int16() };
  r.tags();
  return response;
}
