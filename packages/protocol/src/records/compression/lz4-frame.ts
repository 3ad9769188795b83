// LZ4 frames, writing: independent blocks of 64 KiB without checksums, as Java's client does and its reader requires.
// https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md and lz4_Block_format.md
import { copyRun, Span } from './copy-run.ts';
import { FIELDS, MIN_MATCH, matches } from './matches.ts';
import { xxh32 } from './xxh32.ts';

const HEADER = 7;
const BLOCK = 64 * 1024;
const FARTHEST = 0xffff;
const UNCOMPRESSED = 0x80000000;

/** @param brokenChecksum what magic 0 wants: the header's checksum of Kafka 0.8 and 0.9 (KIP-57) */
export function packLz4(bytes: Uint8Array, brokenChecksum: boolean): Buffer {
  const blocks = Math.ceil(bytes.length / BLOCK);
  const out = Buffer.allocUnsafe(HEADER + 8 * blocks + bytes.length + Math.ceil(bytes.length / 255) + 16);
  let at = writeHeader(out, brokenChecksum);
  const source = new Span(bytes);
  const target = new Span(out);
  matches.begin(bytes);
  for (let start = 0; start < bytes.length; start += BLOCK) {
    at = packBlock(source, start, Math.min(start + BLOCK, bytes.length), target, at);
  }
  matches.end();
  return out.subarray(0, out.writeUInt32LE(0, at));
}

/** Kafka 0.8 and 0.9 summed the magic number too. */
function writeHeader(out: Buffer, brokenChecksum: boolean): number {
  out.writeUInt32BE(0x04224d18, 0);
  out.writeUInt16BE(0x6040, 4); // version 1, independent blocks; of 64 KiB at most
  out[6] = xxh32(out, brokenChecksum ? 0 : 4, 6) >>> 8;
  return HEADER;
}

function packBlock(source: Span, start: number, end: number, target: Span, at: number): number {
  const stop = packSequences(source, start, end, target, at + 4);
  if (stop - at - 4 < end - start) {
    target.words.setUint32(at, stop - at - 4, true);
    return stop;
  }
  target.words.setUint32(at, UNCOMPRESSED + end - start, true);
  return copyRun(source, start, end, target, at + 4);
}

function packSequences(source: Span, start: number, end: number, target: Span, first: number): number {
  const count = matches.search(start, end, start, FARTHEST);
  const { found } = matches;
  const out = target.bytes;
  let from = start;
  let at = first;
  for (let i = 0; i < count; i += FIELDS) {
    const literals = found[i] as number;
    const length = found[i + 1] as number;
    const distance = found[i + 2] as number;
    const token = at;
    at = writeLength(out, at + 1, literals);
    at = copyRun(source, from, from + literals, target, at);
    out[at++] = distance;
    out[at++] = distance >>> 8;
    out[token] = (Math.min(literals, 15) << 4) | Math.min(length - MIN_MATCH, 15);
    at = writeLength(out, at, length - MIN_MATCH);
    from += literals + length;
  }
  out[at] = Math.min(end - from, 15) << 4;
  return copyRun(source, from, end, target, writeLength(out, at + 1, end - from));
}

/** What does not fit into the token's four bits. */
function writeLength(out: Uint8Array, start: number, length: number): number {
  if (length < 15) return start;
  let at = start;
  let left = length - 15;
  for (; left >= 255; left -= 255) out[at++] = 255;
  out[at++] = left;
  return at;
}
