// Says in the log that something fails: the first time at once, then rarely, and when it works again. Nobody has to
// look into the code to see why nothing happens, and a failure that comes ten times a second does not fill the log.
import type { Logger } from '../events.ts';
import { clock } from './clock.ts';

/** What goes on failing is said again after so long, and then after twice as long each time. */
const AGAIN_MS = 60_000;
const AGAIN_MAX_MS = 3_600_000;
/** What begins anew is said at once, but not twice within this; what comes and goes ever again, less and less often. */
const BEGIN_MS = 5_000;
/** It was well for so long: the next time is not one of many. */
const CALM_MS = 120_000;

export class Complaint {
  readonly #logger: Logger;
  readonly #what: string;
  readonly #patienceMs: number;
  #since: number | null = null;
  #failures = 0;
  #againMs = AGAIN_MS;
  /** Earlier than this nothing is said. */
  #notBefore = -Infinity;
  /** How often in a row it began, without a longer calm between. */
  #begun = 0;
  #begunAt = -Infinity;
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

  /** @param isSure it will not pass by itself: there is no use in patience */
  failed(error: Error, isSure = false): void {
    const now = clock.now();
    this.#since ??= now;
    this.#failures++;
    if (now < this.#notBefore || (!isSure && now - this.#since < this.#patienceMs)) return;
    const forSo = this.#isSaid ? ` for ${secondsBetween(this.#since, now)} s (${this.#failures} attempts)` : '';
    this.#logger.warn(`${this.#what}${forSo}: ${error.message}`);
    if (!this.#isSaid) this.#begin(now);
    this.#isSaid = true;
    this.#notBefore = now + this.#againMs;
    this.#againMs = Math.min(2 * this.#againMs, AGAIN_MAX_MS);
  }

  #begin(now: number): void {
    if (now - this.#begunAt > CALM_MS) this.#begun = 0;
    this.#begun++;
    this.#begunAt = now;
  }

  worked(): void {
    if (this.#since === null) return;
    const seconds = secondsBetween(this.#since, clock.now());
    if (this.#isSaid) this.#logger.info(`${this.#what}: this is over, after ${seconds} s`);
    this.#since = null;
    this.#failures = 0;
    this.#againMs = AGAIN_MS;
    this.#isSaid = false;
    this.#notBefore = this.#begunAt + Math.min(AGAIN_MS, BEGIN_MS * 2 ** (this.#begun - 1));
  }
}

function secondsBetween(since: number, now: number): number {
  return Math.round((now - since) / 1000);
}
