/**
 * SaslHandshake (key 17), v0-1, never flexible. Names the SASL mechanism; the answer lists those of the broker
 * (KIP-43).
 *
 *   v0  the tokens that follow are bare: a size and the bytes, no Kafka header
 *   v1  the tokens travel inside SaslAuthenticate (KIP-152); the bytes of this message are the same
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

export interface SaslHandshakeRequest {
  mechanism: string;
}

export interface SaslHandshakeResponse {
  errorCode: number;
  mechanisms: string[];
}

/** Names the SASL mechanism; the answer lists those of the broker (KIP-43). */
export const SaslHandshake: Api<SaslHandshakeRequest, SaslHandshakeResponse> = {
  key: 17,
  name: 'SaslHandshake',
  versions: [0, 1],
  flexibleFrom: null,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, _v: number, request: SaslHandshakeRequest): void {
  w.string(request.mechanism);
  w.tags();
}

function decodeRequest(r: Reader): SaslHandshakeRequest {
  const request = { mechanism: r.string() };
  r.tags();
  return request;
}

function encodeResponse(w: Writer, _v: number, response: SaslHandshakeResponse): void {
  w.int16(response.errorCode);
  w.array(response.mechanisms, (mechanism) => w.string(mechanism));
  w.tags();
}

function decodeResponse(r: Reader): SaslHandshakeResponse {
  const response = { errorCode: r.int16(), mechanisms: r.array(() => r.string()) };
  r.tags();
  return response;
}
