// Numbers that look random and come again with the same seed, so that what was found can be found again.

/** Mulberry32: 32 bits of state, good enough to choose bytes with. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 to 2^32 - 1. */
  uint32(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let x = this.#state;
    x = Math.imul(x ^ (x >>> 15), x | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return (x ^ (x >>> 14)) >>> 0;
  }

  /** 0 to `limit` - 1. */
  below(limit: number): number {
    return Math.floor((this.uint32() / 0x100000000) * limit);
  }

  /** @throws {RangeError} when there is nothing to choose from */
  pick<T>(choices: readonly T[]): T {
    const index = this.below(choices.length);
    const choice = choices[index];
    if (choice === undefined && index >= choices.length) throw new RangeError('nothing to choose from');
    return choice as T;
  }

  bytes(length: number): Buffer {
    const made = Buffer.allocUnsafe(length);
    for (let i = 0; i < length; i++) made[i] = this.uint32();
    return made;
  }
}
