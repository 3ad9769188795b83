// Whoever has connections of its own: brokers answer a connection in order, so that what must not wait for each other
// must not share one. An owner has at most one connection to each broker, opened when it first asks that broker.

export class Owner {
  /** For people: `metadata`, `producer`, `fetch`, `coordinator`, ... */
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}
