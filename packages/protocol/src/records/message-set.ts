// Reads entries of a message set (magic 0 and 1, before KIP-98). An entry is one message, or a wrapper whose value is
// a compressed message set.
import type { Steps } from '../steps.ts';
import { At, Attribute, PREFIX } from './batch-layout.ts';
import { inSteps } from './checksum-steps.ts';
import {
  type CompressionName,
  codecName,
  type DecompressOptions,
  decompress,
  decompressInSteps,
} from './compression/index.ts';
import { CorruptBatchError, corruptAt } from './corrupt-batch-error.ts';
import { crc32 } from './crc32.ts';
import { IteratedWalk } from './iterated-walk.ts';
import { checkOffset, lastOffsetOf, type Message, messageAt, messagesOf } from './message.ts';
import {
  DEFAULT_MAX_UNPACKED_BYTES,
  type Header,
  type RecordsOptions,
  type RecordsView,
  type RecordView,
  type RecordWalk,
} from './record.ts';

const NO_HEADERS: readonly Header[] = /* @__PURE__ */ Object.freeze([]);

/** Where the messages of a wrapper are. */
interface Range {
  readonly firstOffset: bigint;
  readonly lastOffset: bigint;
  /** What to add to the offsets inside. */
  readonly shift: bigint;
}

/** One entry of a message set. */
export class MessageSetView implements RecordsView {
  readonly #entry: Buffer;
  readonly #message: Message;
  #range: Range | null = null;

  private constructor(entry: Buffer, message: Message) {
    this.#entry = entry;
    this.#message = message;
  }

  /** @param entry exactly one entry: offset, size, message */
  static at(entry: Buffer): MessageSetView {
    return new MessageSetView(entry, messageAt(entry, 0, entry.length));
  }

  get magic(): number {
    return this.#message.magic;
  }

  get sizeInBytes(): number {
    return this.#entry.length;
  }

  /** The entry's bytes. */
  get bytes(): Buffer {
    return this.#entry;
  }

  get attributes(): number {
    return this.#message.attributes;
  }

  /** @throws {CorruptBatchError} for codecs that messages of this magic never had */
  get codec(): CompressionName {
    const codec = codecName(this.attributes & Attribute.codec);
    if (!codec || codec === 'zstd') throw this.#corrupt(`unknown compression ${this.attributes & Attribute.codec}`);
    return codec;
  }

  get timestampType(): 'create' | 'append' {
    return this.magic === 1 && this.attributes & Attribute.appendTime ? 'append' : 'create';
  }

  get isControl(): boolean {
    return false;
  }

  get isTransactional(): boolean {
    return false;
  }

  get producerId(): bigint {
    return -1n;
  }

  get leaderEpoch(): number {
    return -1;
  }

  /** The offset written in the entry; of a wrapper usually the last one's. */
  get wrapperOffset(): bigint {
    return this.#message.offset;
  }

  /** Unpacks a wrapper, unless it was located before. */
  get baseOffset(): bigint {
    return this.#located.firstOffset;
  }

  /** Unpacks a wrapper, unless it was located before: not all brokers give it the last offset. */
  get lastOffset(): bigint {
    return this.#located.lastOffset;
  }

  locate({ maxBytes = DEFAULT_MAX_UNPACKED_BYTES }: RecordsOptions = {}): number {
    if (this.#range !== null) return 0;
    if (this.codec === 'none') {
      this.#range = { firstOffset: this.wrapperOffset, lastOffset: this.wrapperOffset, shift: 0n };
      return 0;
    }
    return this.#unpack(maxBytes).length;
  }

  verify(): void {
    this.#compare(crc32(this.#entry, At.magic));
  }

  *checkInSteps({ maxBytes = DEFAULT_MAX_UNPACKED_BYTES }: RecordsOptions = {}): Steps<number> {
    this.#compare(yield* inSteps(crc32, this.#entry, At.magic, this.#entry.length));
    if (this.codec === 'none' || this.#range !== null) return this.locate();
    return (yield* this.#unpackInSteps(maxBytes)).length;
  }

  #compare(computed: number): void {
    const declared = this.#entry.readUInt32BE(PREFIX);
    if (computed !== declared) throw this.#corrupt(`CRC-32 is ${computed}, the message says ${declared}`);
  }

  /** Messages are read from a wrapper when they are asked for, since a bomb may hold millions. */
  records({ maxBytes = DEFAULT_MAX_UNPACKED_BYTES }: RecordsOptions = {}): Iterable<RecordView> {
    if (this.codec === 'none') return { [Symbol.iterator]: () => this.#alone() };
    return this.#wrapped(this.#unpack(maxBytes));
  }

  *walkInSteps({ maxBytes = DEFAULT_MAX_UNPACKED_BYTES }: RecordsOptions = {}): Steps<RecordWalk> {
    if (this.codec === 'none') return this.walk();
    return new IteratedWalk(this.#wrapped(yield* this.#unpackInSteps(maxBytes))[Symbol.iterator]());
  }

  #wrapped(bytes: Buffer): Iterable<RecordView> {
    const { shift } = this.#located;
    return { [Symbol.iterator]: () => this.#walk(bytes, shift) };
  }

  walk(options: RecordsOptions = {}): RecordWalk {
    return new IteratedWalk(this.records(options)[Symbol.iterator]());
  }

  *#alone(): Iterator<RecordView> {
    const { offset, timestampMs, key, value } = this.#message;
    yield { offset, timestampMs, key, value, headers: NO_HEADERS };
  }

  *#walk(bytes: Buffer, shift: bigint): Iterator<RecordView> {
    const appendTime = this.timestampType === 'append' ? this.#message.timestampMs : null;
    try {
      for (const { magic, attributes, offset, timestampMs, key, value } of messagesOf(bytes)) {
        if (attributes & Attribute.codec) throw this.#corrupt('compressed within compressed');
        // Its magic may be the other one. A message of magic 0 has no time, not even that of its append.
        const time = magic === 1 ? (appendTime ?? timestampMs) : -1;
        checkOffset(offset + shift);
        yield { offset: offset + shift, timestampMs: time, key, value, headers: NO_HEADERS };
      }
    } catch (error) {
      throw corruptAt(this.wrapperOffset, error);
    }
  }

  get #located(): Range {
    if (this.#range === null) this.locate();
    if (this.#range === null) throw this.#corrupt('nothing inside');
    return this.#range;
  }

  /** @returns the messages inside; also finds out where they are */
  #unpack(limit: number): Buffer {
    try {
      return this.#found(decompress(this.codec, this.#packed, limit, this.#unpacking));
    } catch (error) {
      throw corruptAt(this.wrapperOffset, error);
    }
  }

  *#unpackInSteps(limit: number): Steps<Buffer> {
    try {
      return this.#found(yield* decompressInSteps(this.codec, this.#packed, limit, this.#unpacking));
    } catch (error) {
      throw corruptAt(this.wrapperOffset, error);
    }
  }

  get #packed(): Buffer {
    const { value } = this.#message;
    if (!value || value.length === 0) throw this.#corrupt('compressed, but empty');
    return value;
  }

  get #unpacking(): DecompressOptions {
    return { brokenLz4Checksum: this.magic === 0 };
  }

  #found(bytes: Buffer): Buffer {
    this.#range ??= this.#rangeOf(bytes);
    return bytes;
  }

  #rangeOf(bytes: Buffer): Range {
    const last = lastOffsetOf(bytes);
    if (last === null) throw this.#corrupt('compressed, with no message inside');
    const shift = this.#shift(last);
    checkOffset(last + shift);
    return { firstOffset: bytes.readBigInt64BE(0) + shift, lastOffset: last + shift, shift };
  }

  /**
   * What to add to the inner offsets. The wrapper's offset may be
   *  - the last inner one's: absolute inside magic 0, relative inside magic 1 (KIP-31);
   *  - 0, from some librdkafka versions: the first inner one's;
   *  - below the last relative one: KoP gives wrappers the offset of the *first* record and keeps the inside as it was
   *    sent, in both magics. Kafka calls that invalid; no Kafka writes it, so reading it takes nothing from anybody.
   *    (KoP's wrappers at higher offsets cannot be told from Kafka's in magic 1, and are read as Kafka's.)
   */
  #shift(lastInner: bigint): bigint {
    const wrapper = this.wrapperOffset;
    if (lastInner === wrapper || wrapper === 0n) return 0n;
    if (this.magic === 0 || wrapper < lastInner) return wrapper;
    return wrapper - lastInner;
  }

  #corrupt(reason: string): CorruptBatchError {
    return new CorruptBatchError(reason, { offset: this.wrapperOffset });
  }
}
