// Whatever user code throws: undefined, a frozen object, a Proxy whose every trap throws, an Error whose `message` does.
// Looking at it must not throw again, for that is done where nobody catches it any more.

/** Is it an Error, and one whose message can be read? */
export function isError(thrown: unknown): thrown is Error {
  try {
    return thrown instanceof Error && typeof thrown.message === 'string';
  } catch {
    return false;
  }
}

/** Its message, or its text if it has none. */
export function messageOf(thrown: unknown): string {
  if (isError(thrown)) return thrown.message;
  if (typeof thrown === 'object' && thrown !== null) return 'an object without a message';
  // Only of functions is that more than a word, and it may be long.
  return typeof thrown === 'function' ? 'a function' : String(thrown);
}

/** Whatever was thrown, as an Error that can be looked at, and logged: what throws when it is read is not its cause either. */
export function asError(thrown: unknown): Error {
  return isError(thrown) ? thrown : new TypeError(`not an Error was thrown: ${messageOf(thrown)}`);
}
