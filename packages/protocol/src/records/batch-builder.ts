// Builds one record batch (magic 2). The hot path of a producer: each record is written once, straight into the
// batch's buffer, so that its size is exact at any moment and nothing is allocated per record.
import { writeInt16, writeInt32, writeInt64, writeNumber64 } from '../wire/integers.ts';
import { wrongType } from '../wire/refusals.ts';
import { sizeOfVarint, sizeOfVarlong, writeVarint, writeVarlong } from '../wire/varint.ts';
import { At, Attribute, PREFIX } from './batch-layout.ts';
import { copyBytes, isTimestamp, lengthOf, lengthOfName } from './bytes.ts';
import { type CompressionName, codecId, compress } from './compression/index.ts';
import { crc32c } from './crc32c.ts';
import type { HeaderInput, RecordBytes } from './record.ts';

const NO_HEADERS: readonly HeaderInput[] = [];
const MAX_SIZE = 0x7fffffff;
/** Length, attributes, timestamp delta, offset delta, key length, value length, header count, each at its longest. */
const MOST_OVERHEAD = 5 + 1 + 10 + 5 + 5 + 5 + 5;

/** What the header of a batch says of all its records. */
export interface SealOptions {
  /** Applied only when it makes the batch smaller. */
  readonly compression?: CompressionName;
  readonly producerId?: bigint;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly transactional?: boolean;
  readonly control?: boolean;
  /** A broker's matter; producers send 0. */
  readonly baseOffset?: bigint;
  /** A broker's matter; producers send -1. */
  readonly leaderEpoch?: number;
}

/**
 * Collects records, then seals them into a batch.
 *
 * @example
 * const builder = new BatchBuilder();
 * builder.append(Date.now(), 'key', 'value', [['trace', 'a1']]);
 * const records = builder.seal({ compression: 'zstd' });
 */
export class BatchBuilder {
  #buffer: Buffer;
  #position: number = At.records;
  #count = 0;
  #baseTimestamp = -1;
  #maxTimestamp = -1;
  #sealed = false;

  /** @param options `capacity`: bytes to begin with; the buffer doubles when they are used up */
  constructor(options: { capacity?: number } = {}) {
    this.#buffer = Buffer.allocUnsafe(Math.max(options.capacity ?? 16 * 1024, 128));
  }

  /** Records so far. */
  get count(): number {
    return this.#count;
  }

  /** Header and records so far, uncompressed. */
  get sizeInBytes(): number {
    return this.#position;
  }

  /** Greatest timestamp so far; -1 when empty. */
  get maxTimestamp(): number {
    return this.#maxTimestamp;
  }

  /** Upper bound of what a record takes, in a batch of its own or another; lengths are -1 or 0 for null. */
  static sizeOf(keyLength: number, valueLength: number, headers: readonly HeaderInput[] = NO_HEADERS): number {
    let size = MOST_OVERHEAD + Math.max(keyLength, 0) + Math.max(valueLength, 0);
    for (const [name, value] of headers) size += 10 + lengthOf(name) + Math.max(lengthOf(value), 0);
    return size;
  }

  /** What `sizeInBytes` would be after this record, exactly. */
  sizeAfter(
    timestampMs: number,
    key: RecordBytes,
    value: RecordBytes,
    headers: readonly HeaderInput[] = NO_HEADERS,
  ): number {
    const body = this.#sizeOfBody(timestampMs, lengthOf(key), lengthOf(value), headers);
    return this.#position + sizeOfVarint(body) + body;
  }

  /**
   * Writes one record.
   *
   * @param timestampMs milliseconds since 1970, or -1
   * @returns its offset delta: how many records were before it
   */
  append(
    timestampMs: number,
    key: RecordBytes,
    value: RecordBytes,
    headers: readonly HeaderInput[] = NO_HEADERS,
  ): number {
    return this.tryAppend(MAX_SIZE, timestampMs, key, value, headers);
  }

  /** As `append`, unless `sizeInBytes` would exceed `maxBytes`: then nothing is written, and -1 comes back. */
  tryAppend(
    maxBytes: number,
    timestampMs: number,
    key: RecordBytes,
    value: RecordBytes,
    headers: readonly HeaderInput[] = NO_HEADERS,
  ): number {
    if (this.#sealed) throw new TypeError('this batch is sealed; append to a new one');
    if (!isTimestamp(timestampMs)) throw new RangeError(`timestamp ${timestampMs} is not an integer, or before 1970`);
    const keyLength = lengthOf(key);
    const valueLength = lengthOf(value);
    const body = this.#sizeOfBody(timestampMs, keyLength, valueLength, headers);
    const end = this.#position + sizeOfVarint(body) + body;
    if (end > maxBytes) return this.#refuse(end, maxBytes);
    if (end > this.#buffer.length) this.#grow(end);
    if (this.#count === 0) this.#baseTimestamp = timestampMs;
    if (timestampMs > this.#maxTimestamp) this.#maxTimestamp = timestampMs;

    const target = this.#buffer;
    let at = writeVarint(target, this.#position, body);
    target[at++] = 0; // attributes: none are defined
    at = writeVarlong(target, at, timestampMs - this.#baseTimestamp);
    at = writeVarint(target, at, this.#count);
    at = writeField(target, at, key, keyLength);
    at = writeField(target, at, value, valueLength);
    this.#position = headers.length === 0 ? writeVarint(target, at, 0) : writeHeaders(target, at, headers);
    return this.#count++;
  }

  /**
   * Finishes the batch. The buffer that comes back is not written to again by the builder.
   *
   * @throws {TypeError} when nothing was appended, or it was sealed before
   */
  seal(options: SealOptions = {}): Buffer {
    if (this.#sealed) throw new TypeError('this batch is sealed already');
    if (this.#count === 0) throw new TypeError('an empty batch cannot be sealed; append a record first');
    this.#sealed = true;
    const codec = this.#compress(options.compression ?? 'none');
    const batch = this.#buffer.subarray(0, this.#position);
    this.#writeHeader(batch, codec, options);
    batch.writeUInt32BE(crc32c(batch, At.attributes), At.crc);
    return batch;
  }

  #sizeOfBody(timestampMs: number, keyLength: number, valueLength: number, headers: readonly HeaderInput[]): number {
    const delta = this.#count === 0 ? 0 : timestampMs - this.#baseTimestamp;
    const size =
      1 + sizeOfVarlong(delta) + sizeOfVarint(this.#count) + sizeOfField(keyLength) + sizeOfField(valueLength);
    return headers.length === 0 ? size + 1 : size + sizeOfHeaders(headers);
  }

  #refuse(end: number, maxBytes: number): number {
    if (maxBytes === MAX_SIZE) throw new RangeError(`a batch of ${end} bytes: at most ${MAX_SIZE} fit`);
    return -1;
  }

  #grow(needed: number): void {
    const grown = Buffer.allocUnsafe(Math.max(2 * this.#buffer.length, needed));
    this.#buffer.copy(grown, 0, 0, this.#position);
    this.#buffer = grown;
  }

  /** @returns the codec's id in the attributes */
  #compress(compression: CompressionName): number {
    if (compression === 'none') return 0;
    const packed = compress(compression, this.#buffer.subarray(At.records, this.#position));
    if (packed.length >= this.#position - At.records) return 0;
    // A buffer of its own: what waits to be sent then holds no more memory than its bytes.
    this.#buffer = Buffer.allocUnsafe(At.records + packed.length);
    this.#buffer.set(packed, At.records);
    this.#position = At.records + packed.length;
    return codecId(compression);
  }

  #writeHeader(batch: Buffer, codec: number, options: SealOptions): void {
    const flags = (options.transactional ? Attribute.transactional : 0) | (options.control ? Attribute.control : 0);
    writeInt64(batch, At.baseOffset, options.baseOffset ?? 0n);
    batch.writeInt32BE(batch.length - PREFIX, At.batchLength);
    writeInt32(batch, At.leaderEpoch, options.leaderEpoch ?? -1);
    batch[At.magic] = 2;
    batch.writeInt16BE(codec | flags, At.attributes);
    batch.writeInt32BE(this.#count - 1, At.lastOffsetDelta);
    writeNumber64(batch, At.baseTimestamp, this.#baseTimestamp);
    writeNumber64(batch, At.maxTimestamp, this.#maxTimestamp);
    writeInt64(batch, At.producerId, options.producerId ?? -1n);
    writeInt16(batch, At.producerEpoch, options.producerEpoch ?? -1);
    writeInt32(batch, At.baseSequence, options.baseSequence ?? -1);
    batch.writeInt32BE(this.#count, At.recordCount);
  }
}

function sizeOfField(length: number): number {
  return length <= 0 ? 1 : sizeOfVarint(length) + length;
}

function sizeOfHeaders(headers: readonly HeaderInput[]): number {
  if (!Array.isArray(headers)) throw wrongType('an array of headers', headers);
  let size = sizeOfVarint(headers.length);
  for (const [name, value] of headers) size += sizeOfField(lengthOfName(name)) + sizeOfField(lengthOf(value));
  return size;
}

function writeField(target: Buffer, at: number, bytes: RecordBytes, length: number): number {
  const start = writeVarint(target, at, length);
  return bytes === null ? start : copyBytes(target, start, bytes, length);
}

function writeHeaders(target: Buffer, at: number, headers: readonly HeaderInput[]): number {
  let position = writeVarint(target, at, headers.length);
  for (const [name, value] of headers) {
    position = writeField(target, position, name, lengthOf(name));
    position = writeField(target, position, value, lengthOf(value));
  }
  return position;
}
