// What every call that waits takes, checked: a limit that cannot be one must not be ignored.
import type { Waiting } from '../types.ts';
import { kindOf } from './kind-of.ts';
import { didYouMean } from './near-name.ts';

/** @throws {TypeError | RangeError} that names the field. @param more fields that the call takes besides, and checks itself */
export function checkWaiting(call: string, waiting: Waiting | undefined | null, more: readonly string[] = []): Waiting {
  if (waiting === undefined || waiting === null) return {};
  if (typeof waiting !== 'object' || Array.isArray(waiting)) {
    const fields = [...more, 'signal', 'timeoutMs'].join(', ');
    throw new TypeError(`${call}: its options are { ${fields} }, not ${kindOf(waiting)}`);
  }
  for (const field in waiting) if (field !== 'timeoutMs' && field !== 'signal') refuseField(call, waiting, field, more);
  const { signal, timeoutMs } = waiting;
  if (timeoutMs !== undefined && timeoutMs !== null) checkTimeout(call, timeoutMs);
  return { signal: checkSignal(`${call}: signal`, signal), timeoutMs: timeoutMs ?? undefined };
}

/** @throws {TypeError} for what is no signal, or only looks a little like one: it would fail when it is listened to */
export function checkSignal(name: string, signal: unknown): AbortSignal | undefined {
  if (signal === undefined || signal === null) return undefined;
  if (typeof signal === 'object' && isSignal(signal)) return signal;
  const hint = typeof signal === 'object' && 'signal' in signal ? '; give its signal' : '';
  throw new TypeError(`${name} must be an AbortSignal, not ${kindOf(signal)}${hint}`);
}

/** Less than nothing is left of a deadline that has passed: that is nothing. */
function checkTimeout(call: string, timeoutMs: unknown): void {
  if (typeof timeoutMs !== 'number')
    throw new TypeError(`${call}: timeoutMs must be a number, not ${kindOf(timeoutMs)}`);
  if (Number.isNaN(timeoutMs)) throw new RangeError(`${call}: timeoutMs must be a number of milliseconds, not NaN`);
}

/** Of another realm, or a copy of the platform's, it is one too. */
function isSignal(signal: object): signal is AbortSignal {
  const has = (name: string): boolean => typeof Reflect.get(signal, name) === 'function';
  return (
    'aborted' in signal &&
    typeof signal.aborted === 'boolean' &&
    ['addEventListener', 'removeEventListener', 'throwIfAborted'].every(has)
  );
}

/** Those without a value, and inherited ones, say nothing; but who gives the signal itself means something. */
function refuseField(call: string, waiting: object, field: string, more: readonly string[]): void {
  if (isSignal(waiting)) throw new TypeError(`${call}: an AbortSignal is given as { signal }`);
  if (more.includes(field) || !Object.hasOwn(waiting, field) || Reflect.get(waiting, field) === undefined) return;
  const known = [...more, 'signal', 'timeoutMs'];
  throw new TypeError(`${call}: there is no option ${field}${didYouMean(field, known)}; known are ${known.join(', ')}`);
}
