// A buffer that grows up to a limit: what LZ4 and zstd unpack into, since the size they announce may be a lie.
import { CorruptBatchError } from '../corrupt-batch-error.ts';

export class Output {
  buffer: Buffer;
  length = 0;
  readonly limit: number;

  constructor(expected: number, limit: number) {
    this.limit = limit;
    this.buffer = Buffer.allocUnsafe(Math.min(Math.max(expected, 64), limit));
  }

  /** Makes room for `count` more bytes at `length`. */
  room(count: number): void {
    const needed = this.length + count;
    if (needed <= this.buffer.length) return;
    if (needed > this.limit) throw tooLarge(this.limit);
    const grown = Buffer.allocUnsafe(Math.min(Math.max(2 * this.buffer.length, needed), this.limit));
    this.buffer.copy(grown, 0, 0, this.length);
    this.buffer = grown;
  }

  /** Appends bytes `start` to `end` of another buffer. */
  push(source: Uint8Array, start: number, end: number): void {
    this.room(end - start);
    const { buffer } = this;
    if (end - start > 24) buffer.set(source.subarray(start, end), this.length);
    else for (let i = start, at = this.length; i < end; i++) buffer[at++] = source[i] as number;
    this.length += end - start;
  }

  /** Appends `count` bytes that lie `distance` bytes back; the two may overlap, which repeats them. */
  repeat(distance: number, count: number): void {
    this.room(count);
    const { buffer } = this;
    const at = this.length;
    if (distance >= count && count > 24) buffer.copyWithin(at, at - distance, at - distance + count);
    else for (let i = 0; i < count; i++) buffer[at + i] = buffer[at + i - distance] as number;
    this.length = at + count;
  }

  bytes(): Buffer {
    return this.buffer.subarray(0, this.length);
  }
}

export function tooLarge(limit: number, cause?: unknown): CorruptBatchError {
  return new CorruptBatchError(`it unpacks to more than the ${limit} bytes allowed (maxBytes)`, { cause });
}
