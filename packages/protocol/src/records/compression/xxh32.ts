// xxHash, 32 bits, seed 0: the checksum of LZ4 frames.
// https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md

const P1 = 0x9e3779b1;
const P2 = 0x85ebca77;
const P3 = 0xc2b2ae3d;
const P4 = 0x27d4eb2f;
const P5 = 0x165667b1;

/** xxHash-32 of a range of bytes, unsigned. */
export function xxh32(bytes: Buffer, start = 0, end: number = bytes.length): number {
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const stripes = start + ((end - start) & ~15);
  let h = ((stripes > start ? lanes(words, start, stripes) : P5) + (end - start)) | 0;
  let at = stripes;
  for (; at + 4 <= end; at += 4) h = Math.imul(rotate(h + Math.imul(words.getInt32(at, true), P3), 17), P4);
  for (; at < end; at++) h = Math.imul(rotate(h + Math.imul(bytes[at] as number, P5), 11), P1);
  h = Math.imul(h ^ (h >>> 15), P2);
  h = Math.imul(h ^ (h >>> 13), P3);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Whole stripes of 16 bytes, four lanes side by side. */
function lanes(words: DataView, start: number, end: number): number {
  let a = (P1 + P2) | 0;
  let b = P2 | 0;
  let c = 0;
  let d = -P1 | 0;
  for (let at = start; at < end; at += 16) {
    a = round(a, words.getInt32(at, true));
    b = round(b, words.getInt32(at + 4, true));
    c = round(c, words.getInt32(at + 8, true));
    d = round(d, words.getInt32(at + 12, true));
  }
  return (rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18)) | 0;
}

function round(lane: number, word: number): number {
  return Math.imul(rotate(lane + Math.imul(word, P2), 13), P1);
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}
