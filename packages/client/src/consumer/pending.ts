// Something that was taken for the loop and is not ready yet: an asynchronous deserialiser is at work on it.
import { onAbort } from '../util/abort.ts';
import type { InHand } from './progress.ts';

/** How the work on it ended. */
export type Outcome<T> = { readonly value: T } | { readonly error: unknown };

export class Pending<T> implements InHand {
  readonly offset: bigint;
  readonly #outcome: Promise<Outcome<T>>;
  readonly #skips: (error: unknown) => boolean;

  /** @param skips is it left out for that? Asked only where it is still wanted. Throws why the loop ends. */
  constructor(offset: bigint, work: Promise<T>, skips: (error: unknown) => boolean) {
    this.offset = offset;
    this.#outcome = work.then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    this.#skips = skips;
  }

  get nextOffset(): bigint {
    return this.offset + 1n;
  }

  /** Null: the signal was aborted before. The user's function may hang. */
  outcome(signal: AbortSignal): Promise<Outcome<T> | null> {
    if (signal.aborted) return Promise.resolve(null);
    return new Promise((resolve) => {
      const stop = onAbort(signal, () => resolve(null));
      void this.#outcome.then((outcome) => {
        stop();
        resolve(outcome);
      });
    });
  }

  /** Null: it is left out. @throws why the loop ends */
  judge(outcome: Outcome<T>): T | null {
    if ('value' in outcome) return outcome.value;
    if (this.#skips(outcome.error)) return null;
    throw outcome.error;
  }
}
