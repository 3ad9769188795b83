// xxHash, 32 bits, seed 0: the checksum of LZ4 frames.
// https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
import { atOnce, type Steps } from '../../steps.ts';

const P1 = 0x9e3779b1;
const P2 = 0x85ebca77;
const P3 = 0xc2b2ae3d;
const P4 = 0x27d4eb2f;
const P5 = 0x165667b1;

/** So much takes a millisecond. */
const PIECE = 1024 * 1024;

/** xxHash-32 of a range of bytes, unsigned. */
export function xxh32(bytes: Buffer, start = 0, end: number = bytes.length): number {
  return atOnce(xxh32InSteps(bytes, start, end));
}

/** The same of many bytes. */
export function* xxh32InSteps(bytes: Buffer, start: number, end: number): Steps<number> {
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const stripes = start + ((end - start) & ~15);
  const lanes = new Int32Array([P1 + P2, P2, 0, -P1]);
  for (let at = start; at < stripes; at += PIECE) {
    run(lanes, words, at, Math.min(at + PIECE, stripes));
    if (at + PIECE < stripes) yield;
  }
  let h = ((stripes > start ? merged(lanes) : P5) + (end - start)) | 0;
  let at = stripes;
  for (; at + 4 <= end; at += 4) h = Math.imul(rotate(h + Math.imul(words.getInt32(at, true), P3), 17), P4);
  for (; at < end; at++) h = Math.imul(rotate(h + Math.imul(bytes[at] as number, P5), 11), P1);
  h = Math.imul(h ^ (h >>> 15), P2);
  h = Math.imul(h ^ (h >>> 13), P3);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Whole stripes of 16 bytes, four lanes side by side. */
function run(lanes: Int32Array, words: DataView, start: number, end: number): void {
  let [a = 0, b = 0, c = 0, d = 0] = lanes;
  for (let at = start; at < end; at += 16) {
    a = round(a, words.getInt32(at, true));
    b = round(b, words.getInt32(at + 4, true));
    c = round(c, words.getInt32(at + 8, true));
    d = round(d, words.getInt32(at + 12, true));
  }
  lanes.set([a, b, c, d]);
}

function merged(lanes: Int32Array): number {
  const [a = 0, b = 0, c = 0, d = 0] = lanes;
  return (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) | 0;
}

function round(lane: number, word: number): number {
  return Math.imul(rotate(lane + Math.imul(word, P2), 13), P1);
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}
