// What is to be committed of partitions, as it is when that is asked for.
import { ZERO_UUID } from '@hopwire/protocol';
import type { CommitOffset } from '../group/offset-requests.ts';
import type { TopicPartitionOffset } from '../types.ts';
import { keyOf, type Partition } from './partition.ts';
import type { Progress } from './progress.ts';

/** A position to commit, and where it was taken from: an answer after a seek says nothing about the new place. */
export interface Claim {
  readonly offset: CommitOffset;
  readonly partition: Partition | undefined;
  readonly incarnation: number;
  /** Another one since: the log was cut, the topic made anew, or somebody has sought another place. */
  readonly progress: Progress | null;
  /** Of the topic that it was taken from. */
  readonly topicId: string;
  /** What was done when it was made. */
  readonly done: bigint | null;
}

/** Offsets that were committed, by the key of the partition. */
export type Sent = ReadonlyMap<string, bigint>;

export function sentOf(claims: readonly Claim[]): Sent {
  return new Map(claims.map(({ offset }) => [keyOf(offset), offset.offset]));
}

/** Is there more to commit by now? */
export function hasMoved(partitions: Iterable<Partition>, sent: Sent): boolean {
  for (const partition of partitions) {
    const offset = partition.uncommitted()?.offset;
    if (offset !== undefined && offset !== sent.get(partition.key)) return true;
  }
  return false;
}

export function claimsOf(partitions: Iterable<Partition>): Claim[] {
  return [...partitions].flatMap((partition) => {
    const offset = partition.uncommitted();
    return offset === null ? [] : [claimFor(offset, partition)];
  });
}

export function claimFor(offset: TopicPartitionOffset, partition: Partition | undefined): Claim {
  const { incarnation = -1, account: progress = null, topicId = ZERO_UUID } = partition ?? {};
  const done = progress?.doneOffset ?? null;
  return { offset: { ...offset, topicId }, partition, incarnation, done, progress, topicId };
}
