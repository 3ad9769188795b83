// What bytes are, when nobody says it.
import type { AnyApi } from '../api.ts';
import { apiByKey } from '../apis/index.ts';
import { ProtocolError } from '../errors.ts';
import { At, PREFIX } from '../records/batch-layout.ts';
import type { Explained } from './explained.ts';
import { decodeResponseMessage } from './message.ts';

const SIZE_BYTES = 4;
/** Key, version, correlation id. */
const SMALLEST_REQUEST = 8;
/** Key, version, correlation id, length of the client id. */
const SMALLEST_HEADER = 10;

/** A record set begins with an offset, the first half of which is zero or little more; no frame has such a size. */
export function guess(bytes: Buffer): Explained {
  return { part: looksLikeRecords(bytes) ? 'records' : 'request frames' };
}

/** Do the frames have their sizes in front of them? A single one may be given without. */
export function hasSizes(bytes: Buffer, what: Explained): boolean {
  if (sizesFit(bytes)) return true;
  if (what.part === 'response frames') return !isResponse(bytes, what.api, what.version);
  return !isRequestAt(bytes, 0);
}

function sizesFit(bytes: Buffer): boolean {
  let position = 0;
  while (bytes.length - position >= SIZE_BYTES) {
    const size = bytes.readInt32BE(position);
    if (size < SIZE_BYTES || size > bytes.length) return false;
    position += SIZE_BYTES + size;
  }
  return position === bytes.length;
}

function isRequestAt(bytes: Buffer, position: number): boolean {
  if (bytes.length - position < SMALLEST_HEADER) return false;
  const api = apiByKey(bytes.readInt16BE(position));
  const version = bytes.readInt16BE(position + 2);
  return api !== undefined && version >= api.versions[0] && version <= api.versions[1];
}

function isResponse(bytes: Buffer, api: AnyApi, version: number): boolean {
  try {
    decodeResponseMessage(api, version, bytes);
    return true;
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}

function looksLikeRecords(bytes: Buffer): boolean {
  if (bytes.length <= At.magic || bytes.readUInt32BE(0) >= SMALLEST_REQUEST) return false;
  const size = bytes.readInt32BE(At.batchLength);
  const magic = bytes[At.magic] ?? -1;
  return magic <= 2 && size > At.magic - PREFIX && size <= bytes.length - PREFIX;
}
