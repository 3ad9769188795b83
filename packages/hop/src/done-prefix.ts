// What may be committed of one partition: the end of the unbroken run of finished messages from where reading began.

/** Follows one partition. */
export class DonePrefix {
  /** Delivered and not yet covered, in order; true: finished. */
  readonly #open = new Map<bigint, boolean>();
  #next: bigint | undefined;
  #committed: bigint | undefined;

  /** A message was handed out. */
  delivered(offset: bigint): void {
    this.#open.set(offset, false);
  }

  /** A message is finished; finishing it again, or one never handed out, changes nothing. */
  done(offset: bigint): void {
    if (!this.#open.has(offset)) return;
    this.#open.set(offset, true);
    for (const [first, isDone] of this.#open) {
      if (!isDone) return;
      this.#open.delete(first);
      this.#next = first + 1n;
    }
  }

  /** The offset to commit; undefined when nothing is new since the last commit. */
  get pending(): bigint | undefined {
    return this.#next === this.#committed ? undefined : this.#next;
  }

  committed(offset: bigint): void {
    this.#committed = offset;
  }
}
