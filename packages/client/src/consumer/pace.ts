// A loop whose body does no I/O goes on by microtasks alone, and while it does, no timer fires and no socket is read. So
// every few milliseconds the next record is handed out only after one turn of the event loop.
import { clock } from '../util/clock.ts';

const TURN_EVERY_MS = 8;
/** The clock is read about so often, and after so many records at most. */
const LOOK_EVERY_MS = 1;
const MOST_BETWEEN_LOOKS = 128;

export class Pace {
  #turnAt = 0;
  #lookedAt = 0;
  #between = 1;
  #left = 0;

  /** Must the event loop have a turn before the next record? To be asked once for each. */
  isDue(): boolean {
    if (--this.#left > 0) return false;
    const now = clock.now();
    const each = (now - this.#lookedAt) / this.#between;
    this.#lookedAt = now;
    this.#between = Math.max(1, Math.min(MOST_BETWEEN_LOOKS, 2 * this.#between, Math.floor(LOOK_EVERY_MS / each)));
    this.#left = this.#between;
    if (now - this.#turnAt < TURN_EVERY_MS) return false;
    this.#turnAt = now;
    return true;
  }

  /** The event loop had its turn. */
  turned(): void {
    this.#turnAt = clock.now();
    this.#lookedAt = this.#turnAt;
  }
}
