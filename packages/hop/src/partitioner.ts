// Partitions as the Python original chooses them (librdkafka's `consistent_random`).
import { randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** CRC-32 of the key modulo the number of partitions; random for records without a key, or with an empty one. */
export function partitionOf(key: Uint8Array | null, partitionCount: number): number {
  return key === null || key.length === 0 ? randomInt(partitionCount) : crc32(key) % partitionCount;
}
