// Partitions that were taken away while something was done of them that was never committed. Whoever commits by hand is told.
import { Errors } from '@hopwire/protocol';
import { brokerError } from '../errors.ts';
import type { TopicPartition } from '../types.ts';
import type { Assignment } from './assignment.ts';
import { keyOf, type Partition } from './partition.ts';

/** What was handed out of a partition before it was taken away. */
interface Loss {
  readonly partition: Partition;
  /** In order: whoever goes on with the next assignment has had the chance to commit. */
  readonly isGivenBack: boolean;
}

export class Losses {
  /** By key; nobody has been told yet. */
  readonly #untold = new Map<string, Loss>();
  /** Why the group will have none of us any more, if that is more than a loss of partitions. */
  reason: Error | null = null;

  /** Given back, but too late. */
  get givenBack(): readonly Partition[] {
    return [...this.#untold.values()].filter(({ isGivenBack }) => isGivenBack).map(({ partition }) => partition);
  }

  lose(partitions: Iterable<Partition>): void {
    for (const partition of partitions) this.#note(partition, false);
  }

  giveBack(partitions: Iterable<Partition>): void {
    for (const partition of partitions) this.#note(partition, true);
  }

  /** A loop begins, or something is assigned to it again: what is ours again is handed out to it once more. */
  begin(assignment: Assignment): void {
    for (const [key, { partition, isGivenBack }] of this.#untold) {
      if (isGivenBack || assignment.get(partition)) this.#untold.delete(key);
    }
  }

  /** Taken away after something was handed out of it, and perhaps ours again. */
  has(where: TopicPartition): boolean {
    return this.#untold.has(keyOf(where));
  }

  clear(): void {
    this.#untold.clear();
  }

  /** @param partition what was committed of it, or was told: only that one. Left out: any of that name */
  forget(where: TopicPartition, partition?: Partition): void {
    const known = this.#untold.get(keyOf(where));
    if (partition === undefined || known?.partition === partition) this.#untold.delete(keyOf(where));
  }

  /** What was done of one cannot be committed; null: of none. */
  get error(): Error | null {
    const first = [...this.#untold.values()].find((loss) => isOwing(loss.partition))?.partition;
    if (first === undefined) return null;
    const { topic, partition } = first;
    const message = 'the partition was lost before what is done of it could be committed: it is handled again';
    return this.reason ?? brokerError(Errors.REBALANCE_IN_PROGRESS, 'OffsetCommit', { topic, partition, message });
  }

  /** The same, to be told once. */
  tell(): Error | null {
    const { error } = this;
    this.#untold.clear();
    return error;
  }

  /** Taken away a second time, before anything was handed out of it again, it is owed as before. */
  #note(partition: Partition, isGivenBack: boolean): void {
    const { key, account } = partition;
    const known = this.#untold.get(key);
    if (known && known.partition !== partition && isOwing(known.partition)) return;
    if (account?.isUntouched === false) this.#untold.set(key, { partition, isGivenBack });
  }
}

/** Something of it was done since its last commit. */
export function isOwing(partition: Partition): boolean {
  return partition.account?.hasDone === true && partition.uncommitted() !== null;
}
