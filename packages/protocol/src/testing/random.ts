// Random numbers that come again: the same seed and the same name give the same ones on every machine, so that what was
// found can be found again.

/** Mulberry32. */
export class Random {
  #state: number;

  /** @param name what the numbers are for, so that one message does not depend on those before it */
  constructor(seed: number, name = '') {
    this.#state = [...name].reduce((hash, char) => Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193), seed);
  }

  /** 32 bits. */
  bits(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** 0 to `limit` - 1. */
  below(limit: number): number {
    return this.bits() % limit;
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.bits() < probability * 2 ** 32;
  }

  /** @throws {RangeError} when there is nothing to choose from */
  pick<T>(from: readonly T[]): T {
    if (from.length === 0) throw new RangeError('nothing to choose from');
    return from[this.below(from.length)] as T;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }

  /** Up to five, and now and then as many as take a length of two or three bytes. */
  fewBytes(): Buffer {
    return this.bytes(this.chance(0.02) ? this.pick([127, 128, 16_383, 20_000]) : this.below(6));
  }
}
