// Closing what nobody uses. Use is what is sent as well as what is received: with acks none nothing ever comes back.
import { clock, type Timer } from '../util/clock.ts';
import { after } from '../util/timers.ts';

/** Calls back once so much time has passed since the last use; again and again if that was followed by a use. */
export class Idleness {
  readonly #limitMs: number;
  readonly #unused: () => void;
  #lastUseAt = clock.now();
  #timer: Timer | undefined;

  /** @param limitMs 0: never */
  constructor(limitMs: number, unused: () => void) {
    this.#limitMs = limitMs;
    this.#unused = unused;
  }

  used(now: number): void {
    this.#lastUseAt = now;
  }

  watch(): void {
    if (this.#limitMs === 0) return;
    const restMs = this.#lastUseAt + this.#limitMs - clock.now();
    this.#timer = after(restMs, () => this.#look());
    this.#timer.unref();
  }

  end(): void {
    clock.clearTimer(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    if (clock.now() - this.#lastUseAt >= this.#limitMs) this.#unused();
    // Unless that was the end.
    if (this.#timer) this.watch();
  }
}
