// Calls that wait for something to become true, each with its own limit.
import type { Waiting } from '../types.ts';
import { waitFor } from '../util/timers.ts';

export class Waiters {
  #waiting: Set<() => void> = new Set();

  /**
   * Resolves once `isTrue` says so; it is asked now and after each `wake`.
   *
   * @throws what `isTrue` throws; the signal's reason; what `late` makes when `timeoutMs` pass
   */
  async until(isTrue: () => boolean, waiting: Waiting, late: () => Error): Promise<void> {
    if (isTrue()) return;
    waiting.signal?.throwIfAborted();
    let look = (): void => undefined;
    const work = new Promise<void>((resolve, reject) => {
      look = () => {
        try {
          if (isTrue()) resolve();
        } catch (error) {
          reject(error);
        }
      };
      this.#waiting.add(look);
    });
    try {
      await waitFor(work, waiting, late);
    } finally {
      this.#waiting.delete(look);
    }
  }

  wake(): void {
    for (const look of [...this.#waiting]) look();
  }
}
