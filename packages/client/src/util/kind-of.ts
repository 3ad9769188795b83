// What a wrong value is, for people.

/** `a number`, `an Array`, `null`: for the messages of errors. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  const name = typeof value === 'object' ? classOf(value) : typeof value;
  return `${/^[aeiou]/i.test(name) && !/^u(int|rl)/i.test(name) ? 'an' : 'a'} ${name}`;
}

/** Proxies and exotic objects may throw at every question. */
function classOf(value: object): string {
  try {
    const name: unknown = value.constructor?.name;
    return typeof name === 'string' && name !== '' && name !== 'Object' ? name : 'object';
  } catch {
    return 'object';
  }
}
