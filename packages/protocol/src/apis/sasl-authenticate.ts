/**
 * SaslAuthenticate (key 36), v0-2. One token of a SASL exchange each way, after SaslHandshake v1 (KIP-152).
 *
 *   v1  session_lifetime_ms in the response: authenticate again before it ends (KIP-368)
 *   v2  flexible
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

export interface SaslAuthenticateRequest {
  /** Secret: never to be logged. */
  authBytes: Buffer;
}

export interface SaslAuthenticateResponse {
  errorCode: number;
  errorMessage: string | null;
  authBytes: Buffer;
  sessionLifetimeMs: bigint; // v1+; 0: no end
}

/** One token of a SASL exchange each way, after SaslHandshake v1 (KIP-152). */
export const SaslAuthenticate: Api<SaslAuthenticateRequest, SaslAuthenticateResponse> = {
  key: 36,
  name: 'SaslAuthenticate',
  versions: [0, 2],
  flexibleFrom: 2,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, _v: number, request: SaslAuthenticateRequest): void {
  w.bytes(request.authBytes);
  w.tags();
}

function decodeRequest(r: Reader): SaslAuthenticateRequest {
  const request = { authBytes: r.bytes() };
  r.tags();
  return request;
}

function encodeResponse(w: Writer, v: number, response: SaslAuthenticateResponse): void {
  w.int16(response.errorCode);
  w.nullableString(response.errorMessage);
  w.bytes(response.authBytes);
  if (v >= 1) w.int64(response.sessionLifetimeMs);
  w.tags();
}

function decodeResponse(r: Reader, v: number): SaslAuthenticateResponse {
  const response = {
    errorCode: r.int16(),
    errorMessage: r.nullableString(),
    authBytes: r.bytes(),
    sessionLifetimeMs: v >= 1 ? r.int64() : 0n,
  };
  r.tags();
  return response;
}
