// Compares two messages strictly: same fields, same types, same values; what is too much counts as well.

/** Paths at which `ours` is not what it should be. */
export function unequal(ours: unknown, expected: unknown): string[] {
  return [...differ('', ours, expected)];
}

function* differ(path: string, ours: unknown, expected: unknown): Iterable<string> {
  if (Array.isArray(ours) && Array.isArray(expected)) {
    if (ours.length !== expected.length) yield `${path}: ${ours.length} elements, not ${expected.length}`;
    else for (const [i, item] of expected.entries()) yield* differ(`${path}[${i}]`, ours[i], item);
  } else if (isStruct(ours) && isStruct(expected)) {
    for (const name of new Set([...Object.keys(expected), ...Object.keys(ours)])) {
      yield* differ(`${path}.${name}`, ours[name], expected[name]);
    }
  } else if (!isSame(ours, expected)) {
    yield `${path}: ${shown(ours)}, not ${shown(expected)}`;
  }
}

function isStruct(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

function isSame(ours: unknown, expected: unknown): boolean {
  if (ours instanceof Uint8Array && expected instanceof Uint8Array) return Buffer.from(ours).equals(expected);
  return Object.is(ours, expected);
}

function shown(value: unknown): string {
  if (value instanceof Uint8Array) return `<${Buffer.from(value).toString('hex')}>`;
  return typeof value === 'bigint' ? `${value}n` : (JSON.stringify(value) ?? String(value));
}
