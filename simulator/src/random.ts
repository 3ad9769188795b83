// Chance out of a seed: xoshiro128** seeded by splitmix, in independent streams by purpose, so that one more draw in
// the workload does not change the weather.

export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** The stream of a purpose: the same two give the same numbers. */
  constructor(seed: number, purpose: string) {
    let state = (seed ^ hashOf(purpose)) >>> 0;
    const next = (): number => {
      state = (state + 0x9e3779b9) >>> 0;
      return mixed(state);
    };
    // The seed once more: two purposes whose hashes collide after the xor still differ.
    [this.#a, this.#b, this.#c, this.#d] = [next(), next(), next(), mixed(seed + 1)];
  }

  /** From 0 to below 1. */
  next(): number {
    return this.#word() / 2 ** 32;
  }

  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  /** Many near `low`, some near `high`: each tenfold is as likely as the next. `low` is above 0. */
  skewed(low: number, high: number): number {
    return low * (high / low) ** this.next();
  }

  /** Times between events that come by themselves. */
  waiting(meanMs: number): number {
    return -Math.log(1 - this.next()) * meanMs;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(list: readonly T[]): T {
    const picked = list[Math.floor(this.next() * list.length)];
    if (picked === undefined) throw new RangeError('there is nothing to pick from');
    return picked;
  }

  /** Some of the list, each with this probability, in its order. */
  some<T>(list: readonly T[], probability: number): T[] {
    return list.filter(() => this.chance(probability));
  }

  bytes(size: number): Buffer {
    const bytes = Buffer.alloc(size);
    for (let i = 0; i < size; i++) bytes[i] = this.#word() & 0xff;
    return bytes;
  }

  #word(): number {
    const result = Math.imul(rotated(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotated(this.#d, 11);
    return result;
  }
}

function rotated(x: number, by: number): number {
  return (x << by) | (x >>> (32 - by));
}

function mixed(state: number): number {
  let z = state >>> 0;
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}

function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return mixed(hash);
}
