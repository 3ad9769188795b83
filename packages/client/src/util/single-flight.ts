// Callers that want the same thing at the same time share one piece of work.

/** One run per key; who comes while it is under way joins it. */
export class SingleFlight<Key, Value> {
  readonly #running = new Map<Key, Promise<Value>>();

  run(key: Key, work: () => Promise<Value>): Promise<Value> {
    const running = this.#running.get(key);
    if (running) return running;
    const started = work().finally(() => this.#running.delete(key));
    this.#running.set(key, started);
    return started;
  }

  isRunning(key: Key): boolean {
    return this.#running.has(key);
  }
}
