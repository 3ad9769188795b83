// What a writer says to values of other types than TypeScript would let through: refused by name, since Buffer's own
// functions write 0 for undefined and NaN, 1 for 1.5, and the lower bytes of what is too wide.

/** The reason to refuse a number: it is none, no integer, or out of the type's range. */
export function noInteger(type: string, value: unknown): RangeError {
  return new RangeError(`${shown(value)} is no ${type}`);
}

/** The reason to refuse anything else. */
export function wrongType(expected: string, value: unknown): TypeError {
  return new TypeError(`${expected} is required, not ${shown(value)}`);
}

/** Is it one byte an element? A property that strings, arrays and wider typed arrays lack, or have otherwise. */
export function isBytes(value: Uint8Array): boolean {
  return value.BYTES_PER_ELEMENT === 1;
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === 'string') return `the string ${JSON.stringify(value.slice(0, 60))}`;
  if (typeof value !== 'object') return `the ${typeof value} ${String(value).slice(0, 60)}`;
  return `an object (${classOf(value)})`;
}

/** Proxies may throw at every question. */
function classOf(value: object): string {
  try {
    return String(value.constructor?.name ?? 'no class');
  } catch {
    return 'no class';
  }
}
