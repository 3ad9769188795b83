// The one retry of cluster, admin and groups: until it works, the error is not retriable, or the deadline comes.
// (The producer's sender has its own, because its unit is a batch.)
import { asError, isKafkaError, isRetriable, TimeoutError } from '../errors.ts';
import type { Waiting } from '../types.ts';
import type { Backoff } from './backoff.ts';
import { withSignals } from './linked-signal.ts';
import { Deadline, sleep, waitFor } from './timers.ts';

/** Timers fire a little early or late. */
const TIMER_SLACK_MS = 5;
/** An attempt that does not keep its time is given up this much later: what it says itself is the better error. */
const HANGING_MS = 20;

export interface RetryPolicy {
  readonly backoff: Backoff;
  /** When the caller names no time. */
  readonly timeoutMs: number;
  /** The most of the call's time that one attempt gets, and for which it is waited. Default: all. */
  readonly attemptMs?: number;
  /** Default: `isRetriable`. */
  readonly retries?: (error: unknown) => boolean;
  /** The end of the client: pauses end with its reason. */
  readonly closing?: AbortSignal;
  /** Between a failure and the pause. */
  readonly onFailure?: (error: Error, attempt: number) => void;
}

/**
 * Throws the *last* error as it is: no "retries exceeded" around it. Only an attempt that our own deadline cut short
 * says less than the failure before it, which is thrown instead.
 *
 * @param attempt gets what it may take of the caller's time
 */
export async function retry<T>(
  policy: RetryPolicy,
  waiting: Waiting | undefined,
  attempt: (left: Waiting & { timeoutMs: number }, number: number) => Promise<T>,
): Promise<T> {
  const deadline = new Deadline(waiting?.timeoutMs ?? policy.timeoutMs);
  const signal = waiting?.signal;
  let before: Error | null = null;
  for (let number = 1; ; number++) {
    signal?.throwIfAborted();
    try {
      return await bounded(Math.min(deadline.remainingMs, policy.attemptMs ?? Infinity), signal, (left) =>
        attempt(left, number),
      );
    } catch (error) {
      if (signal?.aborted || !(policy.retries ?? isRetriable)(error)) throw error;
      const delay = policy.backoff.delay(number);
      if (delay >= deadline.remainingMs) throw before && wasCutShort(error, deadline) ? before : error;
      before = asError(error);
      policy.onFailure?.(before, number);
      await sleep(delay, signal, policy.closing);
    }
  }
}

/** Waits no longer than it may, even for work that hangs; what was given up goes no further. */
function bounded<T>(
  timeoutMs: number,
  signal: AbortSignal | undefined,
  attempt: (left: Waiting & { timeoutMs: number }) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const late = (): Error => new TimeoutError('one attempt', timeoutMs);
  const withinMs = timeoutMs + HANGING_MS;
  return withSignals([signal, over.signal], (either) =>
    waitFor(attempt({ signal: either, timeoutMs }), { signal, timeoutMs: withinMs }, late).catch((error: unknown) => {
      over.abort(error);
      throw error;
    }),
  );
}

function wasCutShort(error: unknown, deadline: Deadline): boolean {
  return deadline.remainingMs < TIMER_SLACK_MS && isKafkaError(error) && error.code === 'TIMEOUT';
}
