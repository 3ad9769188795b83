// The codecs of record batches by name and by their number in the attributes. All are written and read.
import { CorruptBatchError } from '../corrupt-batch-error.ts';
import { gunzip, gzip } from './gzip.ts';
import { unpackLz4 } from './lz4.ts';
import { packLz4 } from './lz4-frame.ts';
import { unpackSnappy } from './snappy.ts';
import { packSnappy, packSnappyRaw } from './snappy-block.ts';
import { unpackZstd, zstd } from './zstd.ts';

const NAMES = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

export type CompressionName = (typeof NAMES)[number];

/** All of them, by their numbers. */
export const compressionNames: readonly CompressionName[] = NAMES;

export interface CompressOptions {
  /** One block, as librdkafka writes it, instead of Java's stream of blocks. Kafka reads both. */
  readonly rawSnappy?: boolean;
  /** What message sets of magic 0 want: the wrong frame header checksum of Kafka 0.8 and 0.9 (KIP-57). */
  readonly brokenLz4Checksum?: boolean;
}

export interface DecompressOptions {
  /** Message sets of magic 0 carry the wrong frame header checksum of Kafka 0.8 and 0.9 (KIP-57): not looked at. */
  readonly brokenLz4Checksum?: boolean;
}

/** undefined: nobody has defined this id. */
export function codecName(id: number): CompressionName | undefined {
  return NAMES[id];
}

export function codecId(name: CompressionName): number {
  return NAMES.indexOf(name);
}

/**
 * Always packs, also what becomes larger by it. `none` gives the same bytes back, not a copy.
 *
 * @example decompress('lz4', compress('lz4', bytes), 1024 * 1024)
 */
export function compress(codec: CompressionName, bytes: Uint8Array, options: CompressOptions = {}): Buffer {
  switch (codec) {
    case 'none':
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    case 'gzip':
      return gzip(bytes);
    case 'snappy':
      return options.rawSnappy ? packSnappyRaw(bytes) : packSnappy(bytes);
    case 'lz4':
      return packLz4(bytes, options.brokenLz4Checksum ?? false);
    case 'zstd':
      return zstd(bytes);
  }
}

/**
 * @param codec name, or its number in the attributes
 * @param limit most bytes it may unpack to; more is refused before it is allocated
 * @throws {CorruptBatchError} when the bytes are not what the codec makes, or unpack to more
 */
export function decompress(
  codec: CompressionName | number,
  bytes: Buffer,
  limit: number,
  options: DecompressOptions = {},
): Buffer {
  const name = typeof codec === 'number' ? codecName(codec) : codec;
  switch (name) {
    case 'none':
      return bytes;
    case 'gzip':
      return gunzip(bytes, limit);
    case 'snappy':
      return unpackSnappy(bytes, limit);
    case 'lz4':
      return unpackLz4(bytes, limit, options.brokenLz4Checksum ?? false);
    case 'zstd':
      return unpackZstd(bytes, limit);
    default:
      throw new CorruptBatchError(`unknown compression ${codec}`);
  }
}
