// What every call that waits takes, checked: a limit that cannot be one must not be ignored.
import type { Waiting } from '../types.ts';
import { kindOf } from './kind-of.ts';

/** @throws {TypeError | RangeError} that names the field */
export function checkWaiting(call: string, waiting: Waiting | undefined | null): Waiting {
  if (waiting === undefined || waiting === null) return {};
  if (typeof waiting !== 'object') {
    throw new TypeError(`${call}: its options are { signal, timeoutMs }, not ${kindOf(waiting)}`);
  }
  const { signal, timeoutMs } = waiting;
  if (timeoutMs !== undefined && timeoutMs !== null) checkTimeout(call, timeoutMs);
  if (signal !== undefined && signal !== null && (typeof signal !== 'object' || !isSignal(signal))) {
    throw new TypeError(`${call}: signal must be an AbortSignal, not ${kindOf(signal)}`);
  }
  return { signal: signal ?? undefined, timeoutMs: timeoutMs ?? undefined };
}

/** Less than nothing is left of a deadline that has passed: that is nothing. */
function checkTimeout(call: string, timeoutMs: unknown): void {
  if (typeof timeoutMs !== 'number')
    throw new TypeError(`${call}: timeoutMs must be a number, not ${kindOf(timeoutMs)}`);
  if (Number.isNaN(timeoutMs)) throw new RangeError(`${call}: timeoutMs must be a number of milliseconds, not NaN`);
}

function isSignal(signal: object): boolean {
  return 'aborted' in signal && typeof signal.aborted === 'boolean' && 'addEventListener' in signal;
}
