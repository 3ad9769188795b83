// Everything accepted and not yet settled: batches, and records that wait for room or for their topic.

/** Something that has to be settled by its deadline. */
export interface Unit {
  readonly deadlineMs: number;
}

interface Watcher<T> {
  readonly left: Set<T>;
  readonly done: () => void;
}

export class Outstanding<T extends Unit> {
  readonly #units: Set<T> = new Set();
  readonly #watchers: Set<Watcher<T>> = new Set();

  get size(): number {
    return this.#units.size;
  }

  all(): T[] {
    return [...this.#units];
  }

  add(unit: T): void {
    this.#units.add(unit);
  }

  /** Settled. */
  remove(unit: T): void {
    this.#units.delete(unit);
    for (const watcher of this.#watchers) this.#left(watcher, unit, []);
  }

  /** A record found its batch, or a batch was split: who waited for the one waits for the others. */
  replace(unit: T, by: readonly T[]): void {
    this.#units.delete(unit);
    for (const other of by) this.#units.add(other);
    for (const watcher of this.#watchers) this.#left(watcher, unit, by);
  }

  /** Resolves when all that is outstanding now is settled. */
  settled(): Promise<void> {
    if (this.#units.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#watchers.add({ left: new Set(this.#units), done: resolve }));
  }

  #left(watcher: Watcher<T>, unit: T, by: readonly T[]): void {
    if (!watcher.left.delete(unit)) return;
    for (const other of by) watcher.left.add(other);
    if (watcher.left.size > 0) return;
    this.#watchers.delete(watcher);
    watcher.done();
  }
}
