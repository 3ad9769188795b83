// What plain JavaScript values cannot hold of the JSON they came from: that `1.0` was not `1`, and the order of keys
// that look like integers. Kept beside the values, and used in writing only where the value is still the one read:
// so changing parsed content needs no care.

export interface NumberOrigin {
  value: number;
  /** How Python would write the number that was read. */
  text: string;
}

export interface Origin {
  numbers: Map<string, NumberOrigin>;
  /** The order of the keys, when the object itself cannot keep it. */
  keys?: readonly string[];
}

const origins = new WeakMap<object, Origin>();

export function setOrigin(container: object, origin: Origin): void {
  origins.set(container, origin);
}

/** The text of a number as it was read, if it has not been changed since. */
export function originalNumber(container: object, key: string, value: number): string | undefined {
  const origin = origins.get(container)?.numbers.get(key);
  return origin && Object.is(origin.value, value) ? origin.text : undefined;
}

/** Own keys in the order of the text they came from; keys added later follow. */
export function orderedKeys(container: object): string[] {
  const present = Object.keys(container);
  const order = origins.get(container)?.keys;
  if (!order) return present;
  const left = new Set(present);
  const known = order.filter((key) => left.delete(key));
  return [...known, ...left];
}
