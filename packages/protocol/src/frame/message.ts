// Requests and responses on a connection's way: written in pieces, read from what a FrameReader cuts out, with the API
// given by the caller. Nothing here knows all APIs, so that a bundle holds only those it uses; `frame.ts` does.
import { type AnyApi, type Api, type Codec, isFlexible } from '../api.ts';
import { ProtocolError } from '../errors.ts';
import { asBuffer } from '../wire/as-buffer.ts';
import { Reader } from '../wire/reader.ts';
import { Writer } from '../wire/writer.ts';
import {
  decodeRequestHeaderRest,
  decodeRequestPrefix,
  encodeRequestHeader,
  encodeResponseHeader,
  type RequestHeader,
  skipResponseHeaderRest,
} from './headers.ts';

/**
 * A request frame (size, header, body) in pieces to be written one after the other: record batches stand in it by
 * reference, and must not change until they are sent. `encodeRequestFrame` gives the frame in one piece.
 */
export function requestFrameChunks<Request>(
  api: Api<Request, unknown>,
  version: number,
  correlationId: number,
  clientId: string | null,
  body: Request,
): Buffer[] {
  checkVersion(api, version);
  const w = new Writer(isFlexible(api, version));
  const size = w.reserve();
  encodeRequestHeader(w, api, { apiVersion: version, correlationId, clientId });
  api.request.encode(w, version, body);
  w.patchInt32(size, w.length - 4);
  return w.chunks();
}

/** A response frame in pieces to be written one after the other; record sets stand in it by reference. */
export function responseFrameChunks<Response>(
  api: Api<unknown, Response>,
  version: number,
  correlationId: number,
  body: Response,
): Buffer[] {
  checkVersion(api, version);
  const w = new Writer(isFlexible(api, version));
  const size = w.reserve();
  encodeResponseHeader(w, api, version, correlationId);
  api.response.encode(w, version, body);
  w.patchInt32(size, w.length - 4);
  return w.chunks();
}

/** Header and body of a request. */
export interface RequestMessage<Request> extends RequestHeader {
  readonly body: Request;
}

/**
 * Reads header and body of a request whose API is known beforehand; `decodeAnyRequest` finds it in the bytes.
 *
 * @param message a request frame without its size, as a FrameReader hands it out
 * @throws {ProtocolError} when it is of another API or version, or not what they say
 * @example const { correlationId, body } = decodeRequestMessage(Heartbeat, message);
 */
export function decodeRequestMessage<Request>(api: Api<Request, unknown>, message: Buffer): RequestMessage<Request> {
  const head = new Reader(message);
  const prefix = decodeRequestPrefix(head);
  if (prefix.apiKey !== api.key) throw new ProtocolError(`request of API key ${prefix.apiKey}, not of ${api.name}`);
  checkVersion(api, prefix.apiVersion);
  const clientId = decodeRequestHeaderRest(head, isFlexible(api, prefix.apiVersion));
  return { ...prefix, clientId, body: decodeRequest(api, prefix.apiVersion, message.subarray(head.position)) };
}

/**
 * Reads the body of a response, and skips its header.
 *
 * @param message a response frame without its size, as a FrameReader hands it out; the caller has matched its
 *   correlation id (`correlationIdOf`) to the request
 * @throws {ProtocolError} when it is not what the version says, or bytes are left over
 * @example const { errorCode } = decodeResponseMessage(Heartbeat, 4, message);
 */
export function decodeResponseMessage<Response>(
  api: Api<unknown, Response>,
  version: number,
  message: Buffer,
): Response {
  const head = new Reader(message, false, 4);
  skipResponseHeaderRest(head, api, version);
  return decodeResponse(api, version, message.subarray(head.position));
}

/**
 * The correlation id of a response frame without its size, as a FrameReader hands it out.
 *
 * @throws {ProtocolError} when there are fewer than four bytes
 */
export function correlationIdOf(message: Buffer): number {
  if (message.length < 4) throw new ProtocolError(`response of ${message.length} bytes: no room for a correlation id`);
  return message.readInt32BE(0);
}

/**
 * The body of a request, without header.
 *
 * @throws {ProtocolError} when the API has no such version; {UnsupportedFieldError} when it cannot carry a value
 * @example encodeRequest(Metadata, 12, { ...request, topics: null })
 */
export function encodeRequest<Request>(api: Api<Request, unknown>, version: number, body: Request): Buffer {
  const w = writerFor(api, version);
  api.request.encode(w, version, body);
  return w.toBuffer();
}

/**
 * Reads the body of a request, without header. Byte fields are views of `bytes`.
 *
 * @throws {ProtocolError} when they are not what the version says, or some are left over
 * @example const { groupId } = decodeRequest(Heartbeat, 4, bytes);
 */
export function decodeRequest<Request>(api: Api<Request, unknown>, version: number, bytes: Uint8Array): Request {
  return decodeBody(api, version, 'request', api.request, bytes);
}

/**
 * The body of a response, without header.
 *
 * @throws {ProtocolError} when the API has no such version
 * @example encodeResponse(Heartbeat, 4, { throttleTimeMs: 0, errorCode: 0 })
 */
export function encodeResponse<Response>(api: Api<unknown, Response>, version: number, body: Response): Buffer {
  const w = writerFor(api, version);
  api.response.encode(w, version, body);
  return w.toBuffer();
}

/**
 * Reads the body of a response, without header. Byte fields are views of `bytes`.
 *
 * @throws {ProtocolError} when they are not what the version says, or some are left over
 * @example const { errorCode } = decodeResponse(Heartbeat, 4, bytes);
 */
export function decodeResponse<Response>(api: Api<unknown, Response>, version: number, bytes: Uint8Array): Response {
  return decodeBody(api, version, 'response', api.response, bytes);
}

function decodeBody<Body>(
  api: AnyApi,
  version: number,
  direction: string,
  codec: Codec<Body>,
  bytes: Uint8Array,
): Body {
  checkVersion(api, version);
  const what = `${api.name} v${version} ${direction}`;
  const r = new Reader(asBuffer(bytes), isFlexible(api, version));
  const body = named(what, () => codec.decode(r, version));
  r.finish(what);
  return body;
}

/** A reader knows its position, not of which message it reads. */
function named<T>(what: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof ProtocolError) throw new ProtocolError(`${what}: ${error.message}`, { cause: error });
    throw error;
  }
}

function writerFor(api: AnyApi, version: number): Writer {
  checkVersion(api, version);
  return new Writer(isFlexible(api, version));
}

/** @throws {ProtocolError} when the API has no such version */
export function checkVersion(api: AnyApi, version: number): void {
  if (!Number.isInteger(version) || version < api.versions[0] || version > api.versions[1]) {
    throw new ProtocolError(`${api.name} has no v${version}: v${api.versions[0]}-${api.versions[1]} exist`);
  }
}
