// Whole requests and responses: size, header, body. Bytes left over after a body are an error.
import { type AnyApi, type Api, isFlexible } from '../api.ts';
import { ProtocolError } from '../errors.ts';
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

/** A request frame in pieces to be written one after the other; record batches stand in it by reference. */
export function encodeRequestFrame<Request>(
  api: Api<Request, unknown>,
  version: number,
  correlationId: number,
  clientId: string | null,
  body: Request,
): Buffer[] {
  const w = new Writer(isFlexible(api, version));
  const size = w.reserve();
  encodeRequestHeader(w, api, { apiVersion: version, correlationId, clientId });
  api.encodeRequest(w, version, body);
  w.patchInt32(size, w.length - 4);
  return w.chunks();
}

export interface DecodedRequest<Request> extends RequestHeader {
  readonly body: Request;
}

/** @param frame without its size */
export function decodeRequestFrame(
  frame: Buffer,
  apiByKey: (key: number) => AnyApi | undefined,
): DecodedRequest<unknown> {
  const head = new Reader(frame);
  const prefix = decodeRequestPrefix(head);
  const api = apiByKey(prefix.apiKey);
  if (!api) throw new ProtocolError(`request with unknown API key ${prefix.apiKey}`);
  const clientId = decodeRequestHeaderRest(head, isFlexible(api, prefix.apiVersion));
  return { ...prefix, clientId, body: decodeRequest(api, prefix.apiVersion, frame.subarray(head.position)) };
}

/** A response frame in pieces to be written one after the other. */
export function encodeResponseFrame<Response>(
  api: Api<unknown, Response>,
  version: number,
  correlationId: number,
  body: Response,
): Buffer[] {
  const w = new Writer(isFlexible(api, version));
  const size = w.reserve();
  encodeResponseHeader(w, api, version, correlationId);
  api.encodeResponse(w, version, body);
  w.patchInt32(size, w.length - 4);
  return w.chunks();
}

/** @param frame without its size; the caller has matched its correlation id (the first four bytes) to the request */
export function decodeResponseFrame<Response>(api: Api<unknown, Response>, version: number, frame: Buffer): Response {
  const head = new Reader(frame, false, 4);
  skipResponseHeaderRest(head, api, version);
  return decodeResponse(api, version, frame.subarray(head.position));
}

/** The correlation id of a response frame. */
export function correlationIdOf(frame: Buffer): number {
  if (frame.length < 4) throw new ProtocolError(`response of ${frame.length} bytes: no room for a correlation id`);
  return frame.readInt32BE(0);
}

export function encodeRequest<Request>(api: Api<Request, unknown>, version: number, body: Request): Buffer {
  const w = writerFor(api, version);
  api.encodeRequest(w, version, body);
  return w.toBuffer();
}

export function decodeRequest<Request>(api: Api<Request, unknown>, version: number, bytes: Buffer): Request {
  const r = readerFor(api, version, bytes);
  const body = api.decodeRequest(r, version);
  r.finish(`${api.name} v${version} request`);
  return body;
}

export function encodeResponse<Response>(api: Api<unknown, Response>, version: number, body: Response): Buffer {
  const w = writerFor(api, version);
  api.encodeResponse(w, version, body);
  return w.toBuffer();
}

export function decodeResponse<Response>(api: Api<unknown, Response>, version: number, bytes: Buffer): Response {
  const r = readerFor(api, version, bytes);
  const body = api.decodeResponse(r, version);
  r.finish(`${api.name} v${version} response`);
  return body;
}

function readerFor(api: AnyApi, version: number, bytes: Buffer): Reader {
  checkVersion(api, version);
  return new Reader(bytes, isFlexible(api, version));
}

function writerFor(api: AnyApi, version: number): Writer {
  checkVersion(api, version);
  return new Writer(isFlexible(api, version));
}

function checkVersion(api: AnyApi, version: number): void {
  if (version < api.versions[0] || version > api.versions[1]) {
    throw new ProtocolError(`${api.name} has no v${version}: v${api.versions[0]}-${api.versions[1]} exist`);
  }
}
