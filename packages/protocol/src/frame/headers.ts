// Request and response headers: one rule and one exception.
//
// Flexible versions have request header 2 and response header 1, the others 1 and 0. ApiVersions answers always have
// response header 0, because their reader does not know yet what the broker speaks (KIP-511). The client id keeps its
// int16 length in header 2 too.
import { type AnyApi, isFlexible } from '../api.ts';
import { Reader } from '../wire/reader.ts';
import { Writer } from '../wire/writer.ts';

const API_VERSIONS = 18;

/** What stands before the body of every request. */
export interface RequestHeader {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number;
  readonly clientId: string | null;
}

/** The first eight bytes, which are the same in every header version. */
export function decodeRequestPrefix(r: Reader): Omit<RequestHeader, 'clientId'> {
  return { apiKey: r.int16(), apiVersion: r.int16(), correlationId: r.int32() };
}

/** Writes request header 1 or 2, as the version wants. */
export function encodeRequestHeader(w: Writer, api: AnyApi, header: Omit<RequestHeader, 'apiKey'>): void {
  w.int16(api.key);
  w.int16(header.apiVersion);
  w.int32(header.correlationId);
  const clientId = new Writer(false, 64);
  clientId.nullableString(header.clientId);
  w.raw(clientId.toBuffer());
  if (isFlexible(api, header.apiVersion)) w.unsignedVarint(0);
}

/** What follows the prefix: the client id, and the tags of header 2. */
export function decodeRequestHeaderRest(r: Reader, flexible: boolean): string | null {
  // Never compact, not even in header 2.
  const classic = new Reader(r.buffer, false, r.position, r.end);
  const clientId = classic.nullableString();
  r.position = classic.position;
  if (flexible) skipTags(r);
  return clientId;
}

/** Has the response header a tag section (header 1)? */
export function hasResponseHeaderTags(api: AnyApi, version: number): boolean {
  return api.key !== API_VERSIONS && isFlexible(api, version);
}

/** Writes response header 0 or 1, as the version wants. */
export function encodeResponseHeader(w: Writer, api: AnyApi, version: number, correlationId: number): void {
  w.int32(correlationId);
  if (hasResponseHeaderTags(api, version)) w.unsignedVarint(0);
}

/** Skips the tags of response header 1; the correlation id was read before. */
export function skipResponseHeaderRest(r: Reader, api: AnyApi, version: number): void {
  if (hasResponseHeaderTags(api, version)) skipTags(r);
}

function skipTags(r: Reader): void {
  const section = new Reader(r.buffer, true, r.position, r.end);
  section.tags();
  r.position = section.position;
}
