// CRC-32 (IEEE 802.3, as zlib): the checksum of messages of magic 0 and 1, which are rare enough for a plain loop.
import { crcTable } from './crc-table.ts';

/** Made at the first use: most programs never need it. */
let table: Int32Array | null = null;

/** CRC-32 of a range of bytes, unsigned. @param before of the bytes in front of them, where it is computed piece by piece */
export function crc32(bytes: Uint8Array, start = 0, end: number = bytes.length, before = 0): number {
  table ??= crcTable(0xedb88320);
  const remainders = table;
  let crc = before ^ -1;
  for (let at = start; at < end; at++) crc = (crc >>> 8) ^ (remainders[(crc ^ (bytes[at] as number)) & 0xff] as number);
  return (crc ^ -1) >>> 0;
}
