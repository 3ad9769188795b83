// Checks of option values. Wrong usage is a TypeError or RangeError that names the option, at the call.
import { kindOf } from './kind-of.ts';
import { didYouMean } from './near-name.ts';

/** What a string of Kafka's protocol can hold. */
const MOST_IN_TEXT = 0x7fff;

/** Refuses option names that do not exist: a typing mistake must not be ignored. */
export function refuseUnknown(what: string, options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const hint = didYouMean(name, known);
    throw new TypeError(`${what}: there is no option ${name}${hint}; known are ${known.join(', ')}`);
  }
}

/** @throws {TypeError} for what is no object of options: it would be ignored */
export function checkObject(what: string, options: unknown): void {
  const isList = Array.isArray(options) || options instanceof Map || options instanceof Set;
  if (typeof options === 'object' && options !== null && !isList) return;
  throw new TypeError(`${what} takes an object of options, not ${kindOf(options)}`);
}

/** An integer within limits, or the default. */
export function integer(name: string, value: unknown, fallback: number, min = 0, max: number = 2 ** 31 - 1): number {
  if (value === undefined) return fallback;
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, not ${kindOf(value)}`);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${name} must be a whole number from ${min} to ${max}, not ${value}`);
  }
  return value;
}

/** One of a few words, or the default. */
export function oneOf<const T extends string>(name: string, value: unknown, fallback: T, words: readonly T[]): T {
  if (value === undefined) return fallback;
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  const hint = typeof value === 'string' ? didYouMean(value, words) : '';
  throw new RangeError(`${name} must be one of ${words.join(', ')}, not ${given(value)}${hint}`);
}

export function bool(name: string, value: unknown, fallback: boolean): boolean {
  if (value === undefined) return fallback;
  if (typeof value !== 'boolean') throw new TypeError(`${name} must be true or false, not ${given(value)}`);
  return value;
}

/** A string that is not empty, or undefined. */
export function text(name: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return checkText(name, value);
}

/** @throws {TypeError | RangeError} for what is no text that the protocol can carry */
export function checkText(name: string, value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`${name} must be a string, not ${kindOf(value)}`);
  if (value === '') throw new RangeError(`${name} must not be empty`);
  return checkCarried(name, value);
}

/** @throws {TypeError | RangeError} for text that the protocol cannot carry; it may be empty */
export function checkCarried(name: string, value: string): string {
  if (!value.isWellFormed()) throw new TypeError(`${name} holds half of a surrogate pair, which is no text in UTF-8`);
  const bytes = Buffer.byteLength(value);
  if (bytes <= MOST_IN_TEXT) return value;
  throw new RangeError(`${name} takes ${bytes} bytes, at most ${MOST_IN_TEXT} are possible`);
}

/** A function or nothing; its type is that of the option. */
export function optionalFunction<T>(name: string, value: T | undefined): T | undefined {
  if (value !== undefined && typeof value !== 'function')
    throw new TypeError(`${name} must be a function, not ${given(value)}`);
  return value;
}

/** A wrong value for people: short, and never by its own functions. */
export function given(value: unknown): string {
  if (typeof value === 'string') return value.length > 60 ? `'${value.slice(0, 60)}...'` : `'${value}'`;
  if (typeof value === 'bigint') return `${value}n`;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : kindOf(value);
}
