// xxHash, 32 bits, seed 0: the checksum of LZ4 frame headers, which are at most 14 bytes long.
// https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md

const P2 = 0x85ebca77;
const P3 = 0xc2b2ae3d;
const P4 = 0x27d4eb2f;
const P5 = 0x165667b1;
const P1 = 0x9e3779b1;

/** Of fewer than 16 bytes: the lanes for longer input are left out. */
export function xxh32(bytes: Buffer, start: number, end: number): number {
  if (end - start >= 16) throw new RangeError('only for inputs below 16 bytes');
  let h = (P5 + (end - start)) | 0;
  let at = start;
  for (; at + 4 <= end; at += 4) h = Math.imul(rotate(h + Math.imul(bytes.readUInt32LE(at), P3), 17), P4);
  for (; at < end; at++) h = Math.imul(rotate(h + Math.imul(bytes[at] as number, P5), 11), P1);
  h = Math.imul(h ^ (h >>> 15), P2);
  h = Math.imul(h ^ (h >>> 13), P3);
  return (h ^ (h >>> 16)) >>> 0;
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}
