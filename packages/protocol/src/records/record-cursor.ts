// Walks the records of one batch. The hot path of a consumer: lengths are checked, positions handed out; buffers,
// strings and bigints are made only when a field is touched.
//
// Within a record no read is checked by itself. The cursor only moves forward, so that when all parts together end
// exactly where the record's own length says, each of them lay within it; what was read past the end on the way to
// finding out is thrown away with the error.
import { BatchRecord, type RecordOrigin } from './batch-record.ts';
import { CorruptBatchError } from './corrupt-batch-error.ts';
import type { RecordView } from './record.ts';

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
    return new Walk(this.#origin, this.#start, this.#end, this.#count);
  }
}

class Walk implements Iterator<RecordView> {
  readonly origin: RecordOrigin;
  readonly buffer: Buffer;
  readonly end: number;
  readonly count: number;
  position: number;
  index = 0;

  constructor(origin: RecordOrigin, start: number, end: number, count: number) {
    this.origin = origin;
    this.buffer = origin.buffer;
    this.position = start;
    this.end = end;
    this.count = count;
  }

  next(): IteratorResult<RecordView> {
    if (this.index < this.count) return { done: false, value: this.record() };
    if (this.position !== this.end) throw this.corrupt(`${this.end - this.position} bytes left over after the records`);
    return { done: true, value: undefined };
  }

  record(): BatchRecord {
    const length = this.varint();
    const end = this.position + length;
    if (length < 0 || end > this.end) throw this.corrupt(`${length} bytes announced, ${this.end - this.position} left`);
    this.position++; // attributes: none are defined
    const timestampDelta = this.varlong();
    const offsetDelta = this.varint();
    const keyAt = this.position;
    this.field();
    this.field();
    const headerCount = this.varint();
    if (headerCount !== 0) this.headers(headerCount, end);
    if (this.position !== end) throw this.corrupt(`its parts end ${this.position - end} bytes from its end`);
    this.index++;
    return new BatchRecord(this.origin, timestampDelta, offsetDelta, keyAt);
  }

  /** Key or value: -1 is null. */
  field(): void {
    const length = this.varint();
    if (length > 0) this.position += length;
    else if (length < -1) throw this.corrupt(`field of ${length} bytes`);
  }

  headers(count: number, end: number): void {
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
