// The bits of a zstd stream that was written from its front and is read from its end (RFC 8878, 4.1).
import { brokenZstd } from './zstd-error.ts';

/** What the input must have behind it, so that four bytes can be read at any place. */
export const PADDING = 8;

/** Reads backwards. `left` below 0 means that more was read than there is; whoever reads checks it. */
export class BitReader {
  readonly #words: DataView;
  readonly #start: number;
  /** Bits not yet read. */
  left = 0;

  /** @param end where the stream ends: its last byte has a one above the last bit */
  constructor(words: DataView, start: number, end: number) {
    this.#words = words;
    this.#start = start;
    const last = end > start ? words.getUint8(end - 1) : 0;
    if (last === 0) throw brokenZstd('a stream of bits without its end mark');
    this.left = 8 * (end - start) - (Math.clz32(last) - 23);
  }

  /** The next `count` bits, at most 25, without taking them. Below the start there may be any bits. */
  peek(count: number): number {
    const at = this.left - count;
    return (this.#words.getUint32(this.#start + (at >> 3), true) >>> (at & 7)) & ((1 << count) - 1);
  }

  /** @param count at most 25 */
  read(count: number): number {
    const at = this.left - count;
    this.left = at;
    if (at < 0) return this.#beyond();
    return (this.#words.getUint32(this.#start + (at >> 3), true) >>> (at & 7)) & ((1 << count) - 1);
  }

  /** As `read`, up to 31 bits. */
  readLong(count: number): number {
    return count <= 25 ? this.read(count) : this.read(count - 16) * 65_536 + this.read(16);
  }

  #beyond(): never {
    throw brokenZstd('a stream of bits ends too early');
  }
}
