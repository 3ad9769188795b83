// Topics that may not be read: whoever hears of it first (a fetch, the group's look at the topics), the user is told once.

export class Refusals {
  readonly #told = new Map<string, number>();

  /** @returns false when this was told already, and the topic was not read since */
  isNews(topic: string, errorCode: number): boolean {
    if (this.#told.get(topic) === errorCode) return false;
    this.#told.set(topic, errorCode);
    return true;
  }

  /** Whoever reads next has not been told anything. */
  clearAll(): void {
    this.#told.clear();
  }

  /** The topic is read (again). */
  clear(topic: string): void {
    this.#told.delete(topic);
  }
}
