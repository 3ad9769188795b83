// The user's hooks: they may throw, reject, hang and call back into the consumer.
import type { TopicPartition } from '../types.ts';
import { onAbort } from '../util/abort.ts';

type Hook = ((partitions: readonly TopicPartition[]) => void | Promise<void>) | undefined;

/** Calls the hook and waits for it, but not longer than until `enough`. @throws what the hook threw in time */
export async function callHook(hook: Hook, partitions: readonly TopicPartition[], enough: AbortSignal): Promise<void> {
  if (hook === undefined) return;
  await until(enough, (async () => hook(partitions))());
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
