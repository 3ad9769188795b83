// Reads one record batch (magic 2, KIP-98) where it lies: nothing is copied, and nothing decoded that nobody asks for.
import type { Steps } from '../steps.ts';
import { readNumber64 } from '../wire/integers.ts';
import { At, Attribute, MOST_OFFSET, PREFIX } from './batch-layout.ts';
import type { RecordOrigin } from './batch-record.ts';
import { inSteps } from './checksum-steps.ts';
import { type CompressionName, codecName, decompress, decompressInSteps } from './compression/index.ts';
import { CorruptBatchError, corruptAt } from './corrupt-batch-error.ts';
import { crc32c } from './crc32c.ts';
import { HeaderNames } from './header-names.ts';
import {
  DEFAULT_MAX_UNPACKED_BYTES,
  type RecordsOptions,
  type RecordsView,
  type RecordView,
  type RecordWalk,
} from './record.ts';
import { RecordCursor } from './record-cursor.ts';

/**
 * One record batch inside a larger buffer.
 *
 * @example
 * const batch = BatchView.at(records);
 * batch.verify();
 * for (const { offset, key, value } of batch.records()) console.log(offset, key, value);
 */
export class BatchView implements RecordsView {
  readonly buffer: Buffer;
  readonly position: number;
  readonly sizeInBytes: number;
  readonly attributes: number;
  readonly baseOffset: bigint;

  private constructor(buffer: Buffer, position: number, sizeInBytes: number) {
    this.buffer = buffer;
    this.position = position;
    this.sizeInBytes = sizeInBytes;
    this.attributes = buffer.readInt16BE(position + At.attributes);
    this.baseOffset = buffer.readBigInt64BE(position);
  }

  /** @throws {CorruptBatchError} when there is no whole batch of magic 2 at this position */
  static at(buffer: Buffer, position = 0): BatchView {
    const left = buffer.length - position;
    if (left < At.records) throw new CorruptBatchError(`${left} bytes, the header alone takes ${At.records}`);
    const offset = buffer.readBigInt64BE(position);
    const magic = buffer[position + At.magic];
    if (magic !== 2) throw new CorruptBatchError(`magic ${magic} where 2 is required`, { offset });
    const size = buffer.readInt32BE(position + At.batchLength) + PREFIX;
    if (size < At.records) throw new CorruptBatchError(`size ${size} below the header's ${At.records}`, { offset });
    if (size > left) throw new CorruptBatchError(`${size} bytes announced, ${left} left`, { offset });
    const lastDelta = buffer.readInt32BE(position + At.lastOffsetDelta);
    if (lastDelta < 0) throw new CorruptBatchError(`its last offset is the first ${lastDelta}`, { offset });
    if (offset > MOST_OFFSET) throw new CorruptBatchError('its offsets end beyond 64 bits', { offset });
    return new BatchView(buffer, position, size);
  }

  get magic(): number {
    return 2;
  }

  get leaderEpoch(): number {
    return this.buffer.readInt32BE(this.position + At.leaderEpoch);
  }

  get crc(): number {
    return this.buffer.readUInt32BE(this.position + At.crc);
  }

  /** @throws {CorruptBatchError} for ids 5 to 7, which nobody has defined */
  get codec(): CompressionName {
    const codec = codecName(this.attributes & Attribute.codec);
    if (!codec) throw this.#corrupt(`unknown compression ${this.attributes & Attribute.codec}`);
    return codec;
  }

  get timestampType(): 'create' | 'append' {
    return this.attributes & Attribute.appendTime ? 'append' : 'create';
  }

  get isTransactional(): boolean {
    return (this.attributes & Attribute.transactional) !== 0;
  }

  get isControl(): boolean {
    return (this.attributes & Attribute.control) !== 0;
  }

  get lastOffsetDelta(): number {
    return this.buffer.readInt32BE(this.position + At.lastOffsetDelta);
  }

  /** Kept by compaction even when the last records are gone: the next fetch goes to this plus one. */
  get lastOffset(): bigint {
    return this.baseOffset + BigInt(this.lastOffsetDelta);
  }

  /** With the delete horizon bit (KIP-534) this is the horizon; the first record's delta is then relative to it too. */
  get baseTimestamp(): number {
    return readNumber64(this.buffer, this.position + At.baseTimestamp);
  }

  get maxTimestamp(): number {
    return readNumber64(this.buffer, this.position + At.maxTimestamp);
  }

  get producerId(): bigint {
    return this.buffer.readBigInt64BE(this.position + At.producerId);
  }

  get producerEpoch(): number {
    return this.buffer.readInt16BE(this.position + At.producerEpoch);
  }

  get baseSequence(): number {
    return this.buffer.readInt32BE(this.position + At.baseSequence);
  }

  get recordCount(): number {
    return this.buffer.readInt32BE(this.position + At.recordCount);
  }

  /** The batch's bytes, header included. */
  get bytes(): Buffer {
    return this.buffer.subarray(this.position, this.position + this.sizeInBytes);
  }

  verify(): void {
    this.#compare(crc32c(this.buffer, this.position + At.attributes, this.position + this.sizeInBytes));
  }

  *checkInSteps(): Steps<number> {
    this.#compare(yield* inSteps(crc32c, this.buffer, this.position + At.attributes, this.position + this.sizeInBytes));
    return 0;
  }

  #compare(computed: number): void {
    if (computed !== this.crc) {
      throw this.#corrupt(`CRC-32C is ${hex(computed)}, the header says ${hex(this.crc)}`);
    }
  }

  /** Nothing to do: both stand in the header. */
  locate(): number {
    return 0;
  }

  records({ maxBytes = DEFAULT_MAX_UNPACKED_BYTES }: RecordsOptions = {}): Iterable<RecordView> {
    return this.#asTheyLie() ?? this.#cursor(this.#unpack(maxBytes));
  }

  walk({ maxBytes = DEFAULT_MAX_UNPACKED_BYTES }: RecordsOptions = {}): RecordWalk {
    return (this.#asTheyLie() ?? this.#cursor(this.#unpack(maxBytes))).walk();
  }

  *walkInSteps({ maxBytes = DEFAULT_MAX_UNPACKED_BYTES }: RecordsOptions = {}): Steps<RecordWalk> {
    return (this.#asTheyLie() ?? this.#cursor(yield* this.#unpackInSteps(maxBytes))).walk();
  }

  /** null: they have to be unpacked. */
  #asTheyLie(): RecordCursor | null {
    const count = this.recordCount;
    if (count < 0) throw this.#corrupt(`${count} records announced`);
    const start = this.position + At.records;
    // An empty batch (the cleaner keeps them for the producer's state) may still name a codec.
    if (count === 0) return new RecordCursor(this.#originIn(this.buffer), start, start, 0);
    if (this.codec !== 'none') return null;
    return new RecordCursor(this.#originIn(this.buffer), start, this.position + this.sizeInBytes, count);
  }

  #cursor(unpacked: Buffer): RecordCursor {
    return new RecordCursor(this.#originIn(unpacked), 0, unpacked.length, this.recordCount);
  }

  #originIn(buffer: Buffer): RecordOrigin {
    const { baseOffset, baseTimestamp } = this;
    const appendTime = this.timestampType === 'append' ? this.maxTimestamp : null;
    return { buffer, baseOffset, baseTimestamp, appendTime, names: new HeaderNames(buffer) };
  }

  get #packed(): Buffer {
    return this.buffer.subarray(this.position + At.records, this.position + this.sizeInBytes);
  }

  #unpack(limit: number): Buffer {
    try {
      return decompress(this.codec, this.#packed, limit);
    } catch (error) {
      throw corruptAt(this.baseOffset, error);
    }
  }

  *#unpackInSteps(limit: number): Steps<Buffer> {
    try {
      return yield* decompressInSteps(this.codec, this.#packed, limit);
    } catch (error) {
      throw corruptAt(this.baseOffset, error);
    }
  }

  #corrupt(reason: string): CorruptBatchError {
    return new CorruptBatchError(reason, { offset: this.baseOffset });
  }
}

function hex(crc: number): string {
  return crc.toString(16).padStart(8, '0');
}
