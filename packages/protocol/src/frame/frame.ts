// Whole frames, one function each: what a proxy, an analyser or a fake needs. The bytes alone say what a request is,
// so this file knows every API; a client, which must not load them all, works with `message.ts`.
import type { AnyApi, Api } from '../api.ts';
import { apiByKey } from '../apis/index.ts';
import { ProtocolError } from '../errors.ts';
import { asBuffer } from '../wire/as-buffer.ts';
import { Reader } from '../wire/reader.ts';
import { decodeRequestPrefix, type RequestHeader } from './headers.ts';
import {
  correlationIdOf,
  decodeRequestMessage,
  decodeResponseMessage,
  requestFrameChunks,
  responseFrameChunks,
} from './message.ts';

const SIZE_BYTES = 4;

/** What a request frame says. */
export interface RequestFrame<Request> extends RequestHeader {
  readonly api: AnyApi;
  /** In the shape of `api`: `isRequestOf` gives it its type. */
  readonly body: Request;
}

/** What a response frame says. */
export interface ResponseFrame<Response> {
  readonly correlationId: number;
  readonly body: Response;
}

/** Who asks: the fields of a request header that are the sender's to choose. */
export interface RequestSender {
  /** Comes back in the response; default 0. */
  readonly correlationId?: number;
  /** Default null. */
  readonly clientId?: string | null;
}

/**
 * A request frame, its size included.
 *
 * @throws {ProtocolError} when the API has no such version; {UnsupportedFieldError} when it cannot carry a value
 * @example encodeRequestFrame(Metadata, 12, { ...request, topics: null }, { correlationId: 7, clientId: 'me' })
 */
export function encodeRequestFrame<Request>(
  api: Api<Request, unknown>,
  version: number,
  body: Request,
  { correlationId = 0, clientId = null }: RequestSender = {},
): Buffer {
  return Buffer.concat(requestFrameChunks(api, version, correlationId, clientId, body));
}

/**
 * Reads a request frame. API, version and header version are found in the bytes.
 *
 * @param bytes one frame, its size included; byte fields of the body are views of it
 * @throws {ProtocolError} at an unknown API key or version, at a size that does not fit, at a malformed body
 * @example
 * const frame = decodeRequestFrame(bytes);
 * console.log(frame.api.name, frame.apiVersion, frame.clientId, frame.body);
 * if (isRequestOf(Fetch, frame)) console.log(frame.body.maxBytes);
 */
export function decodeRequestFrame<Request = unknown>(bytes: Uint8Array): RequestFrame<Request> {
  return decodeAnyRequest(withoutSize(bytes));
}

/**
 * Reads a request of whatever API, without its size.
 *
 * @param bytes what a FrameReader hands out; byte fields of the body are views of it
 * @throws {ProtocolError} at an unknown API key or version, at a malformed body
 * @example new FrameReader(100 * 1024 * 1024, (message) => console.log(decodeAnyRequest(message).api.name));
 */
export function decodeAnyRequest<Request = unknown>(bytes: Uint8Array): RequestFrame<Request> {
  const message = asBuffer(bytes);
  const { apiKey, apiVersion } = decodeRequestPrefix(new Reader(message));
  const api: Api<Request, unknown> | undefined = apiByKey(apiKey);
  if (!api)
    throw new ProtocolError(`request with unknown API key ${apiKey} (v${apiVersion}); \`apis\` lists the known`);
  return { api, ...decodeRequestMessage(api, message) };
}

/**
 * Is the request of this API? Then its body has the API's type.
 *
 * @example if (isRequestOf(Metadata, request)) console.log(request.body.topics);
 */
export function isRequestOf<Request>(
  api: Api<Request, unknown>,
  request: RequestFrame<unknown>,
): request is RequestFrame<Request> {
  return request.apiKey === api.key;
}

/**
 * A response frame, its size included.
 *
 * @throws {ProtocolError} when the API has no such version
 * @example encodeResponseFrame(Heartbeat, 4, { throttleTimeMs: 0, errorCode: 0 }, 7)
 */
export function encodeResponseFrame<Response>(
  api: Api<unknown, Response>,
  version: number,
  body: Response,
  correlationId = 0,
): Buffer {
  return Buffer.concat(responseFrameChunks(api, version, correlationId, body));
}

/**
 * Reads a response frame. Only the request says of which API and version it is: match them by the correlation id.
 *
 * @param bytes one frame, its size included; byte fields of the body are views of it
 * @throws {ProtocolError} at a size that does not fit, at a malformed body
 * @example const { correlationId, body } = decodeResponseFrame(Heartbeat, 4, bytes);
 */
export function decodeResponseFrame<Response>(
  api: Api<unknown, Response>,
  version: number,
  bytes: Uint8Array,
): ResponseFrame<Response> {
  const message = withoutSize(bytes);
  return { correlationId: correlationIdOf(message), body: decodeResponseMessage(api, version, message) };
}

function withoutSize(bytes: Uint8Array): Buffer {
  const frame = asBuffer(bytes);
  if (frame.length < SIZE_BYTES) throw new ProtocolError(`frame of ${frame.length} bytes: no room for its size`);
  const [size, rest] = [frame.readInt32BE(0), frame.length - SIZE_BYTES];
  if (size !== rest) {
    throw new ProtocolError(
      `frame of ${size} bytes announced, ${rest} follow; a FrameReader cuts a stream into frames, and what it hands ` +
        'out, without size, is read by decodeAnyRequest and decodeResponseMessage',
    );
  }
  return frame.subarray(SIZE_BYTES);
}
