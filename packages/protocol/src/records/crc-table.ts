// Tables of CRCs over reflected polynomials.

/** The remainder of each byte. */
export function crcTable(reflectedPolynomial: number): Int32Array {
  const table = new Int32Array(256);
  for (let n = 0; n < 256; n++) {
    let c = n;
    for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ reflectedPolynomial : c >>> 1;
    table[n] = c;
  }
  return table;
}

/** The remainder of each byte that is followed by one zero byte more than in `table`. */
export function nextTable(first: Int32Array, table: Int32Array): Int32Array {
  return table.map((crc) => (crc >>> 8) ^ (first[crc & 0xff] as number));
}
