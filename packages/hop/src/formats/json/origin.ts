// What plain JavaScript values cannot hold of the JSON they came from: that `1.0` was not `1`, and the order of keys
// that look like integers. Kept with the values, and used in writing only where the value is still the one read: so
// changing parsed content needs no care.

/** Of a container that was read from JSON. */
export interface Origin {
  /**
   * Members that were floats although their values are whole: of an object by key, of an array as index, value, index,
   * value. The values tell whether a member has been changed since.
   */
  readonly floats?: Map<string, number> | readonly number[] | undefined;
  /** The order of the keys, when the object itself cannot keep it. */
  readonly keys?: readonly string[] | undefined;
}

class Container {
  /** Gives the subclass an object that is there already. */
  constructor(container: object) {
    // biome-ignore lint/correctness/noConstructorReturn: the field of the subclass is added to this object
    return container;
  }
}

/**
 * Adds a private field to a container: invisible to everybody else, and gone when the container is. A WeakMap would do the
 * same, but with a million entries each garbage collection walks through all of them.
 */
class ContainerWithOrigin extends Container {
  readonly #origin: Origin;

  constructor(container: object, origin: Origin) {
    super(container);
    this.#origin = origin;
  }

  static originOf(container: object): Origin | undefined {
    return #origin in container ? container.#origin : undefined;
  }
}

/** Once for a container. */
export function setOrigin(container: object, origin: Origin): void {
  new ContainerWithOrigin(container, origin);
}

/** The members that were floats, by key or index, with the values that they had; undefined when there are none. */
export function floatsOf(container: object): ReadonlyMap<string | number, number> | undefined {
  const floats = ContainerWithOrigin.originOf(container)?.floats;
  if (floats === undefined || floats instanceof Map) return floats;
  return pairs(floats);
}

/** Own keys in the order of the text they came from; keys added later follow. */
export function orderedKeys(container: object): string[] {
  const present = Object.keys(container);
  const order = ContainerWithOrigin.originOf(container)?.keys;
  if (!order) return present;
  const left = new Set(present);
  const known = order.filter((key) => left.delete(key));
  return [...known, ...left];
}

function pairs(flat: readonly number[]): Map<number, number> {
  const map = new Map<number, number>();
  for (let i = 0; i < flat.length; i += 2) map.set(flat[i] ?? 0, flat[i + 1] ?? 0);
  return map;
}
