// The topics whose metadata is kept fresh: those that somebody uses, and those that somebody asked for lately.

/** Says which topics its holder uses now. */
export type TopicsInUse = () => Iterable<string>;

export class TrackedTopics {
  readonly #lastUse = new Map<string, number>();
  readonly #users = new Set<TopicsInUse>();

  /** Asked for, once. */
  touch(topics: readonly string[], now: number): void {
    for (const topic of topics) this.#lastUse.set(topic, now);
  }

  /** Used as long as `topics` names them. @returns ends it */
  use(topics: TopicsInUse): () => void {
    this.#users.add(topics);
    return () => void this.#users.delete(topics);
  }

  /** Drops what nobody uses, and nobody asked for since `before`. */
  current(before: number): Set<string> {
    for (const [topic, at] of this.#lastUse) if (at < before) this.#lastUse.delete(topic);
    const topics = new Set(this.#lastUse.keys());
    for (const inUse of this.#users) for (const topic of inUse()) topics.add(topic);
    return topics;
  }
}
