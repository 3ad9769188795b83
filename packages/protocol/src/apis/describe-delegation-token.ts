/**
 * DescribeDelegationToken (key 41), v0-3. The tokens of these owners that the asker may see, secrets included (KIP-48).
 * Any broker answers.
 *
 *   v1  throttling after the answer was sent (KIP-219)
 *   v2  flexible
 *   v3  who asked for the token in the response (KIP-373)
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type TokenParties, type TokenPrincipal, tokenParties, tokenPrincipal } from './delegation-token.ts';

export interface DescribeDelegationTokenRequest {
  owners: DescribeDelegationTokenRequestOwner[] | null; // null: all
}

export type DescribeDelegationTokenRequestOwner = TokenPrincipal;

export interface DescribeDelegationTokenResponse {
  errorCode: number;
  tokens: DescribeDelegationTokenResponseToken[];
  throttleTimeMs: number;
}

/** Timestamps are Unix time in milliseconds. */
export interface DescribeDelegationTokenResponseToken extends TokenParties {
  issueTimestamp: bigint;
  expiryTimestamp: bigint;
  maxTimestamp: bigint; // no renewal goes beyond it
  tokenId: string;
  hmac: Buffer; // the secret
  renewers: DescribeDelegationTokenResponseRenewer[];
}

export type DescribeDelegationTokenResponseRenewer = TokenPrincipal;

/** The tokens of these owners that the asker may see, secrets included (KIP-48). */
export const DescribeDelegationToken: Api<DescribeDelegationTokenRequest, DescribeDelegationTokenResponse> = {
  key: 41,
  name: 'DescribeDelegationToken',
  versions: [0, 3],
  flexibleFrom: 2,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, _v: number, request: DescribeDelegationTokenRequest): void {
  w.nullableStructs(request.owners, (owner) => tokenPrincipal.encode(w, owner));
  w.tags();
}

function decodeRequest(r: Reader): DescribeDelegationTokenRequest {
  const owners = r.nullableStructs(() => tokenPrincipal.decode(r));
  r.tags();
  return { owners };
}

function encodeResponse(w: Writer, v: number, response: DescribeDelegationTokenResponse): void {
  w.int16(response.errorCode);
  w.structs(response.tokens, (token) => encodeToken(w, v, token));
  w.int32(response.throttleTimeMs);
  w.tags();
}

function encodeToken(w: Writer, v: number, token: DescribeDelegationTokenResponseToken): void {
  tokenParties.encode(w, v, token);
  w.int64(token.issueTimestamp);
  w.int64(token.expiryTimestamp);
  w.int64(token.maxTimestamp);
  w.string(token.tokenId);
  w.bytes(token.hmac);
  w.structs(token.renewers, (renewer) => tokenPrincipal.encode(w, renewer));
}

function decodeResponse(r: Reader, v: number): DescribeDelegationTokenResponse {
  const response = {
    errorCode: r.int16(),
    tokens: r.structs(() => decodeToken(r, v)),
    throttleTimeMs: r.int32(),
  };
  r.tags();
  return response;
}

function decodeToken(r: Reader, v: number): DescribeDelegationTokenResponseToken {
  return {
    ...tokenParties.decode(r, v),
    issueTimestamp: r.int64(),
    expiryTimestamp: r.int64(),
    maxTimestamp: r.int64(),
    tokenId: r.string(),
    hmac: r.bytes(),
    renewers: r.structs(() => tokenPrincipal.decode(r)),
  };
}
