// Timers without surprises, and deadlines.

import type { Waiting } from '../types.ts';
import { onAbort } from './abort.ts';

/** Above this `setTimeout` fires at once; below zero it warns. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** What `setTimeout` takes without surprises. */
export function clampDelay(ms: number): number {
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(0, ms), LONGEST_DELAY_MS);
}

/** Milliseconds of a clock that never goes back. */
export function monotonicNow(): number {
  return performance.now();
}

/** Waits; rejects with the reason of the first signal that is aborted. Leaves no timer and no listener behind. */
export function sleep(ms: number, ...signals: readonly (AbortSignal | undefined)[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const aborted = signals.find((signal) => signal?.aborted);
    if (aborted) return reject(aborted.reason);
    const timer = setTimeout(() => end(resolve), clampDelay(ms));
    const stops = signals.map((signal) => signal && onAbort(signal, () => end(() => reject(signal.reason))));
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      for (const stop of stops) stop?.();
      settle();
    };
  });
}

/** A moment of the monotonic clock by which something has to be done. */
export class Deadline {
  readonly startedAt: number;
  readonly at: number;

  constructor(timeoutMs: number, startedAt: number = monotonicNow()) {
    this.startedAt = startedAt;
    this.at = startedAt + timeoutMs;
  }

  get remainingMs(): number {
    return Math.max(0, this.at - monotonicNow());
  }

  get passed(): boolean {
    return monotonicNow() >= this.at;
  }

  /** Milliseconds since it was set. */
  get elapsedMs(): number {
    return monotonicNow() - this.startedAt;
  }
}

/**
 * Waits for work that others share (and that goes on without us) until a signal or a limit of our own.
 *
 * @param late makes the error when `timeoutMs` pass
 */
export function waitFor<T>(work: Promise<T>, waiting: Waiting, late: () => Error): Promise<T> {
  const { signal, timeoutMs } = waiting;
  if (!signal && timeoutMs === undefined) return work;
  return new Promise((resolve, reject) => {
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => end(() => reject(late())), clampDelay(Math.ceil(timeoutMs)));
    const abort = (): void => end(() => reject(signal?.reason));
    const stop = signal && onAbort(signal, abort);
    const end = (settle: () => void): void => {
      clearTimeout(timer);
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
