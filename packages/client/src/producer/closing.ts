// The end of a producer: what was accepted is sent until there is nothing left, or until the first deadline of those who
// close it.
import { asError, TimeoutError } from '../errors.ts';
import type { Waiting } from '../types.ts';
import { onAbort } from '../util/abort.ts';
import { expireAfter } from '../util/timers.ts';

export class Closing {
  readonly #hurry: AbortController = new AbortController();
  readonly #limits: (() => void)[] = [];
  #isOver = false;
  /** Resolves when all is over. */
  readonly done: Promise<void>;

  /**
   * @param flush sends what is left, and stops waiting for it when the signal is aborted
   * @param end is told why something may be left
   */
  constructor(flush: (signal: AbortSignal) => Promise<void>, end: (cause: Error | undefined) => void) {
    const over = (cause?: Error): void => {
      this.#isOver = true;
      for (const lift of this.#limits.splice(0)) lift();
      end(cause);
    };
    this.done = flush(this.#hurry.signal).then(
      () => over(),
      (error: unknown) => over(asError(error)),
    );
  }

  /** Whoever joins may have less time than the others. */
  hasten({ signal, timeoutMs }: Waiting): void {
    if (this.#isOver) return;
    if (signal?.aborted) this.#hurry.abort(signal.reason);
    else if (signal) this.#limits.push(onAbort(signal, () => this.#hurry.abort(signal.reason)));
    if (timeoutMs === undefined || timeoutMs === Infinity) return;
    const late = (): void => this.#hurry.abort(new TimeoutError('producer.close', timeoutMs));
    this.#limits.push(expireAfter(timeoutMs, late));
  }
}
