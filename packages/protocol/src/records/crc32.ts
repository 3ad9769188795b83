// CRC-32 (IEEE 802.3, as zlib): the checksum of messages of magic 0 and 1. Not `zlib.crc32`: Bun and old Node lack it.
import { crcOf, crcTable } from './crc-table.ts';

const TABLE = /* @__PURE__ */ crcTable(0xedb88320);

/** CRC-32 of a range of bytes, unsigned. */
export function crc32(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  return crcOf(TABLE, bytes, start, end);
}
