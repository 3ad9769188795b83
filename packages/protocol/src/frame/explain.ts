// Annotated dumps: every field of frames, bodies and record sets with its offset, bytes, type, name and value. Errors
// stand where they occur; what follows them is explained as far as its beginning is known.
import { type AnyApi, isFlexible } from '../api.ts';
import { apiByKey } from '../apis/index.ts';
import { asBuffer } from '../wire/as-buffer.ts';
import { Dump, DumpFull, type DumpOptions } from './dump.ts';
import { explainBody, explainHeader, type Span } from './explain-body.ts';
import { explainRecords } from './explain-records.ts';
import type { Explained } from './explained.ts';
import { guess, hasSizes } from './guess.ts';
import { hasResponseHeaderTags } from './headers.ts';

const SIZE_BYTES = 4;
const KEY_AND_VERSION = 4;

/**
 * A line for each thing that was read. Nothing is thrown for bytes that do not fit: the dump says so.
 *
 * Frames are one or several, each with its size in front; a single one may come without. Compressed records are
 * unpacked; positions within the unpacked bytes are marked with `~`.
 *
 * @param bytes as `what` says; without it they are taken for request frames, or for a record set if they look like one
 * @example console.log(explain(bytes));
 * @example console.log(explain(bytes, { part: 'response frames', api: Fetch, version: 12 }));
 */
export function explain(bytes: Uint8Array, what?: Explained, options: DumpOptions = {}): string {
  const buffer = asBuffer(bytes);
  const dump = new Dump(options);
  try {
    explainInto(dump, buffer, what ?? guess(buffer));
  } catch (error) {
    if (!(error instanceof DumpFull)) throw error;
  }
  return dump.lines.join('\n');
}

function explainInto(dump: Dump, bytes: Buffer, what: Explained): void {
  const all = { bytes, position: 0, end: bytes.length };
  if (what.part === 'records') return explainRecords(dump, bytes, 0, bytes.length);
  if (what.part === 'request' || what.part === 'response') {
    return explainBody(dump, all, what.api, what.version, what.part);
  }
  const each = (span: Span): void =>
    what.part === 'request frames' ? explainRequest(dump, span) : explainResponse(dump, span, what.api, what.version);
  if (hasSizes(bytes, what)) explainFrames(dump, bytes, each);
  else each(all);
}

/** Sizes delimit: after a frame that is broken inside the next one is explained nevertheless. */
function explainFrames(dump: Dump, bytes: Buffer, each: (message: Span) => void): void {
  let position = 0;
  while (bytes.length - position >= SIZE_BYTES) {
    const size = bytes.readInt32BE(position);
    const start = position + SIZE_BYTES;
    const left = bytes.length - start;
    dump.field({ position, bytes: bytes.subarray(position, start), type: 'int32', name: 'size', value: String(size) });
    if (size < 0 || size > left) dump.failure(position, `frame of ${size} bytes announced, ${left} follow`);
    if (size < 0) return dump.rest(bytes, start, bytes.length);
    position = Math.min(start + size, bytes.length);
    each({ bytes, position: start, end: position });
  }
  if (position < bytes.length) {
    dump.failure(position, `${bytes.length - position} bytes left over: no room for a size`);
    dump.rest(bytes, position, bytes.length);
  }
}

function explainRequest(dump: Dump, span: Span): void {
  const { bytes, position, end } = span;
  const isWhole = end - position >= KEY_AND_VERSION;
  const key = isWhole ? bytes.readInt16BE(position) : -1;
  const version = isWhole ? bytes.readInt16BE(position + 2) : -1;
  const api = apiByKey(key);
  let at = explainHeader(dump, span, false, (r) => ({
    apiKey: r.int16(),
    apiVersion: r.int16(),
    correlationId: r.int32(),
    clientId: r.nullableString(),
  }));
  if (at === null) return;
  if (!api) {
    dump.failure(position, `request with unknown API key ${key} (v${version})`);
    return dump.rest(bytes, at, end);
  }
  if (isFlexible(api, version)) at = explainHeaderTags(dump, { ...span, position: at });
  if (at !== null) explainBody(dump, { ...span, position: at }, api, version, 'request');
}

function explainResponse(dump: Dump, span: Span, api: AnyApi, version: number): void {
  let at = explainHeader(dump, span, false, (r) => ({ correlationId: r.int32() }));
  if (at !== null && hasResponseHeaderTags(api, version)) at = explainHeaderTags(dump, { ...span, position: at });
  if (at !== null) explainBody(dump, { ...span, position: at }, api, version, 'response');
}

function explainHeaderTags(dump: Dump, span: Span): number | null {
  return explainHeader(dump, span, true, (r) => r.tags());
}
