// The user's hooks: they may throw, reject, hang and call back into the consumer.
import type { TopicPartition } from '../types.ts';
import { onAbort } from '../util/abort.ts';

type Hook = ((partitions: readonly TopicPartition[]) => void | Promise<void>) | undefined;

export class HookCalls {
  #last: Promise<unknown> = Promise.resolve();

  /** Calls the hook and waits for it, but not longer than until `enough`. @throws what the hook threw in time */
  async call(hook: Hook, partitions: readonly TopicPartition[], enough: AbortSignal): Promise<void> {
    if (hook === undefined) return;
    const running = (async () => hook(partitions))();
    this.#last = Promise.all([this.#last, running.catch(() => undefined)]);
    await until(enough, running);
  }

  /** Until all of them have ended, also those that nobody waited for any longer: perhaps never. */
  ended(): Promise<unknown> {
    return this.#last;
  }
}

/** Waits for `work` until it is enough; then the work goes on, but nobody is interested in it any more. */
export function until(enough: AbortSignal, work: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = onAbort(enough, resolve);
    const end = (settle: () => void): void => {
      stop();
      settle();
    };
    work.then(
      () => end(resolve),
      (error: unknown) => end(() => reject(error)),
    );
    if (enough.aborted) end(resolve);
  });
}
