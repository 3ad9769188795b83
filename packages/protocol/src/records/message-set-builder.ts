// Builds message sets, magic 0 and 1: what Produce 0-1 and 2 carry, and what brokers before 0.11 keep.
import { At, Attribute, PREFIX } from './batch-layout.ts';
import { copyBytes, isTimestamp, lengthOf } from './bytes.ts';
import { type CompressionName, codecId, compress } from './compression/index.ts';
import { crc32 } from './crc32.ts';
import { ATTRIBUTES, SMALLEST, TIMESTAMP } from './message.ts';
import type { RecordBytes } from './record.ts';

const CRC = PREFIX;
const MOST_BYTES = 0x7fffffff;

/** Which of the two old formats. */
export interface MessageSetOptions {
  /** 0: no timestamps. 1: Kafka 0.10 (KIP-32), and relative offsets inside of wrappers (KIP-31). */
  readonly magic: 0 | 1;
  /** Bytes to begin with; the buffer doubles when they are used up. */
  readonly capacity?: number;
}

/** What holds for all messages of the set. */
export interface MessageSetSealOptions {
  /** Applied only when it makes the set smaller. The formats end before zstd (KIP-110). */
  readonly compression?: Exclude<CompressionName, 'zstd'>;
  /** Offset of the first message. A broker's matter; producers send 0. */
  readonly baseOffset?: bigint;
  /** A broker's matter, of magic 1 only: the time at which it appended the set holds for all its messages. */
  readonly appendTimeMs?: number;
}

/**
 * Collects messages, then seals them into a message set: one entry each, or compressed into one wrapper.
 *
 * @example
 * const builder = new MessageSetBuilder({ magic: 1 });
 * builder.append(Date.now(), 'key', 'value');
 * const records = builder.seal({ compression: 'gzip' });
 */
export class MessageSetBuilder {
  readonly #magic: 0 | 1;
  #buffer: Buffer;
  #position = 0;
  #count = 0;
  #maxTimestamp = -1;
  #sealed = false;

  constructor({ magic, capacity = 4096 }: MessageSetOptions) {
    if (magic !== 0 && magic !== 1) throw new RangeError(`magic ${magic}: message sets have 0 or 1, batches 2`);
    this.#magic = magic;
    this.#buffer = Buffer.allocUnsafe(Math.max(capacity, 64));
  }

  /** Messages so far. */
  get count(): number {
    return this.#count;
  }

  /** Bytes so far, uncompressed. */
  get sizeInBytes(): number {
    return this.#position;
  }

  /**
   * Writes one message. These formats have no headers.
   *
   * @param timestampMs milliseconds since 1970, or -1; left out in magic 0
   * @returns how many messages were before it
   */
  append(timestampMs: number, key: RecordBytes, value: RecordBytes): number {
    if (this.#sealed) throw new TypeError('this message set is sealed; append to a new one');
    if (!isTimestamp(timestampMs)) throw new RangeError(`timestamp ${timestampMs} is not an integer, or before 1970`);
    const size = SMALLEST[this.#magic] + Math.max(lengthOf(key), 0) + Math.max(lengthOf(value), 0);
    this.#grow(this.#position + size);
    writeMessage(this.#buffer, this.#position, this.#magic, timestampMs, key, value);
    this.#position += size;
    this.#maxTimestamp = Math.max(this.#maxTimestamp, timestampMs);
    return this.#count++;
  }

  /**
   * Finishes the set. The buffer that comes back is not written to again by the builder.
   *
   * @throws {TypeError} when nothing was appended, or it was sealed before
   * @throws {RangeError} for zstd, and for an append time in magic 0
   */
  seal(options: MessageSetSealOptions = {}): Buffer {
    if (this.#sealed) throw new TypeError('this message set is sealed already');
    if (this.#count === 0) throw new TypeError('an empty message set cannot be sealed; append a message first');
    const codec = options.compression ?? 'none';
    refuseZstd(codec);
    if (options.appendTimeMs !== undefined && this.#magic === 0) {
      throw new RangeError('messages of magic 0 have no time; an append time needs magic 1');
    }
    this.#sealed = true;
    return this.#wrapped(codec, options) ?? this.#finish(options.baseOffset ?? 0n, options.appendTimeMs);
  }

  #grow(needed: number): void {
    if (needed <= this.#buffer.length) return;
    if (needed > MOST_BYTES) throw new RangeError(`a message set of ${needed} bytes: at most ${MOST_BYTES} fit`);
    const grown = Buffer.allocUnsafe(Math.max(2 * this.#buffer.length, needed));
    this.#buffer.copy(grown, 0, 0, this.#position);
    this.#buffer = grown;
  }

  /** What only the end knows: offsets, append time, and the checksums over it. */
  #finish(baseOffset: bigint, appendTimeMs?: number): Buffer {
    const set = this.#buffer.subarray(0, this.#position);
    let offset = baseOffset;
    for (let at = 0; at < set.length; offset++) {
      const end = at + PREFIX + set.readInt32BE(at + At.batchLength);
      set.writeBigInt64BE(offset, at);
      if (appendTimeMs !== undefined) stampAppendTime(set, at, appendTimeMs);
      set.writeUInt32BE(crc32(set, at + At.magic, end), at + CRC);
      at = end;
    }
    return set;
  }

  /** One message with all others inside and the offset of the last; null when that is not smaller. */
  #wrapped(codec: CompressionName, { baseOffset = 0n, appendTimeMs }: MessageSetSealOptions): Buffer | null {
    if (codec === 'none') return null;
    const inside = this.#finish(this.#magic === 0 ? baseOffset : 0n);
    const value = compress(codec, inside, { brokenLz4Checksum: this.#magic === 0 });
    const size = SMALLEST[this.#magic] + value.length;
    if (size >= inside.length) return null;
    const entry = Buffer.allocUnsafe(size);
    writeMessage(entry, 0, this.#magic, this.#maxTimestamp, null, value);
    entry[ATTRIBUTES] = codecId(codec);
    entry.writeBigInt64BE(baseOffset + BigInt(this.#count - 1), 0);
    if (appendTimeMs !== undefined) stampAppendTime(entry, 0, appendTimeMs);
    entry.writeUInt32BE(crc32(entry, At.magic), CRC);
    return entry;
  }
}

/** The type says it too, but not to JavaScript. */
function refuseZstd(codec: CompressionName): void {
  if (codec === 'zstd') throw new RangeError('zstd needs batches of magic 2 (BatchBuilder); message sets never had it');
}

/** All but the offset and the checksum. */
function writeMessage(
  target: Buffer,
  start: number,
  magic: 0 | 1,
  timestampMs: number,
  key: RecordBytes,
  value: RecordBytes,
): void {
  target[start + At.magic] = magic;
  target[start + ATTRIBUTES] = 0;
  if (magic === 1) target.writeBigInt64BE(BigInt(timestampMs), start + TIMESTAMP);
  const end = writeField(target, writeField(target, start + TIMESTAMP + 8 * magic, key), value);
  target.writeInt32BE(end - start - PREFIX, start + At.batchLength);
}

function writeField(target: Buffer, at: number, bytes: RecordBytes): number {
  const length = lengthOf(bytes);
  const start = target.writeInt32BE(length, at);
  return bytes === null ? start : copyBytes(target, start, bytes, length);
}

function stampAppendTime(target: Buffer, start: number, timestampMs: number): void {
  target[start + ATTRIBUTES] = (target[start + ATTRIBUTES] as number) | Attribute.appendTime;
  target.writeBigInt64BE(BigInt(timestampMs), start + TIMESTAMP);
}
