// Until when something may take. The moment can be brought forward, never put off.
import { clock } from '../util/clock.ts';
import { expireAfter } from '../util/timers.ts';

export class Limit {
  readonly #controller = new AbortController();
  #cancel: (() => void) | null = null;
  #at = Infinity;

  /** Aborted when the limit is reached. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isReached(): boolean {
    return this.#controller.signal.aborted;
  }

  /** Not later than this moment of the clock. */
  by(at: number, reason: Error): void {
    if (at >= this.#at || this.isReached) return;
    this.#cancel?.();
    this.#at = at;
    const leftMs = at - clock.now();
    if (leftMs <= 0) this.#controller.abort(reason);
    else this.#cancel = expireAfter(leftMs, () => this.#controller.abort(reason));
  }

  /** What it was for has ended. Leaves no timer behind. */
  clear(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
