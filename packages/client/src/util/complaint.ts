// Says in the log that something fails: the first time at once, then rarely, and when it works again. Nobody has to
// look into the code to see why nothing happens, and a failure that comes ten times a second does not fill the log.
import type { Logger } from '../events.ts';
import { clock } from './clock.ts';

/** What goes on failing is said again after so long, and then after twice as long each time. */
const AGAIN_MS = 60_000;
const AGAIN_MAX_MS = 3_600_000;

export class Complaint {
  readonly #logger: Logger;
  readonly #what: string;
  readonly #patienceMs: number;
  #since: number | null = null;
  #failures = 0;
  #againMs = AGAIN_MS;
  /** Earlier than this nothing is said, also when it has worked in between. */
  #notBefore = -Infinity;
  #isSaid = false;

  /**
   * @param what begins each line, e.g. `no connection to 127.0.0.1:9092`
   * @param patienceMs what fails for less is not worth a word
   */
  constructor(logger: Logger, what: string, patienceMs = 0) {
    this.#logger = logger;
    this.#what = what;
    this.#patienceMs = patienceMs;
  }

  failed(error: Error): void {
    const now = clock.now();
    this.#since ??= now;
    this.#failures++;
    if (now < this.#notBefore || now - this.#since < this.#patienceMs) return;
    const forSo = this.#isSaid ? ` for ${secondsBetween(this.#since, now)} s (${this.#failures} attempts)` : '';
    this.#logger.warn(`${this.#what}${forSo}: ${error.message}`);
    this.#isSaid = true;
    this.#notBefore = now + this.#againMs;
    this.#againMs = Math.min(2 * this.#againMs, AGAIN_MAX_MS);
  }

  worked(): void {
    if (this.#since === null) return;
    const seconds = secondsBetween(this.#since, clock.now());
    if (this.#isSaid) this.#logger.info(`${this.#what}: this is over, after ${seconds} s`);
    this.#since = null;
    this.#failures = 0;
    this.#againMs = AGAIN_MS;
    this.#isSaid = false;
  }
}

function secondsBetween(since: number, now: number): number {
  return Math.round((now - since) / 1000);
}
