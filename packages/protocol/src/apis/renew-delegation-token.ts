/**
 * RenewDelegationToken (key 39), v0-2. Puts off the end of a token, at most to its maximum (KIP-48); for the owner and
 * those it named as renewers. Any broker takes it.
 *
 *   v1  throttling after the answer was sent (KIP-219)
 *   v2  flexible
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type TokenExpiry, tokenExpiry } from './delegation-token.ts';

export interface RenewDelegationTokenRequest {
  hmac: Buffer; // which token
  renewPeriodMs: bigint; // from now on; -1: the broker's default
}

export type RenewDelegationTokenResponse = TokenExpiry;

/** Puts off the end of a token, at most to its maximum (KIP-48); for the owner and those it named as renewers. */
export const RenewDelegationToken: Api<RenewDelegationTokenRequest, RenewDelegationTokenResponse> = {
  key: 39,
  name: 'RenewDelegationToken',
  versions: [0, 2],
  flexibleFrom: 2,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: tokenExpiry,
};

function encodeRequest(w: Writer, _v: number, request: RenewDelegationTokenRequest): void {
  w.bytes(request.hmac);
  w.int64(request.renewPeriodMs);
  w.tags();
}

function decodeRequest(r: Reader): RenewDelegationTokenRequest {
  const request = { hmac: r.bytes(), renewPeriodMs: r.int64() };
  r.tags();
  return request;
}
