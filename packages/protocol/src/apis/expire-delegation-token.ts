/**
 * ExpireDelegationToken (key 40), v0-2. Brings forward the end of a token, or ends it at once (KIP-48); for the owner
 * and those it named as renewers. Any broker takes it.
 *
 *   v1  throttling after the answer was sent (KIP-219)
 *   v2  flexible
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type TokenExpiry, tokenExpiry } from './delegation-token.ts';

export interface ExpireDelegationTokenRequest {
  hmac: Buffer; // which token
  expiryTimePeriodMs: bigint; // from now on; negative: at once
}

export type ExpireDelegationTokenResponse = TokenExpiry;

/** Brings forward the end of a token, or ends it at once (KIP-48); for the owner and those it named as renewers. */
export const ExpireDelegationToken: Api<ExpireDelegationTokenRequest, ExpireDelegationTokenResponse> = {
  key: 40,
  name: 'ExpireDelegationToken',
  versions: [0, 2],
  flexibleFrom: 2,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: tokenExpiry,
};

function encodeRequest(w: Writer, _v: number, request: ExpireDelegationTokenRequest): void {
  w.bytes(request.hmac);
  w.int64(request.expiryTimePeriodMs);
  w.tags();
}

function decodeRequest(r: Reader): ExpireDelegationTokenRequest {
  const request = { hmac: r.bytes(), expiryTimePeriodMs: r.int64() };
  r.tags();
  return request;
}
