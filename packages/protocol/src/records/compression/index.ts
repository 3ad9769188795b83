// The codecs of record batches by name and by their number in the attributes. All are written and read.
import { atOnce, type Steps } from '../../steps.ts';
import { asBuffer } from '../../wire/as-buffer.ts';
import { CorruptBatchError } from '../corrupt-batch-error.ts';
import { gunzip, gunzipInSteps, gzip } from './gzip.ts';
import { unpackLz4 } from './lz4.ts';
import { packLz4 } from './lz4-frame.ts';
import { unpackSnappy } from './snappy.ts';
import { packSnappy, packSnappyRaw } from './snappy-block.ts';
import { unpackZstd, unpackZstdInSteps, zstd } from './zstd.ts';

const NAMES = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

/** Name of a codec as Kafka's `compression.type` has it. */
export type CompressionName = (typeof NAMES)[number];

/** All of them, by their numbers. */
export const compressionNames: readonly CompressionName[] = NAMES;

/** What only old brokers and strangers' clients want otherwise. */
export interface CompressOptions {
  /** One block, as librdkafka writes it, instead of Java's stream of blocks. Kafka reads both. */
  readonly rawSnappy?: boolean;
  /** What message sets of magic 0 want: the wrong frame header checksum of Kafka 0.8 and 0.9 (KIP-57). */
  readonly brokenLz4Checksum?: boolean;
}

/** What only old brokers want otherwise. */
export interface DecompressOptions {
  /** Message sets of magic 0 carry the wrong frame header checksum of Kafka 0.8 and 0.9 (KIP-57): not looked at. */
  readonly brokenLz4Checksum?: boolean;
}

/** The codec with this number in a batch's attributes; undefined: nobody has defined it. */
export function codecName(id: number): CompressionName | undefined {
  return NAMES[id];
}

/** Its number in a batch's attributes. */
export function codecId(name: CompressionName): number {
  return NAMES.indexOf(name);
}

/**
 * Always packs, also what becomes larger by it. `none` gives the same bytes back, not a copy.
 *
 * @throws {RangeError} when there is no such codec
 * @example decompress('lz4', compress('lz4', bytes), 1024 * 1024)
 */
export function compress(codec: CompressionName, bytes: Uint8Array, options: CompressOptions = {}): Buffer {
  switch (codec) {
    case 'none':
      return asBuffer(bytes);
    case 'gzip':
      return gzip(bytes);
    case 'snappy':
      return options.rawSnappy ? packSnappyRaw(bytes) : packSnappy(bytes);
    case 'lz4':
      return packLz4(bytes, options.brokenLz4Checksum ?? false);
    case 'zstd':
      return zstd(bytes);
    default:
      throw new RangeError(`no compression ${codec}; there are ${NAMES.join(', ')}`);
  }
}

/**
 * Unpacks what a codec made.
 *
 * @param codec name, or its number in the attributes
 * @param limit most bytes it may unpack to; more is refused before it is allocated
 * @throws {CorruptBatchError} when the bytes are not what the codec makes, or unpack to more
 * @example decompress('snappy', bytes, 1024 * 1024)
 */
export function decompress(
  codec: CompressionName | number,
  bytes: Uint8Array,
  limit: number,
  options: DecompressOptions = {},
): Buffer {
  const name = typeof codec === 'number' ? codecName(codec) : codec;
  const packed = asBuffer(bytes);
  switch (name) {
    case 'none':
      return packed;
    case 'gzip':
      return gunzip(packed, limit);
    case 'snappy':
      return atOnce(unpackSnappy(packed, limit));
    case 'lz4':
      return atOnce(unpackLz4(packed, limit, options.brokenLz4Checksum ?? false));
    case 'zstd':
      return unpackZstd(packed, limit);
    default:
      throw new CorruptBatchError(`unknown compression ${codec}`);
  }
}

/**
 * The same in steps of some milliseconds, of which Node's own codecs do what is large on other threads.
 *
 * @throws {CorruptBatchError} as `decompress`
 */
export function* decompressInSteps(
  codec: CompressionName | number,
  bytes: Uint8Array,
  limit: number,
  options: DecompressOptions = {},
): Steps<Buffer> {
  const name = typeof codec === 'number' ? codecName(codec) : codec;
  const packed = asBuffer(bytes);
  switch (name) {
    case 'gzip':
      return yield* gunzipInSteps(packed, limit);
    case 'snappy':
      return yield* unpackSnappy(packed, limit);
    case 'lz4':
      return yield* unpackLz4(packed, limit, options.brokenLz4Checksum ?? false);
    case 'zstd':
      return yield* unpackZstdInSteps(packed, limit);
    default:
      return decompress(codec, packed, limit);
  }
}
