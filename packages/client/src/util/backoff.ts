// Exponential delay with full jitter: callers that failed together do not come back together.
import { clock } from './clock.ts';

export interface BackoffOptions {
  readonly initialMs: number;
  readonly maxMs: number;
  readonly random?: () => number;
}

/** Delay before the next attempt. */
export class Backoff {
  readonly #initialMs: number;
  readonly #maxMs: number;
  readonly #random: () => number;

  constructor({ initialMs, maxMs, random = () => clock.random() }: BackoffOptions) {
    this.#initialMs = initialMs;
    this.#maxMs = maxMs;
    this.#random = random;
  }

  /**
   * Never below a tenth of the ceiling, so that a run of small numbers does not spin.
   *
   * @param attempt how many have failed, from 1
   */
  delay(attempt: number): number {
    const ceiling = Math.min(this.#maxMs, this.#initialMs * 2 ** Math.min(attempt - 1, 30));
    return ceiling * (0.1 + 0.9 * this.#random());
  }
}
