// Says in the log that a broker demands a pause, which may hold all connections to it: once, then rarely.
import type { Logger } from '../events.ts';
import { clock } from '../util/clock.ts';

/** A broker that demands one pause after the other is not told of each time. */
const SAID_AGAIN_MS = 60_000;

/** Of one broker, over its connections. */
export class PauseNews {
  readonly #logger: Pick<Logger, 'warn'>;
  #saidAt = -Infinity;

  constructor(logger: Pick<Logger, 'warn'>) {
    this.#logger = logger;
  }

  say(broker: string, demand: string): void {
    const now = clock.now();
    if (now - this.#saidAt < SAID_AGAIN_MS) return;
    this.#saidAt = now;
    this.#logger.warn(`${broker}: ${demand}; nothing is sent to it meanwhile: look at the quotas of the broker`);
  }
}
