// One record of a batch of magic 2. Whoever made it has checked every position; here they become values when touched.
import type { Header, RecordView } from './record.ts';

/** Where the parts of a record lie; a length of -1 is null. */
export interface RecordSpan {
  readonly keyAt: number;
  readonly keyLength: number;
  readonly valueAt: number;
  readonly valueLength: number;
  readonly headersAt: number;
  readonly headerCount: number;
}

const NO_HEADERS: readonly Header[] = Object.freeze([]);

export class BatchRecord implements RecordView {
  readonly timestampMs: number;
  readonly offsetDelta: number;
  readonly #buffer: Buffer;
  readonly #span: RecordSpan;
  readonly #baseOffset: bigint;

  constructor(buffer: Buffer, span: RecordSpan, baseOffset: bigint, offsetDelta: number, timestampMs: number) {
    this.#buffer = buffer;
    this.#span = span;
    this.#baseOffset = baseOffset;
    this.offsetDelta = offsetDelta;
    this.timestampMs = timestampMs;
  }

  get offset(): bigint {
    return this.#baseOffset + BigInt(this.offsetDelta);
  }

  get key(): Buffer | null {
    const { keyAt, keyLength } = this.#span;
    return keyLength < 0 ? null : this.#buffer.subarray(keyAt, keyAt + keyLength);
  }

  get value(): Buffer | null {
    const { valueAt, valueLength } = this.#span;
    return valueLength < 0 ? null : this.#buffer.subarray(valueAt, valueAt + valueLength);
  }

  get headers(): readonly Header[] {
    if (this.#span.headerCount === 0) return NO_HEADERS;
    const headers: Header[] = [];
    const at = { position: this.#span.headersAt };
    for (let i = 0; i < this.#span.headerCount; i++) {
      const name = this.#field(at);
      headers.push([name === null ? '' : name.toString('utf8'), this.#field(at)]);
    }
    return headers;
  }

  #field(at: { position: number }): Buffer | null {
    const length = this.#varint(at);
    if (length < 0) return null;
    const start = at.position;
    at.position += length;
    return this.#buffer.subarray(start, start + length);
  }

  #varint(at: { position: number }): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#buffer[at.position++] as number;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
  }
}
