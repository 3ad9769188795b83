// A loop whose body does no I/O goes on by microtasks alone, and while it does, no timer fires and no socket is read. So
// every few milliseconds the next record is handed out only after one turn of the event loop.
//
// Reading the clock for each record would cost a tenth of a quick loop's time. It is read about once in a millisecond, and
// after sixteen records at most: so many may follow a record that took unexpectedly long. With a group they may be somebody
// else's by then, so for each record it is read when what is ours is certain only for the next seconds.

const TURN_EVERY_MS = 8;
const LOOK_EVERY_MS = 1;
const MOST_BETWEEN_LOOKS = 16;
const AMPLE_MS = 10_000;

export class Pace {
  #turnAt = 0;
  #lookedAt = 0;
  #between = 1;
  #left = 0;

  /** Must the clock be looked at before the next record? To be asked once for each. */
  isDue(): boolean {
    return --this.#left <= 0;
  }

  /**
   * @param certainMs for how long the next records are certainly ours
   * @returns must the event loop have a turn before the next record?
   */
  look(now: number, certainMs: number): boolean {
    const each = (now - this.#lookedAt) / this.#between;
    this.#lookedAt = now;
    const most = certainMs < AMPLE_MS ? 1 : MOST_BETWEEN_LOOKS;
    this.#between = Math.max(1, Math.min(most, 2 * this.#between, Math.floor(LOOK_EVERY_MS / each)));
    this.#left = this.#between;
    if (now - this.#turnAt < TURN_EVERY_MS) return false;
    this.#turnAt = now;
    return true;
  }

  /** The event loop had its turn, and much may have changed. */
  turned(now: number): void {
    this.#left = 0;
    this.#turnAt = now;
    this.#lookedAt = now;
  }
}
