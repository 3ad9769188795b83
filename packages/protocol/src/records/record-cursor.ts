// Walks the records of one batch. The hot path of a consumer: the cursor checks every length of a record and hands out
// positions; buffers, strings and bigints are made only when a field is touched.
import { BatchRecord, type RecordSpan } from './batch-record.ts';
import { CorruptBatchError } from './corrupt-batch-error.ts';
import type { RecordView } from './record.ts';

/** Time of a record = `append`, or else `base` + its delta. */
export interface RecordTimes {
  readonly base: number;
  readonly append: number | null;
}

/** Iterates once or many times; each iteration starts at the first record. */
export class RecordCursor implements Iterable<RecordView> {
  readonly #buffer: Buffer;
  readonly #start: number;
  readonly #end: number;
  readonly #count: number;
  readonly #baseOffset: bigint;
  readonly #times: RecordTimes;

  constructor(buffer: Buffer, start: number, end: number, count: number, baseOffset: bigint, times: RecordTimes) {
    this.#buffer = buffer;
    this.#start = start;
    this.#end = end;
    this.#count = count;
    this.#baseOffset = baseOffset;
    this.#times = times;
  }

  [Symbol.iterator](): Iterator<RecordView> {
    return new Walk(this.#buffer, this.#start, this.#end, this.#count, this.#baseOffset, this.#times);
  }
}

class Walk implements Iterator<RecordView> {
  readonly buffer: Buffer;
  readonly baseOffset: bigint;
  readonly times: RecordTimes;
  readonly end: number;
  readonly count: number;
  position: number;
  index = 0;

  constructor(buffer: Buffer, start: number, end: number, count: number, baseOffset: bigint, times: RecordTimes) {
    this.buffer = buffer;
    this.position = start;
    this.end = end;
    this.count = count;
    this.baseOffset = baseOffset;
    this.times = times;
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
    const keyLength = this.length(end);
    const keyAt = this.position;
    if (keyLength > 0) this.position += keyLength;
    const valueLength = this.length(end);
    const valueAt = this.position;
    if (valueLength > 0) this.position += valueLength;
    const headerCount = this.varint();
    const headersAt = this.position;
    if (headerCount !== 0) this.skipHeaders(headerCount, end);
    if (this.position !== end) throw this.corrupt(`its parts end ${this.position - end} bytes from its end`);
    this.index++;
    const span: RecordSpan = { keyAt, keyLength, valueAt, valueLength, headersAt, headerCount };
    const timestampMs = this.times.append ?? this.times.base + timestampDelta;
    return new BatchRecord(this.buffer, span, this.baseOffset, offsetDelta, timestampMs);
  }

  skipHeaders(count: number, end: number): void {
    if (count < 0 || count > end - this.position) throw this.corrupt(`${count} headers announced`);
    for (let i = 0; i < count; i++) {
      const nameLength = this.length(end);
      if (nameLength < 0) throw this.corrupt('header without a name');
      this.position += nameLength;
      const valueLength = this.length(end);
      if (valueLength > 0) this.position += valueLength;
    }
  }

  /** Length of a nullable field that must end at or before `end`. */
  length(end: number): number {
    const length = this.varint();
    if (length < -1 || length > end - this.position) {
      throw this.corrupt(`field of ${length} bytes, ${end - this.position} left`);
    }
    return length;
  }

  /** Zigzag, 32 bits. */
  varint(): number {
    const buffer = this.buffer;
    let at = this.position;
    if (at + 5 > this.end) return this.lastVarint();
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

  /** The same near the end of the bytes, where each of them may be missing. */
  lastVarint(): number {
    let value = 0;
    for (let shift = 0; shift <= 28; shift += 7) {
      if (this.position >= this.end) throw this.corrupt('it ends within a number');
      const byte = this.buffer[this.position++] as number;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
    throw this.corrupt('varint longer than 5 bytes');
  }

  /** Zigzag, 64 bits, as a double: exact to 2^53, and rounded rather than refused above (see `RecordView`). */
  varlong(): number {
    let value = 0;
    let isNegative = false;
    for (let i = 0, unit = 0.5; i < 10; i++, unit *= 128) {
      if (this.position >= this.end) throw this.corrupt('it ends within a number');
      const byte = this.buffer[this.position++] as number;
      if (i === 0) isNegative = (byte & 1) === 1;
      value += (i === 0 ? byte & 0x7e : byte & 0x7f) * unit;
      if (byte < 0x80) return isNegative ? -value - 1 : value;
    }
    throw this.corrupt('varlong longer than 10 bytes');
  }

  corrupt(reason: string): CorruptBatchError {
    return new CorruptBatchError(`record ${this.index} of ${this.count}: ${reason}`, { offset: this.baseOffset });
  }
}
