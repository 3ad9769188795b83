// Partitions that were taken away while something was done of them that was never committed. Whoever commits by hand is told.
import { Errors } from '@hopwire/protocol';
import { brokerError } from '../errors.ts';
import type { TopicPartition } from '../types.ts';
import type { Assignment } from './assignment.ts';
import { keyOf, type Partition } from './partition.ts';

export class Losses {
  /** Lost, and nobody has been told yet. */
  readonly #lost = new Map<string, Partition>();
  /** Given back, and nothing was assigned since. */
  readonly #givenBack = new Map<string, Partition>();
  /** Why the group will have none of us any more, if that is more than a loss of partitions. */
  reason: Error | null = null;

  get givenBack(): readonly Partition[] {
    return [...this.#givenBack.values()];
  }

  lose(partitions: Iterable<Partition>): void {
    this.#givenBack.clear();
    for (const partition of partitions) this.#lost.set(partition.key, partition);
  }

  /** These went in order. Until there are others it is told what is done of them and not committed. */
  giveBack(partitions: readonly Partition[]): void {
    for (const partition of partitions) this.#givenBack.set(partition.key, partition);
  }

  /** Something is assigned again, and a loop goes on with it. */
  forgetGivenBack(): void {
    this.#givenBack.clear();
  }

  /** A loop begins. What is ours again is handed out to it once more. */
  begin(assignment: Assignment): void {
    this.#givenBack.clear();
    for (const [key, partition] of this.#lost) if (assignment.get(partition)) this.#lost.delete(key);
  }

  /** Lost, and perhaps ours again. */
  has(where: TopicPartition): boolean {
    return this.#lost.has(keyOf(where));
  }

  clear(): void {
    this.#lost.clear();
    this.#givenBack.clear();
  }

  /** @param partition what was committed of it, or was told: only that one. Left out: any of that name */
  forget(where: TopicPartition, partition?: Partition): void {
    for (const gone of [this.#lost, this.#givenBack]) {
      const known = gone.get(keyOf(where));
      if (partition === undefined || known === partition) gone.delete(keyOf(where));
    }
  }

  /** What was done of one cannot be committed; null: of none. */
  get error(): Error | null {
    const first = [...this.#lost.values(), ...this.#givenBack.values()].find(isOwing);
    if (first === undefined) return null;
    const { topic, partition } = first;
    const message = 'the partition was lost before what is done of it could be committed: it is handled again';
    return this.reason ?? brokerError(Errors.REBALANCE_IN_PROGRESS, 'OffsetCommit', { topic, partition, message });
  }

  /** The same, to be told once. */
  tell(): Error | null {
    const { error } = this;
    this.#lost.clear();
    return error;
  }
}

/** Something of it was done since its last commit. */
export function isOwing(partition: Partition): boolean {
  return partition.progress?.isUntouched === false && partition.uncommitted() !== null;
}
