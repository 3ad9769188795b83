// Variable-length integers, on plain numbers (a varlong on bigint costs 25 times as much).
//
// Unsigned: groups of 7 bits, least significant first, high bit = more follow; at most 5 bytes.
// Signed (only inside record batches): zigzag first, (n << 1) ^ (n >> 31); varlong: 64 bits, at most 10 bytes.

const TWO_31 = 0x80000000;
const TWO_32 = 0x100000000;

/** Bytes an unsigned varint takes. */
export function sizeOfUnsignedVarint(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x200000) return 3;
  return value < 0x10000000 ? 4 : 5;
}

/** Writes an unsigned 32-bit value and returns the position after it. */
export function writeUnsignedVarint(target: Uint8Array, at: number, value: number): number {
  let rest = value >>> 0;
  while (rest > 0x7f) {
    target[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  target[at++] = rest;
  return at;
}

/** Bytes a zigzag varint of a signed 32-bit value takes. */
export function sizeOfVarint(value: number): number {
  return sizeOfUnsignedVarint(((value << 1) ^ (value >> 31)) >>> 0);
}

/** Writes a zigzag varint of a signed 32-bit value. */
export function writeVarint(target: Uint8Array, at: number, value: number): number {
  return writeUnsignedVarint(target, at, (value << 1) ^ (value >> 31));
}

/** Bytes a zigzag varlong takes; `value` is a safe integer. */
export function sizeOfVarlong(value: number): number {
  if (value >= -TWO_31 && value < TWO_31) return sizeOfVarint(value);
  let rest = value < 0 ? -(value + 1) : value; // zigzag doubles it: one bit more
  let size = 1;
  for (rest = Math.floor(rest / 64); rest > 0; rest = Math.floor(rest / 128)) size++;
  return size;
}

/** Writes a zigzag varlong of a safe integer. */
export function writeVarlong(target: Uint8Array, at: number, value: number): number {
  if (value >= -TWO_31 && value < TWO_31) return writeVarint(target, at, value);
  const sign = value < 0 ? 1 : 0;
  const magnitude = sign ? -(value + 1) : value;
  // zigzag = magnitude * 2 + sign, in two halves: it needs up to 54 bits.
  let low = (((magnitude % TWO_32) >>> 0) * 2 + sign) % TWO_32;
  let high = Math.floor(magnitude / TWO_31) >>> 0;
  while (high > 0 || low > 0x7f) {
    target[at++] = (low & 0x7f) | 0x80;
    low = ((low >>> 7) | ((high & 0x7f) << 25)) >>> 0;
    high >>>= 7;
  }
  target[at++] = low;
  return at;
}
