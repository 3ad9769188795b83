// The topics whose metadata is kept fresh: those that somebody asked for lately.

/** Remembers when each topic was last asked for. */
export class TrackedTopics {
  readonly #lastUse = new Map<string, number>();

  touch(topics: readonly string[], now: number): void {
    for (const topic of topics) this.#lastUse.set(topic, now);
  }

  /** Drops what nobody asked for since `before`. */
  current(before: number): string[] {
    for (const [topic, at] of this.#lastUse) if (at < before) this.#lastUse.delete(topic);
    return [...this.#lastUse.keys()];
  }
}
