// Walks the records of one batch. The hot path of a consumer: lengths are checked, positions handed out; buffers,
// strings and bigints are made only when a field is touched.
//
// Within a record no read is checked by itself. The cursor only moves forward, so that when all parts together end
// exactly where the record's own length says, each of them lay within it; what was read past the end on the way to
// finding out is thrown away with the error.
import { BatchRecord, headersAt, type RecordOrigin } from './batch-record.ts';
import { CorruptBatchError } from './corrupt-batch-error.ts';
import type { Header, RecordView, RecordWalk } from './record.ts';

/** Iterates once or many times; each iteration starts at the first record. */
export class RecordCursor implements Iterable<RecordView> {
  readonly #origin: RecordOrigin;
  readonly #start: number;
  readonly #end: number;
  readonly #count: number;

  constructor(origin: RecordOrigin, start: number, end: number, count: number) {
    this.#origin = origin;
    this.#start = start;
    this.#end = end;
    this.#count = count;
  }

  [Symbol.iterator](): Iterator<RecordView> {
    return this.walk();
  }

  walk(): RecordWalk & Iterator<RecordView> {
    return new Walk(this.#origin, this.#start, this.#end, this.#count);
  }
}

class Walk implements RecordWalk, Iterator<RecordView> {
  readonly origin: RecordOrigin;
  readonly buffer: Buffer;
  readonly end: number;
  readonly count: number;
  position: number;
  index = 0;
  // Of the record it stands at: where its parts lie, found once for the check and for whoever asks.
  timestampDelta = 0;
  offsetDelta = 0;
  partsAt = 0;
  keyAt = 0;
  keyLength = 0;
  valueAt = 0;
  valueLength = 0;
  headersAt = 0;
  headerCount = 0;

  constructor(origin: RecordOrigin, start: number, end: number, count: number) {
    this.origin = origin;
    this.buffer = origin.buffer;
    this.position = start;
    this.end = end;
    this.count = count;
  }

  get offset(): bigint {
    return this.origin.baseOffset + BigInt(this.offsetDelta);
  }

  get timestampMs(): number {
    return this.origin.appendTime ?? this.origin.baseTimestamp + this.timestampDelta;
  }

  get key(): Buffer | null {
    return this.keyLength < 0 ? null : this.buffer.subarray(this.keyAt, this.keyAt + this.keyLength);
  }

  get value(): Buffer | null {
    return this.valueLength < 0 ? null : this.buffer.subarray(this.valueAt, this.valueAt + this.valueLength);
  }

  get headers(): readonly Header[] {
    return headersAt(this.origin, this.headersAt, this.headerCount);
  }

  next(): IteratorResult<RecordView> {
    if (!this.advance()) return { done: true, value: undefined };
    return { done: false, value: new BatchRecord(this.origin, this.timestampDelta, this.offsetDelta, this.partsAt) };
  }

  advance(): boolean {
    if (this.index < this.count) {
      this.record();
      return true;
    }
    if (this.position !== this.end) throw this.corrupt(`${this.end - this.position} bytes left over after the records`);
    return false;
  }

  record(): void {
    const length = this.varint();
    const end = this.position + length;
    if (length < 0 || end > this.end) throw this.corrupt(`${length} bytes announced, ${this.end - this.position} left`);
    this.position++; // attributes: none are defined
    this.timestampDelta = this.varlong();
    this.offsetDelta = this.varint();
    this.partsAt = this.position;
    this.keyLength = this.field();
    this.keyAt = this.position - Math.max(this.keyLength, 0);
    this.valueLength = this.field();
    this.valueAt = this.position - Math.max(this.valueLength, 0);
    this.headerCount = this.varint();
    this.headersAt = this.position;
    if (this.headerCount !== 0) this.skipHeaders(this.headerCount, end);
    if (this.position !== end) throw this.corrupt(`its parts end ${this.position - end} bytes from its end`);
    this.index++;
  }

  /** Key or value: goes past it. @returns its length; -1 is null */
  field(): number {
    const length = this.varint();
    if (length > 0) this.position += length;
    else if (length < -1) throw this.corrupt(`field of ${length} bytes`);
    return length;
  }

  skipHeaders(count: number, end: number): void {
    if (count < 0 || count > end - this.position) throw this.corrupt(`${count} headers announced`);
    for (let i = 0; i < count; i++) {
      const nameLength = this.varint();
      if (nameLength < 0) throw this.corrupt('header without a name');
      this.position += nameLength;
      this.field();
    }
  }

  /** Zigzag, 32 bits. */
  varint(): number {
    const { buffer } = this;
    let at = this.position;
    let byte = buffer[at++] as number;
    let value = byte & 0x7f;
    for (let shift = 7; byte > 0x7f; shift += 7) {
      if (shift > 28) throw this.corrupt('varint longer than 5 bytes');
      byte = buffer[at++] as number;
      value |= (byte & 0x7f) << shift;
    }
    this.position = at;
    return (value >>> 1) ^ -(value & 1);
  }

  /** Zigzag, 64 bits, as a double: exact to 2^53, and rounded rather than refused above (see `RecordView`). */
  varlong(): number {
    const { buffer } = this;
    let at = this.position;
    let byte = buffer[at++] as number;
    let value = byte & 0x7f;
    for (let shift = 7; byte > 0x7f; shift += 7) {
      if (shift === 28) return this.longVarlong(value);
      byte = buffer[at++] as number;
      value |= (byte & 0x7f) << shift;
    }
    this.position = at;
    return (value >>> 1) ^ -(value & 1);
  }

  /** The same from the fifth byte on, beyond a day and a half of milliseconds: 32 bits no longer do. */
  longVarlong(low: number): number {
    let value = low >>> 1;
    let at = this.position + 4;
    for (let unit = 2 ** 27; unit < 2 ** 69; unit *= 128) {
      const byte = this.buffer[at++] as number;
      value += (byte & 0x7f) * unit;
      if (byte > 0x7f) continue;
      this.position = at;
      return (low & 1) === 1 ? -value - 1 : value;
    }
    throw this.corrupt('varlong longer than 10 bytes');
  }

  corrupt(reason: string): CorruptBatchError {
    const { baseOffset } = this.origin;
    return new CorruptBatchError(`record ${this.index} of ${this.count}: ${reason}`, { offset: baseOffset });
  }
}
