/**
 * CreateDelegationToken (key 38), v0-3. Makes a token by which somebody else can authenticate as its owner (KIP-48).
 * Any broker takes it, on a connection that is authenticated otherwise than by such a token.
 *
 *   v1  throttling after the answer was sent (KIP-219)
 *   v2  flexible
 *   v3  a token for another owner; who asked for it in the response (KIP-373)
 */
import type { Api } from '../api.ts';
import { UnsupportedFieldError } from '../errors.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type TokenParties, type TokenPrincipal, tokenParties, tokenPrincipal } from './delegation-token.ts';

export interface CreateDelegationTokenRequest {
  ownerPrincipalType: string | null; // v3+; null: who asks
  ownerPrincipalName: string | null; // v3+; null: who asks
  renewers: CreateDelegationTokenRequestRenewer[];
  maxLifetimeMs: bigint; // -1: the broker's default
}

export type CreateDelegationTokenRequestRenewer = TokenPrincipal;

/** Timestamps are Unix time. */
export interface CreateDelegationTokenResponse extends TokenParties {
  errorCode: number;
  issueTimestampMs: bigint;
  expiryTimestampMs: bigint;
  maxTimestampMs: bigint; // no renewal goes beyond it
  tokenId: string;
  hmac: Buffer; // the secret
  throttleTimeMs: number;
}

/** Makes a token by which somebody else can authenticate as its owner (KIP-48). */
export const CreateDelegationToken: Api<CreateDelegationTokenRequest, CreateDelegationTokenResponse> = {
  key: 38,
  name: 'CreateDelegationToken',
  versions: [0, 3],
  flexibleFrom: 2,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, v: number, request: CreateDelegationTokenRequest): void {
  for (const field of ['ownerPrincipalType', 'ownerPrincipalName'] as const) {
    if (v >= 3) w.nullableString(request[field]);
    else if (request[field] !== null) throw new UnsupportedFieldError('CreateDelegationToken', v, field);
  }
  w.structs(request.renewers, (renewer) => tokenPrincipal.encode(w, renewer));
  w.int64(request.maxLifetimeMs);
  w.tags();
}

function decodeRequest(r: Reader, v: number): CreateDelegationTokenRequest {
  const request = {
    ownerPrincipalType: v >= 3 ? r.nullableString() : null,
    ownerPrincipalName: v >= 3 ? r.nullableString() : null,
    renewers: r.structs(() => tokenPrincipal.decode(r)),
    maxLifetimeMs: r.int64(),
  };
  r.tags();
  return request;
}

function encodeResponse(w: Writer, v: number, response: CreateDelegationTokenResponse): void {
  w.int16(response.errorCode);
  tokenParties.encode(w, v, response);
  w.int64(response.issueTimestampMs);
  w.int64(response.expiryTimestampMs);
  w.int64(response.maxTimestampMs);
  w.string(response.tokenId);
  w.bytes(response.hmac);
  w.int32(response.throttleTimeMs);
  w.tags();
}

function decodeResponse(r: Reader, v: number): CreateDelegationTokenResponse {
  const response = {
    errorCode: r.int16(),
    ...tokenParties.decode(r, v),
    issueTimestampMs: r.int64(),
    expiryTimestampMs: r.int64(),
    maxTimestampMs: r.int64(),
    tokenId: r.string(),
    hmac: r.bytes(),
    throttleTimeMs: r.int32(),
  };
  r.tags();
  return response;
}
