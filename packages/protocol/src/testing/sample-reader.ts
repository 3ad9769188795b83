// Messages made up by the decoders themselves: a reader that invents what it is asked for. Every field of every version
// of every API is thereby in a sample, and no API can be left out.
import { type AnyApi, isFlexible } from '../api.ts';
import { MessageReader, type Reader } from '../wire/reader.ts';

/** `full`: everything present, two of each; `lone`: one of each; `sparse`: null, empty and zero wherever allowed. */
export type SampleStyle = 'full' | 'lone' | 'sparse';

export type Direction = 'request' | 'response';

const ELEMENTS: Readonly<Record<SampleStyle, number>> = { full: 2, lone: 1, sparse: 0 };
const HIGHEST_TAG = 9;

/** A made-up message with the fields that this version has, the others at their defaults. */
export function sampleOf(api: AnyApi, direction: Direction, version: number, style: SampleStyle): unknown {
  const r = new SampleReader(isFlexible(api, version), style);
  return api[direction].decode(r, version);
}

class SampleReader extends MessageReader {
  readonly #style: SampleStyle;
  #made = 0;

  constructor(flexible: boolean, style: SampleStyle) {
    super(Buffer.alloc(0), flexible);
    this.#style = style;
  }

  override get remaining(): number {
    return Number.MAX_SAFE_INTEGER;
  }

  override int8(): number {
    return this.#next() % 0x80;
  }

  override int16(): number {
    return this.#next();
  }

  override uint16(): number {
    return this.#next() + 0x8000;
  }

  override int32(): number {
    return this.#next() * 0x10001;
  }

  override uint32(): number {
    return this.#next() + 0x80000000;
  }

  override int64(): bigint {
    return BigInt(this.#next()) * 0x1000000010001n;
  }

  override float64(): number {
    return this.#next() / 4;
  }

  override bool(): boolean {
    return !this.#isSparse;
  }

  override uuid(): string {
    return Buffer.alloc(16, this.#next()).toString('base64url');
  }

  override string(): string {
    return this.#isSparse ? '' : `naïve-${this.#next()}`;
  }

  override nullableString(): string | null {
    return this.#isSparse ? null : this.string();
  }

  override bytes(): Buffer {
    return this.#isSparse ? Buffer.alloc(0) : Buffer.from([0, 255, this.#next()]);
  }

  override nullableBytes(): Buffer | null {
    return this.#isSparse ? null : this.bytes();
  }

  override array<T>(item: () => T): T[] {
    return Array.from({ length: ELEMENTS[this.#style] }, item);
  }

  override int32s(): number[] {
    return this.array(() => this.int32());
  }

  override nullableArray<T>(item: () => T): T[] | null {
    return this.#isSparse ? null : this.array(item);
  }

  override structs<T>(item: () => T): T[] {
    return this.array(item);
  }

  override nullableStructs<T>(item: () => T): T[] | null {
    return this.nullableArray(item);
  }

  override nullableStruct<T>(item: () => T): T | null {
    return this.#isSparse ? null : item();
  }

  override tags(known?: (tag: number, r: Reader) => boolean): void {
    if (!this.flexible || this.#isSparse) return;
    for (let tag = 0; tag <= HIGHEST_TAG; tag++) known?.(tag, this);
  }

  get #isSparse(): boolean {
    return this.#style === 'sparse';
  }

  #next(): number {
    return this.#isSparse ? 0 : ++this.#made;
  }
}
