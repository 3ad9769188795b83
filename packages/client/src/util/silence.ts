// Says in the log why nothing has come for a while: a reader that waits in silence cannot be told from one that is stuck.
import type { Logger } from '../events.ts';
import { clock } from './clock.ts';

/** So long something may fail before it is said. */
const PATIENCE_MS = 10_000;

export class Silence {
  readonly #logger: Logger;
  #since: number | null = null;
  #last: Error | null = null;
  #isTold = false;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** What failed last; null: all went well. */
  get obstacle(): Error | null {
    return this.#last;
  }

  /** @param obstacle what keeps records from being read now; null: nothing */
  note(obstacle: Error | null): void {
    this.#last = obstacle;
    if (obstacle === null) {
      this.#since = null;
      this.#isTold = false;
      return;
    }
    this.#since ??= clock.now();
    const silentMs = clock.now() - this.#since;
    if (this.#isTold || silentMs < PATIENCE_MS) return;
    this.#isTold = true;
    const seconds = Math.round(silentMs / 1000);
    this.#logger.warn(`a consumer could not read something for ${seconds} s, and goes on trying: ${obstacle.message}`);
  }
}
