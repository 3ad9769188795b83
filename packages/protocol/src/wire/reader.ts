// Checked cursor over one message. It knows the dialect (classic or flexible); the codecs know the fields.
//
// Every read is checked: Buffer's own `toString` and `subarray` truncate silently, and a length is a lie until the
// bytes are there. Nothing is allocated by an announced count.
import { ProtocolError } from '../errors.ts';
import { readInt32 } from './integers.ts';
import { textOf } from './utf8.ts';
import { uuidFromBytes } from './uuid.ts';

/** Up to here memory for an array's elements is taken by their announced number, beyond it as they are read. */
const MOST_AT_ONCE = 1024;
/** Kafka neither writes nor reads more, though a compact length could say so. */
const MOST_IN_STRING = 0x7fff;

/** The class of `Reader`, to be extended. Whoever only reads says `Reader`. */
export class MessageReader {
  readonly buffer: Buffer;
  /** Compact lengths and tag sections (KIP-482)? */
  readonly flexible: boolean;
  position: number;
  readonly end: number;

  constructor(buffer: Buffer, flexible = false, position = 0, end: number = buffer.length) {
    this.buffer = buffer;
    this.flexible = flexible;
    this.position = position;
    this.end = end;
  }

  get remaining(): number {
    return this.end - this.position;
  }

  int8(): number {
    return this.buffer.readInt8(this.take(1));
  }

  int16(): number {
    return this.buffer.readInt16BE(this.take(2));
  }

  uint16(): number {
    return this.buffer.readUInt16BE(this.take(2));
  }

  int32(): number {
    return readInt32(this.buffer, this.take(4));
  }

  uint32(): number {
    return this.buffer.readUInt32BE(this.take(4));
  }

  int64(): bigint {
    return this.buffer.readBigInt64BE(this.take(8));
  }

  float64(): number {
    return this.buffer.readDoubleBE(this.take(8));
  }

  /** Any non-zero byte is true. */
  bool(): boolean {
    return this.int8() !== 0;
  }

  /** 22 characters of base64url; zero is `ZERO_UUID`. */
  uuid(): string {
    const at = this.take(16);
    return uuidFromBytes(this.buffer, at);
  }

  /** Unsigned 32-bit varint. */
  unsignedVarint(): number {
    const at = this.take(1);
    const first = this.buffer[at] as number;
    return first < 0x80 ? first : this.#restOfVarint(first & 0x7f);
  }

  string(): string {
    const length = this.#lengthOfString();
    if (length < 0) throw this.error('null where a string is required');
    return this.#text(length);
  }

  nullableString(): string | null {
    const length = this.#lengthOfString();
    return length < 0 ? null : this.#text(length);
  }

  /** A view that pins the message's buffer. */
  bytes(): Buffer {
    const length = this.#length();
    if (length < 0) throw this.error('null where bytes are required');
    return this.#view(length);
  }

  /** A view that pins the message's buffer. */
  nullableBytes(): Buffer | null {
    const length = this.#length();
    return length < 0 ? null : this.#view(length);
  }

  /** Array of primitives. */
  array<T>(item: () => T): T[] {
    const items = this.nullableArray(item);
    if (!items) throw this.error('null where an array is required');
    return items;
  }

  /** Array of int32, as lists of nodes and partitions are: without a call per element, Metadata is decoded a third faster. */
  int32s(): number[] {
    const count = this.#count();
    if (count < 0) throw this.error('null where an array is required');
    const items: number[] = count > MOST_AT_ONCE ? [] : new Array(count);
    for (let i = 0; i < count; i++) items[i] = this.int32();
    return items;
  }

  nullableArray<T>(item: () => T): T[] | null {
    const count = this.#count();
    if (count < 0) return null;
    // `[]` would make room for 17 elements with the first one, `new Array(count)` makes it for as many as there are.
    const items: T[] = count > MOST_AT_ONCE ? [] : new Array(count);
    for (let i = 0; i < count; i++) items[i] = item();
    return items;
  }

  /** Array of structs: each element is closed by its tag section in flexible versions. */
  structs<T>(item: () => T): T[] {
    return this.array(() => this.#closed(item));
  }

  nullableStructs<T>(item: () => T): T[] | null {
    return this.nullableArray(() => this.#closed(item));
  }

  /** A single struct within another one. Includes its tag section. */
  struct<T>(item: () => T): T {
    return this.#closed(item);
  }

  /** Nullable struct that is not tagged: an int8, -1 null or 1 present (KIP-893). Includes its tag section. */
  nullableStruct<T>(item: () => T): T | null {
    const marker = this.int8();
    if (marker === -1) return null;
    if (marker !== 1) throw this.error(`marker of a nullable struct is ${marker}, not -1 or 1`);
    return this.#closed(item);
  }

  /**
   * The tag section that closes a struct; nothing in classic versions. Call it last in the body, and inside the
   * callback of `structs` only when a struct has known tags (`structs` reads the section itself otherwise).
   *
   * @param known reads the value of a known tag, from a reader that ends with the field, and says true; false: skip it
   */
  tags(known?: (tag: number, r: Reader) => boolean): void {
    if (this.flexible) this.#tagSection(known);
    this.#tagsRead = true;
  }

  #tagSection(known: ((tag: number, r: Reader) => boolean) | undefined): void {
    const count = this.unsignedVarint();
    let previous = -1;
    for (let i = 0; i < count; i++) {
      const tag = this.unsignedVarint();
      if (tag <= previous) throw this.error(`tag ${tag} after tag ${previous}: tags must ascend`);
      previous = tag;
      this.#tag(tag, known);
    }
  }

  /** After a message nothing may be left over. */
  finish(what: string): void {
    if (this.remaining !== 0) throw new ProtocolError(`${what}: ${this.remaining} bytes left over after the body`);
  }

  error(reason: string): ProtocolError {
    return new ProtocolError(`${reason} at byte ${this.position}`);
  }

  /** Position of the next `count` bytes, which are then behind the cursor. */
  take(count: number): number {
    const at = this.position;
    if (count > this.end - at) throw this.#tooShort(count);
    this.position = at + count;
    return at;
  }

  /** A reader over a part of this one's bytes; the explaining reader keeps its notes. */
  protected part(position: number, end: number): Reader {
    return new MessageReader(this.buffer, this.flexible, position, end);
  }

  #tagsRead = false;

  #tooShort(needed: number): ProtocolError {
    return this.error(`${needed} bytes needed, ${this.remaining} left`);
  }

  #closed<T>(item: () => T): T {
    this.#tagsRead = false;
    const value = item();
    if (!this.#tagsRead) this.tags();
    this.#tagsRead = false;
    return value;
  }

  #restOfVarint(low: number): number {
    const { buffer, end } = this;
    let value = low;
    let at = this.position;
    for (let shift = 7; shift < 35; shift += 7) {
      this.position = at;
      if (at === end) throw this.#tooShort(1);
      const byte = buffer[at++] as number;
      if (shift === 28 && byte > 0x0f) break;
      value |= (byte & 0x7f) << shift;
      if (byte > 0x7f) continue;
      this.position = at;
      return value >>> 0;
    }
    throw this.error('varint longer than 32 bits');
  }

  #tag(tag: number, known: ((tag: number, r: Reader) => boolean) | undefined): void {
    const size = this.unsignedVarint();
    const at = this.take(size);
    const field = this.part(at, at + size);
    if (known?.(tag, field)) field.finish(`tag ${tag}`);
  }

  #lengthOfString(): number {
    if (!this.flexible) return this.#checkedNull(this.int16());
    const length = this.unsignedVarint() - 1;
    if (length > MOST_IN_STRING) throw this.error(`string of ${length} bytes: at most ${MOST_IN_STRING} are legal`);
    return length;
  }

  #length(): number {
    return this.flexible ? this.unsignedVarint() - 1 : this.#checkedNull(this.int32());
  }

  #checkedNull(length: number): number {
    if (length < -1) throw this.error(`negative length ${length}`);
    return length;
  }

  /** Every element takes at least a byte, so that a count above what remains is refused before anything is read. */
  #count(): number {
    const count = this.#length();
    if (count > this.remaining) throw this.error(`array of ${count} announced, ${this.remaining} bytes left`);
    return count;
  }

  #text(length: number): string {
    const at = this.take(length);
    const text = textOf(this.buffer, at, at + length);
    if (text === null) throw this.error('string is not valid UTF-8');
    return text;
  }

  #view(length: number): Buffer {
    const at = this.take(length);
    return this.buffer.subarray(at, at + length);
  }
}

/**
 * Reads the fields of one message in order. Methods are Kafka's nouns.
 *
 * The type says only what is public: the client has a copy of this package in itself, and an API of the one copy is an
 * API of the other for TypeScript too. (A class with private fields is like no other class.)
 */
export interface Reader extends Pick<MessageReader, keyof MessageReader> {}

/** A reader over `buffer` from `position` (default 0) to `end` (default: all); `flexible`: with compact lengths and tags. */
export const Reader: new (buffer: Buffer, flexible?: boolean, position?: number, end?: number) => Reader =
  MessageReader;
