// What the loop's body is working on, and who waits for it to end.
import { ZERO_UUID } from '@hopwire/protocol';
import type { Partition } from './partition.ts';
import type { InHand } from './progress.ts';

interface Waiter {
  /** null: whatever it works on */
  readonly partitions: ReadonlySet<Partition> | null;
  /** What may follow the loop is not waited for. */
  readonly isForBody: boolean;
  readonly free: () => void;
}

export class BodyWatch {
  #what: InHand | null = null;
  #partition: Partition | null = null;
  /** Of its partition, when the body began. */
  #topicId: string = ZERO_UUID;
  #waiters: Waiter[] | null = null;
  #isAbandoned = false;
  #isFollowed = false;

  /** null: the body waits for the next record, or no loop is under way. */
  get what(): InHand | null {
    return this.#what;
  }

  enter(partition: Partition, what: InHand): void {
    this.#partition = partition;
    this.#topicId = partition.topicId;
    this.#what = what;
  }

  /** Was the topic of this partition made anew since the body began to work on a record of it? */
  hasOutlivedTopicOf(partition: Partition | undefined): boolean {
    if (partition === undefined || partition !== this.#partition) return false;
    return this.#topicId !== ZERO_UUID && this.#topicId !== partition.topicId;
  }

  /** The body has asked for more, or the loop was left. */
  leave(): void {
    this.#what = null;
    this.#partition = null;
    if (this.#waiters !== null) this.#free();
  }

  /** A commit by hand may follow the loop: until it is abandoned, partitions are kept as if the body were at work. */
  follow(): void {
    this.#isFollowed = true;
  }

  /** The body does not end in time, or nothing follows it: nobody waits for it any more. */
  abandon(): void {
    this.#isAbandoned = true;
    this.#free();
  }

  /** Resolves when the body does not work on any of these. */
  left(partitions: Iterable<Partition> | null = null): Promise<void> {
    return this.#until(partitions, false);
  }

  /** As `left`, also when something may follow. */
  ended(): Promise<void> {
    return this.#until(null, true);
  }

  #until(partitions: Iterable<Partition> | null, isForBody: boolean): Promise<void> {
    return new Promise((free) => {
      this.#waiters = [...(this.#waiters ?? []), { partitions: partitions && new Set(partitions), isForBody, free }];
      this.#free();
    });
  }

  #free(): void {
    const waiting = (this.#waiters ?? []).filter((waiter) => {
      const isWaiting = !this.#isAbandoned && (this.#isAtWorkOn(waiter) || (this.#isFollowed && !waiter.isForBody));
      if (!isWaiting) waiter.free();
      return isWaiting;
    });
    this.#waiters = waiting.length > 0 ? waiting : null;
  }

  #isAtWorkOn({ partitions }: Waiter): boolean {
    return this.#partition !== null && (partitions?.has(this.#partition) ?? true);
  }
}
