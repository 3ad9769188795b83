// Table-driven CRC over reflected polynomials, 16 bytes a step ("slicing-by-16"): one table look-up per byte still,
// but the look-ups of a step do not wait for each other.

/** 16 tables of 256 entries in one array. */
export function crcTable(reflectedPolynomial: number): Int32Array {
  const table = new Int32Array(16 * 256);
  for (let n = 0; n < 256; n++) {
    let c = n;
    for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ reflectedPolynomial : c >>> 1;
    table[n] = c;
  }
  for (let i = 256; i < table.length; i++) {
    const before = table[i - 256] as number;
    table[i] = (before >>> 8) ^ (table[before & 0xff] as number);
  }
  return table;
}

/** @returns the checksum as an unsigned 32-bit number */
export function crcOf(t: Int32Array, bytes: Uint8Array, start: number, end: number): number {
  let crc = -1;
  let at = start;
  // The casts only say that an index inside the bounds is not undefined; a check each would cost half the speed.
  for (const last = end - 16; at <= last; at += 16) {
    const a =
      crc ^
      ((bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24));
    crc =
      (t[3840 + (a & 0xff)] as number) ^
      (t[3584 + ((a >>> 8) & 0xff)] as number) ^
      (t[3328 + ((a >>> 16) & 0xff)] as number) ^
      (t[3072 + (a >>> 24)] as number) ^
      (t[2816 + (bytes[at + 4] as number)] as number) ^
      (t[2560 + (bytes[at + 5] as number)] as number) ^
      (t[2304 + (bytes[at + 6] as number)] as number) ^
      (t[2048 + (bytes[at + 7] as number)] as number) ^
      (t[1792 + (bytes[at + 8] as number)] as number) ^
      (t[1536 + (bytes[at + 9] as number)] as number) ^
      (t[1280 + (bytes[at + 10] as number)] as number) ^
      (t[1024 + (bytes[at + 11] as number)] as number) ^
      (t[768 + (bytes[at + 12] as number)] as number) ^
      (t[512 + (bytes[at + 13] as number)] as number) ^
      (t[256 + (bytes[at + 14] as number)] as number) ^
      (t[bytes[at + 15] as number] as number);
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ (t[(crc ^ (bytes[at] as number)) & 0xff] as number);
  return (crc ^ -1) >>> 0;
}
