// Snappy, writing: the "xerial" stream of blocks that Java clients write, or one raw block.
// https://github.com/google/snappy/blob/main/format_description.txt
import { copyRun, Span } from './copy-run.ts';
import { FIELDS, matches } from './matches.ts';

/** Magic, version and lowest compatible version. */
const XERIAL = /* @__PURE__ */ Buffer.from('82534e4150505900' + '00000001' + '00000001', 'hex');
/** Matches of one block are within reach of two bytes; the stream's blocks are as large as Java's. */
const BLOCK = 64 * 1024;
const STREAM_BLOCK = 32 * 1024;
const FARTHEST = 0xffff;
/** Beyond this, a copy takes three bytes for up to 64 bytes. */
const NEAR = 2048;

/** One block: its size, and what it takes to make it again. */
export function packSnappyRaw(bytes: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(5 + mostFor(bytes.length));
  matches.begin(bytes);
  const at = packBlock(new Span(bytes), 0, bytes.length, new Span(out), 0);
  matches.end();
  return out.subarray(0, at);
}

/** A stream of blocks, each with its length in front. */
export function packSnappy(bytes: Uint8Array): Buffer {
  const blocks = Math.ceil(bytes.length / STREAM_BLOCK);
  const out = Buffer.allocUnsafe(XERIAL.length + 16 * blocks + mostFor(bytes.length));
  let at = XERIAL.copy(out);
  const source = new Span(bytes);
  const target = new Span(out);
  matches.begin(bytes);
  for (let start = 0; start < bytes.length; start += STREAM_BLOCK) {
    const end = packBlock(source, start, Math.min(start + STREAM_BLOCK, bytes.length), target, at + 4);
    out.writeUInt32BE(end - at - 4, at);
    at = end;
  }
  matches.end();
  return out.subarray(0, at);
}

/** Incompressible bytes grow by the tags of their literals. */
function mostFor(size: number): number {
  return size + Math.ceil(size / 6) + 32;
}

function packBlock(source: Span, start: number, end: number, target: Span, first: number): number {
  const out = target.bytes;
  let at = first;
  let size = end - start;
  for (; size > 0x7f; size >>>= 7) out[at++] = (size & 0x7f) | 0x80;
  out[at++] = size;
  for (let from = start; from < end; from += BLOCK) {
    at = packElements(source, from, Math.min(from + BLOCK, end), start, target, at);
  }
  return at;
}

function packElements(source: Span, start: number, end: number, lowest: number, target: Span, first: number): number {
  const count = matches.search(start, end, lowest, FARTHEST);
  const { found } = matches;
  let from = start;
  let at = first;
  for (let i = 0; i < count; i += FIELDS) {
    const literals = found[i] as number;
    const length = found[i + 1] as number;
    if (literals > 0) at = writeLiteral(source, from, from + literals, target, at);
    at = writeCopy(target.bytes, at, found[i + 2] as number, length);
    from += literals + length;
  }
  return from < end ? writeLiteral(source, from, end, target, at) : at;
}

function writeLiteral(source: Span, start: number, end: number, target: Span, at: number): number {
  const out = target.bytes;
  const last = end - start - 1;
  if (last < 60) {
    out[at] = last << 2;
    return copyRun(source, start, end, target, at + 1);
  }
  out[at] = (last < 256 ? 60 : 61) << 2;
  out[at + 1] = last;
  if (last < 256) return copyRun(source, start, end, target, at + 2);
  out[at + 2] = last >>> 8;
  return copyRun(source, start, end, target, at + 3);
}

function writeCopy(out: Uint8Array, first: number, distance: number, length: number): number {
  let at = first;
  let left = length;
  // No copy shorter than 4 may remain, since only those of 4 and more have the short form.
  for (; left >= 68; left -= 64) at = writeFarCopy(out, at, distance, 64);
  if (left > 64) {
    at = writeFarCopy(out, at, distance, 60);
    left -= 60;
  }
  if (left > 11 || distance >= NEAR) return writeFarCopy(out, at, distance, left);
  out[at] = ((distance >>> 8) << 5) | ((left - 4) << 2) | 1;
  out[at + 1] = distance;
  return at + 2;
}

function writeFarCopy(out: Uint8Array, at: number, distance: number, length: number): number {
  out[at] = ((length - 1) << 2) | 2;
  out[at + 1] = distance;
  out[at + 2] = distance >>> 8;
  return at + 3;
}
