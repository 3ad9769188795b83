// Growing buffer over one message. It knows the dialect (classic or flexible); the codecs know the fields.
import { asBuffer } from './as-buffer.ts';
import { writeInt16, writeInt32, writeInt64 } from './integers.ts';
import { isBytes, noInteger, wrongType } from './refusals.ts';
import { writeUuid } from './uuid.ts';
import { writeUnsignedVarint } from './varint.ts';

/** From this size on, bytes are handed to the socket as they are instead of being copied beside the head. */
const ADOPT_FROM = 16 * 1024;
/** In every dialect. */
const MOST_IN_STRING = 0x7fff;

/** One known tagged field: its number, and how its value is written (to a writer of its own: the size comes first). */
export type TaggedField = readonly [tag: number, write: (w: Writer) => void];

class MessageWriter {
  /** Compact lengths and tag sections (KIP-482)? */
  readonly flexible: boolean;
  #buffer: Buffer;
  #position = 0;
  /** Where the current buffer begins in the message: after what was adopted or sealed before it. */
  #start = 0;
  readonly #chunks: Buffer[] = [];
  #chunksLength = 0;

  constructor(flexible = false, capacity = 512) {
    this.flexible = flexible;
    this.#buffer = Buffer.allocUnsafe(capacity);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#chunksLength + this.#position - this.#start;
  }

  int8(value: number): void {
    if (value !== (value << 24) >> 24) throw noInteger('int8', value);
    this.#room(1);
    this.#buffer[this.#position++] = value;
  }

  int16(value: number): void {
    this.#room(2);
    writeInt16(this.#buffer, this.#position, value);
    this.#position += 2;
  }

  uint16(value: number): void {
    if (value !== (value & 0xffff)) throw noInteger('uint16', value);
    this.#room(2);
    this.#position = this.#buffer.writeUInt16BE(value, this.#position);
  }

  int32(value: number): void {
    this.#room(4);
    writeInt32(this.#buffer, this.#position, value);
    this.#position += 4;
  }

  uint32(value: number): void {
    if (value !== value >>> 0) throw noInteger('uint32', value);
    this.#room(4);
    this.#position = this.#buffer.writeUInt32BE(value, this.#position);
  }

  int64(value: bigint): void {
    this.#room(8);
    writeInt64(this.#buffer, this.#position, value);
    this.#position += 8;
  }

  float64(value: number): void {
    if (typeof value !== 'number') throw wrongType('a number', value);
    this.#room(8);
    this.#position = this.#buffer.writeDoubleBE(value, this.#position);
  }

  bool(value: boolean): void {
    if (typeof value !== 'boolean') throw wrongType('a boolean', value);
    this.int8(value ? 1 : 0);
  }

  /** @param value 22 characters of base64url */
  uuid(value: string): void {
    this.#room(16);
    writeUuid(this.#buffer, this.#position, value);
    this.#position += 16;
  }

  unsignedVarint(value: number): void {
    if (value !== value >>> 0) throw noInteger('unsigned varint', value);
    this.#room(5);
    if (value < 0x80) this.#buffer[this.#position++] = value;
    else this.#position = writeUnsignedVarint(this.#buffer, this.#position, value);
  }

  /**
   * @throws {TypeError} when half of a surrogate pair is in it, which UTF-8 cannot say: U+FFFD would be another name
   * @throws {RangeError} above 32767 bytes: a compact length could say more, but Kafka neither writes nor reads it
   */
  string(value: string): void {
    if (typeof value !== 'string') throw wrongType('a string', value);
    const length = Buffer.byteLength(value);
    if (length > MOST_IN_STRING) throw new RangeError(`string of ${length} bytes: at most ${MOST_IN_STRING} fit`);
    if (length !== value.length && !value.isWellFormed())
      throw new TypeError(`not well-formed text: ${JSON.stringify(value)}`);
    this.#lengthOfString(length);
    this.#room(length);
    this.#position += this.#buffer.write(value, this.#position);
  }

  nullableString(value: string | null): void {
    if (value === null) this.#lengthOfString(-1);
    else this.string(value);
  }

  bytes(value: Uint8Array): void {
    if (!isBytes(value)) throw wrongType('a Buffer or Uint8Array', value);
    this.#length(value.length);
    if (value.length >= ADOPT_FROM) this.adopt(value);
    else this.#copy(value);
  }

  nullableBytes(value: Uint8Array | null): void {
    if (value === null) this.#length(-1);
    else this.bytes(value);
  }

  /** Array of primitives. */
  array<T>(items: readonly T[], write: (item: T) => void): void {
    if (!Array.isArray(items)) throw wrongType('an array', items);
    this.#length(items.length);
    for (const item of items) write(item);
  }

  /** Array of int32. */
  int32s(items: readonly number[]): void {
    if (!Array.isArray(items)) throw wrongType('an array', items);
    this.#length(items.length);
    for (let i = 0; i < items.length; i++) this.int32(items[i] as number);
  }

  nullableArray<T>(items: readonly T[] | null, write: (item: T) => void): void {
    if (items === null) this.#length(-1);
    else this.array(items, write);
  }

  /** Array of structs: each element is closed by a tag section, empty unless `write` called `tags` itself. */
  structs<T>(items: readonly T[], write: (item: T) => void): void {
    this.array(items, (item) => this.#closed(item, write));
  }

  nullableStructs<T>(items: readonly T[] | null, write: (item: T) => void): void {
    if (items === null) this.#length(-1);
    else this.structs(items, write);
  }

  /** A single struct within another one. Includes its tag section. */
  struct<T>(value: T, write: (value: T) => void): void {
    this.#closed(value, write);
  }

  /** Nullable struct that is not tagged: an int8, -1 null or 1 present (KIP-893). Includes its tag section. */
  nullableStruct<T>(value: T | null, write: (value: T) => void): void {
    this.int8(value === null ? -1 : 1);
    if (value !== null) this.#closed(value, write);
  }

  /** The tag section that closes a struct; nothing in classic versions. `null` entries are fields left out. */
  tags(...fields: readonly (TaggedField | null)[]): void {
    this.#tagsWritten = true;
    if (!this.flexible) return;
    if (fields.length === 0) return this.unsignedVarint(0);
    const present = fields.filter((field) => field !== null);
    this.unsignedVarint(present.length);
    for (const [tag, write] of present) this.#tag(tag, write);
  }

  /** Bytes without a length in front of them. */
  raw(value: Uint8Array): void {
    if (!isBytes(value)) throw wrongType('a Buffer or Uint8Array', value);
    this.#copy(value);
  }

  /** Leaves room for an int32 and returns its place for `patchInt32`. */
  reserve(): number {
    this.int32(0);
    return this.length - 4;
  }

  /** Only for a place that was reserved after the last adopted buffer, or in the first chunk. */
  patchInt32(place: number, value: number): void {
    const inCurrent = place - this.#chunksLength;
    if (inCurrent >= 0) this.#buffer.writeInt32BE(value, this.#start + inCurrent);
    else this.#chunks[0]?.writeInt32BE(value, place);
  }

  /** Appends a buffer by reference: it must not change until the message was sent. */
  adopt(value: Uint8Array): void {
    if (!isBytes(value)) throw wrongType('a Buffer or Uint8Array', value);
    this.#seal();
    const view = asBuffer(value);
    this.#chunks.push(view);
    this.#chunksLength += view.length;
  }

  /** The message in pieces, to be written one after the other. */
  chunks(): Buffer[] {
    this.#seal();
    return this.#chunks;
  }

  /** The message in one piece. */
  toBuffer(): Buffer {
    const chunks = this.chunks();
    const [only] = chunks;
    return only && chunks.length === 1 ? only : Buffer.concat(chunks);
  }

  #tagsWritten = false;

  #closed<T>(item: T, write: (item: T) => void): void {
    this.#tagsWritten = false;
    write(item);
    if (!this.#tagsWritten) this.tags();
    this.#tagsWritten = false;
  }

  #tag(tag: number, write: (w: Writer) => void): void {
    const field = new MessageWriter(true, 64);
    write(field);
    this.unsignedVarint(tag);
    this.unsignedVarint(field.length);
    this.#copy(field.toBuffer());
  }

  #lengthOfString(length: number): void {
    if (this.flexible) this.unsignedVarint(length + 1);
    else this.int16(length);
  }

  #length(length: number): void {
    if (this.flexible) this.unsignedVarint(length + 1);
    else this.int32(length);
  }

  #copy(value: Uint8Array): void {
    this.#room(value.length);
    this.#buffer.set(value, this.#position);
    this.#position += value.length;
  }

  #seal(): void {
    if (this.#position === this.#start) return;
    this.#chunks.push(this.#buffer.subarray(this.#start, this.#position));
    this.#chunksLength += this.#position - this.#start;
    this.#start = this.#position;
  }

  #room(count: number): void {
    if (this.#position + count <= this.#buffer.length) return;
    const written = this.#position - this.#start;
    const grown = Buffer.allocUnsafe(Math.max(2 * this.#buffer.length, written + count));
    this.#buffer.copy(grown, 0, this.#start, this.#position);
    this.#buffer = grown;
    this.#position = written;
    this.#start = 0;
  }
}

/**
 * Writes the fields of one message in order. Methods are Kafka's nouns.
 *
 * The type says only what is public, as that of `Reader` does, and for the same reason.
 */
export interface Writer extends Pick<MessageWriter, keyof MessageWriter> {}

/** A writer with room for `capacity` bytes (default 512; it grows); `flexible`: with compact lengths and tags (default: not). */
export const Writer: new (flexible?: boolean, capacity?: number) => Writer = MessageWriter;
