// Timers without surprises, and deadlines.
import type { Waiting } from '../types.ts';
import { onAbort } from './abort.ts';
import { clock, LONGEST_DELAY_MS, type Timer } from './clock.ts';

/** What `setTimeout` takes without surprises. */
export function clampDelay(ms: number): number {
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(0, ms), LONGEST_DELAY_MS);
}

/** Milliseconds of a clock that never goes back. */
export function monotonicNow(): number {
  return clock.now();
}

/** Calls back after `ms`, never earlier. */
export function after(ms: number, callback: () => void): Timer {
  return clock.setTimer(callback, clampDelay(Math.ceil(ms)));
}

/**
 * Calls back when something has taken too long. What has arrived by then is read first (timers fire before sockets are
 * read), so that an event loop that was blocked is no time-out.
 *
 * @param ms Infinity: never
 * @returns cancels it
 */
export function expireAfter(ms: number, expire: () => void): () => void {
  if (ms === Infinity) return () => undefined;
  let isCancelled = false;
  const timer = after(ms, () => clock.afterIo(() => isCancelled || expire()));
  return () => {
    isCancelled = true;
    clock.clearTimer(timer);
  };
}

/** Waits; rejects with the reason of the first signal that is aborted. Leaves no timer and no listener behind. */
export function sleep(ms: number, ...signals: readonly (AbortSignal | undefined)[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const aborted = signals.find((signal) => signal?.aborted);
    if (aborted) return reject(aborted.reason);
    const timer = after(ms, () => end(resolve));
    const stops = signals.map((signal) => signal && onAbort(signal, () => end(() => reject(signal.reason))));
    const end = (settle: () => void): void => {
      clock.clearTimer(timer);
      for (const stop of stops) stop?.();
      settle();
    };
  });
}

/** One turn of the event loop. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => clock.afterIo(resolve));
}

/** A moment of the monotonic clock by which something has to be done. */
export class Deadline {
  readonly startedAt: number;
  readonly at: number;

  /** @param timeoutMs Infinity: never */
  constructor(timeoutMs: number, startedAt: number = clock.now()) {
    this.startedAt = startedAt;
    this.at = startedAt + timeoutMs;
  }

  get remainingMs(): number {
    return Math.max(0, this.at - clock.now());
  }

  get passed(): boolean {
    return clock.now() >= this.at;
  }

  /** Milliseconds since it was set. */
  get elapsedMs(): number {
    return clock.now() - this.startedAt;
  }
}

/**
 * Waits for work until a signal or a limit of our own; the work itself goes on without us.
 *
 * @param late makes the error when `timeoutMs` pass
 */
export function waitFor<T>(work: Promise<T>, waiting: Waiting, late: () => Error): Promise<T> {
  const { signal, timeoutMs } = waiting;
  if (!signal && (timeoutMs === undefined || timeoutMs === Infinity)) return work;
  return new Promise((resolve, reject) => {
    const abort = (): void => end(() => reject(signal?.reason));
    const cancel = timeoutMs === undefined ? null : expireAfter(timeoutMs, () => end(() => reject(late())));
    const stop = signal && onAbort(signal, abort);
    const end = (settle: () => void): void => {
      cancel?.();
      stop?.();
      settle();
    };
    work.then(
      (value) => end(() => resolve(value)),
      (error: unknown) => end(() => reject(error)),
    );
    if (signal?.aborted) abort();
  });
}
