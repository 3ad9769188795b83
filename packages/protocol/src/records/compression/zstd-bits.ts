// The bits of a zstd block's sequences, which are read from their end: what is written last comes first.
import type { Codes } from './zstd-codes.ts';
import { spreadSymbols } from './zstd-codes.ts';

/** Writes bits from the lowest of the first byte upwards. */
export class BitWriter {
  readonly #out: Uint8Array;
  position: number;
  #bits = 0;
  #count = 0;

  constructor(out: Uint8Array, position: number) {
    this.#out = out;
    this.position = position;
  }

  /** @param count at most 24; bits of `value` above them must be 0 */
  add(value: number, count: number): void {
    this.#bits |= value << this.#count;
    this.#count += count;
    while (this.#count >= 8) {
      this.#out[this.position++] = this.#bits;
      this.#bits >>>= 8;
      this.#count -= 8;
    }
  }

  /** Marks the end by a one, which the reader looks for. @returns the position after the last byte */
  close(): number {
    this.add(1, 1);
    if (this.#count > 0) this.#out[this.position++] = this.#bits;
    return this.position;
  }
}

/** Writes codes with the bits their likelihood deserves: finite state entropy (RFC 8878, 4.1). */
export class StateWriter {
  readonly #accuracy: number;
  /** Next states, those of one symbol after the other, in the order of their size. */
  readonly #next: Uint16Array;
  /** For each symbol: what added to a state gives the bits to write in the upper half. */
  readonly #bitsAbove: Int32Array;
  readonly #first: Int32Array;
  #state = 0;

  constructor({ shares, accuracy }: Codes) {
    const size = 1 << accuracy;
    this.#accuracy = accuracy;
    this.#next = new Uint16Array(size);
    this.#bitsAbove = new Int32Array(shares.length);
    this.#first = new Int32Array(shares.length);
    const free = new Int32Array(shares.length);
    let total = 0;
    shares.forEach((share, symbol) => {
      const count = Math.abs(share);
      const mostBits = accuracy - (31 - Math.clz32(Math.max(count - 1, 1)));
      this.#bitsAbove[symbol] = (mostBits << 16) - (count << mostBits);
      this.#first[symbol] = total - count;
      free[symbol] = total;
      total += count;
    });
    spreadSymbols(shares, accuracy).forEach((symbol, state) => {
      const at = free[symbol] as number;
      this.#next[at] = size + state;
      free[symbol] = at + 1;
    });
  }

  /** The symbol that is read last costs nothing: it chooses where to begin. */
  begin(symbol: number): void {
    const above = this.#bitsAbove[symbol] as number;
    const bits = (above + (1 << 15)) >> 16;
    const value = (bits << 16) - above;
    this.#state = this.#next[(value >> bits) + (this.#first[symbol] as number)] as number;
  }

  put(symbol: number, out: BitWriter): void {
    const bits = (this.#state + (this.#bitsAbove[symbol] as number)) >> 16;
    out.add(this.#state & ((1 << bits) - 1), bits);
    this.#state = this.#next[(this.#state >> bits) + (this.#first[symbol] as number)] as number;
  }

  /** Writes the state with which the reader begins. */
  end(out: BitWriter): void {
    out.add(this.#state & ((1 << this.#accuracy) - 1), this.#accuracy);
  }
}
