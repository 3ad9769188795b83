// The loss of records that nobody waits for is said in the log: at the first one, and then rarely.
import type { Logger } from '../events.ts';
import { clock } from '../util/clock.ts';

/** A line is written at most so often; what is lost meanwhile is counted. */
const PAUSE_MS = 10_000;

export class Losses {
  readonly #logger: Logger;
  #untold = 0;
  #lastReason: Error | null = null;
  #toldAtMs = Number.NEGATIVE_INFINITY;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  note(reason: Error, records: number): void {
    this.#untold += records;
    this.#lastReason = reason;
    if (clock.now() - this.#toldAtMs >= PAUSE_MS) this.#tell();
  }

  /** What was not told yet. */
  close(): void {
    if (this.#untold > 0) this.#tell();
  }

  #tell(): void {
    const fields = { records: this.#untold, error: this.#lastReason?.message };
    this.#untold = 0;
    this.#toldAtMs = clock.now();
    try {
      this.#logger.error('records were not delivered', fields);
    } catch {
      // A logger that throws must not keep others from being told.
    }
  }
}
