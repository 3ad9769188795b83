// Checks of option values. Wrong usage is a TypeError or RangeError that names the option, at the call.

/** Refuses option names that do not exist: a typing mistake must not be ignored. */
export function refuseUnknown(what: string, options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (!known.includes(name))
      throw new TypeError(`${what}: there is no option ${name}; known are ${known.join(', ')}`);
  }
}

/** An integer within limits, or the default. */
export function integer(name: string, value: unknown, fallback: number, min = 0, max: number = 2 ** 31 - 1): number {
  if (value === undefined) return fallback;
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, not ${typeof value}`);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${name} must be a whole number from ${min} to ${max}, not ${value}`);
  }
  return value;
}

/** One of a few words, or the default. */
export function oneOf<const T extends string>(name: string, value: unknown, fallback: T, words: readonly T[]): T {
  if (value === undefined) return fallback;
  const found = words.find((word) => word === value);
  if (found === undefined) throw new RangeError(`${name} must be one of ${words.join(', ')}, not ${String(value)}`);
  return found;
}

export function bool(name: string, value: unknown, fallback: boolean): boolean {
  if (value === undefined) return fallback;
  if (typeof value !== 'boolean') throw new TypeError(`${name} must be true or false`);
  return value;
}

/** A string that is not empty, or undefined. */
export function text(name: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw new TypeError(`${name} must be a string, not ${typeof value}`);
  if (value === '') throw new RangeError(`${name} must not be empty`);
  return value;
}

/** A function or nothing; its type is that of the option. */
export function optionalFunction<T>(name: string, value: T | undefined): T | undefined {
  if (value !== undefined && typeof value !== 'function') throw new TypeError(`${name} must be a function`);
  return value;
}
