// Whoever has connections of its own: brokers answer a connection in order, so that what must not wait for each other
// must not share one. An owner has at most one connection to each broker, opened when it first asks that broker.

export class Owner {
  /** For people: `metadata`, `producer`, `fetch`, `coordinator`, ... */
  readonly name: string;
  /** A connection of it broke, or the broker closed it. */
  readonly onLost: () => void;
  #isReleased = false;

  constructor(name: string, onLost: () => void = () => undefined) {
    this.name = name;
    this.onLost = onLost;
  }

  /** Its holder has closed: no connection is opened for it any more. */
  get isReleased(): boolean {
    return this.#isReleased;
  }

  /** For the cluster, which closes the connections. */
  markReleased(): void {
    this.#isReleased = true;
  }
}
