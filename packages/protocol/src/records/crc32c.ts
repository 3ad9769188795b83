// CRC-32C (Castagnoli, RFC 3720): the checksum of record batches. `zlib.crc32` is the other polynomial.
import { crcOf, crcTable } from './crc-table.ts';

const TABLE = /* @__PURE__ */ crcTable(0x82f63b78);

/** CRC-32C of a range of bytes, unsigned. */
export function crc32c(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  return crcOf(TABLE, bytes, start, end);
}
