// When the records of a batch run out of time: group by group, each of which was taken within a short time.

interface Group {
  /** Place of its first record in the batch. */
  readonly from: number;
  readonly deadlineMs: number;
}

const NONE: readonly Group[] = [];

export class Terms {
  #dueMs: number;
  #later: readonly Group[] = NONE;

  /** @param deadlineMs of the first records */
  constructor(deadlineMs: number) {
    this.#dueMs = deadlineMs;
  }

  /** When the first records that are left run out of time. */
  get dueMs(): number {
    return this.#dueMs;
  }

  /** When the last ones do. */
  get endMs(): number {
    return this.#later.at(-1)?.deadlineMs ?? this.#dueMs;
  }

  /** Records from this place on have more time. */
  add(from: number, deadlineMs: number): void {
    this.#later = [...this.#later, { from, deadlineMs }];
  }

  /** The last group has less time, but more than the one before. */
  shorten(deadlineMs: number): void {
    const last = this.#later.at(-1);
    if (last === undefined) this.#dueMs = deadlineMs;
    else this.#later = [...this.#later.slice(0, -1), { from: last.from, deadlineMs }];
  }

  /** Leaves the groups that are out of time behind. @returns the place of the first record that has more; null: none has */
  pass(nowMs: number): number | null {
    const [next, ...later] = this.#later.filter(({ deadlineMs }) => deadlineMs > nowMs);
    if (next === undefined) return null;
    this.#dueMs = next.deadlineMs;
    this.#later = later;
    return next.from;
  }

  /** Records are left out or go elsewhere. @param placeOf where the first one from there on is then; `count`: none is left */
  moved(placeOf: (from: number) => number, count: number): Terms {
    const terms = new Terms(this.#dueMs);
    for (const { from, deadlineMs } of this.#later) {
      const place = placeOf(from);
      if (place <= 0) terms.#dueMs = deadlineMs;
      else if (place < count) terms.#put({ from: place, deadlineMs });
    }
    return terms;
  }

  /** In the place of a group that has lost its records. */
  #put(group: Group): void {
    this.#later = [...this.#later.filter(({ from }) => from < group.from), group];
  }
}
