// A signal that is aborted with the first of several. (AbortSignal.any keeps what it made until its sources are gone, and does
// not keep its sources: an AbortSignal.timeout() that nobody else holds is collected, and never fires.)
import { onAbort } from './abort.ts';

/** Runs the work with such a signal, and listens to none of them afterwards. */
export async function withSignals<T>(
  signals: readonly (AbortSignal | undefined)[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const stops = signals.map((signal) => {
    if (signal?.aborted) controller.abort(signal.reason);
    return signal && onAbort(signal, () => controller.abort(signal.reason));
  });
  try {
    return await work(controller.signal);
  } finally {
    for (const stop of stops) stop?.();
  }
}
