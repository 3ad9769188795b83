// A buffer that grows up to a limit: what LZ4 and zstd unpack into, since the size they announce may be a lie.
import type { Steps } from '../../steps.ts';
import { CorruptBatchError } from '../corrupt-batch-error.ts';
import { copyRun, Span } from './copy-run.ts';

/** So much is copied in a millisecond or two, into memory that is new. */
const PIECE = 2 * 1024 * 1024;

export class Output {
  buffer: Buffer;
  /** The buffer once more. */
  span: Span;
  length = 0;
  readonly limit: number;

  constructor(expected: number, limit: number) {
    this.limit = limit;
    this.buffer = Buffer.allocUnsafe(Math.min(Math.max(expected, 64), limit));
    this.span = new Span(this.buffer);
  }

  /**
   * Makes room for a block, which may then be written from `length` on.
   *
   * @returns the position that it may not write beyond: `most` bytes on, or at the limit
   */
  reserve(most: number): number {
    const end = Math.min(this.length + most, this.limit);
    if (end > this.buffer.length) {
      const larger = this.#larger(end);
      this.buffer.copy(larger, 0, 0, this.length);
      this.#take(larger);
    }
    return end;
  }

  /** So that `reserve` has nothing to move: much is moved in steps. */
  *makeRoom(most: number): Steps<void> {
    const end = Math.min(this.length + most, this.limit);
    if (end <= this.buffer.length) return;
    const larger = this.#larger(end);
    for (let at = 0; at < this.length; at += PIECE) {
      this.buffer.copy(larger, at, at, Math.min(at + PIECE, this.length));
      yield;
    }
    this.#take(larger);
  }

  #larger(end: number): Buffer {
    return Buffer.allocUnsafe(Math.min(Math.max(2 * this.buffer.length, end), this.limit));
  }

  #take(larger: Buffer): void {
    this.buffer = larger;
    this.span = new Span(larger);
  }

  /** Appends bytes `start` to `end` of another buffer. */
  push(source: Span, start: number, end: number): void {
    if (end - start > this.limit - this.length) throw tooLarge(this.limit);
    this.reserve(end - start);
    this.length = copyRun(source, start, end, this.span, this.length);
  }

  /** What was written. A view of it would pin what was not used: beyond as much again, it is copied. */
  bytes(): Buffer {
    const used = this.buffer.subarray(0, this.length);
    return 2 * this.length < this.buffer.length ? Buffer.from(used) : used;
  }
}

/** That error, to be told from other complaints; it goes by the name of the one that it is. */
export class TooLargeError extends CorruptBatchError {}

export function tooLarge(limit: number, cause?: unknown): TooLargeError {
  return new TooLargeError(`it unpacks to more than the ${limit} bytes allowed (maxBytes)`, { cause });
}
