// The bound on what a producer holds: who finds no room waits in line, and is let in order.

interface Waiter {
  readonly bytes: number;
  readonly admit: () => void;
}

/** Counts the bytes of all records that are accepted and not yet settled. */
export class Memory {
  readonly #limit: number;
  #used = 0;
  #line: Waiter[] = [];
  #head = 0;
  /** What was refused last: `whenRoom` is about that much. */
  #wanted = 1;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get usedBytes(): number {
    return this.#used;
  }

  get hasWaiters(): boolean {
    return this.#head < this.#line.length;
  }

  /** False: full, or others were there before. A record larger than the whole limit gets in when nothing else is. */
  tryReserve(bytes: number): boolean {
    if (this.hasWaiters || !this.#fits(bytes)) {
      this.#wanted = bytes;
      return false;
    }
    this.#used += bytes;
    return true;
  }

  /** Resolves when what was refused last would find room. */
  whenRoom(): Promise<void> {
    const bytes = this.#wanted;
    if (!this.hasWaiters && this.#fits(bytes)) return Promise.resolve();
    return new Promise((resolve) => {
      this.wait(bytes, () => {
        this.release(bytes); // nothing is kept: whoever comes first gets it
        resolve();
      });
    });
  }

  /** `admit` is called once, with the bytes reserved. */
  wait(bytes: number, admit: () => void): void {
    this.#line.push({ bytes, admit });
  }

  release(bytes: number): void {
    this.#used -= bytes;
    for (let next = this.#line[this.#head]; next && this.#fits(next.bytes); next = this.#line[this.#head]) {
      this.#head++;
      this.#used += next.bytes;
      next.admit();
    }
    this.#compact();
  }

  #fits(bytes: number): boolean {
    return this.#used === 0 || this.#used + bytes <= this.#limit;
  }

  #compact(): void {
    if (this.#head < 1024 && this.hasWaiters) return;
    this.#line = this.#line.slice(this.#head);
    this.#head = 0;
  }
}
