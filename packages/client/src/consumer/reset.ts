// When the log does not have the position any more, or the topic is another one: by policy reading goes on elsewhere, which
// an event says, or the loop gets an error.
import type { Cluster } from '../cluster/cluster.ts';
import { TopicRecreatedError } from '../errors.ts';
import type { ResolvedConsumerOptions } from '../options.ts';
import type { FetchBuffer } from './fetch-buffer.ts';
import type { Partition } from './partition.ts';

export interface ResetContext {
  readonly cluster: Cluster;
  readonly options: Pick<ResolvedConsumerOptions<unknown, unknown>, 'onOutOfRange'>;
  readonly buffer: FetchBuffer;
  onUnplaced(): void;
}

/** What was fetched before the end of the log was passed is good, and is handed out first. */
export function resetIfDrained(context: ResetContext, partition: Partition): void {
  const from = partition.outOfRangeAt;
  if (from === null || !partition.isDrained || partition.isRemoved) return;
  const { position } = partition;
  if (position !== null && position > from) {
    // What was in hand was asked for once more, in case it comes again. It is done: the log need not have it any more.
    partition.refetch(position);
    return;
  }
  const { onOutOfRange } = context.options;
  const why = 'the position was out of range';
  // Without a policy the range is looked up all the same: the error names it, and a passing doubt is no error.
  if (onOutOfRange === 'none') partition.doubtPosition(from, why);
  else partition.unplace(onOutOfRange, from, why);
  context.onUnplaced();
}

/** The topic was deleted and made anew under its name: no offset of the old one means anything in it. */
export function resetRecreated(context: ResetContext, partition: Partition): void {
  const { onOutOfRange } = context.options;
  const { topic, partition: number, position } = partition;
  partition.forgetEnd();
  if (onOutOfRange === 'none') {
    partition.unplace('earliest', position, null);
    context.buffer.fail(partition, new TopicRecreatedError(topic, number, position ?? -1n));
    return;
  }
  const start = onOutOfRange === 'latest' ? 'latest' : 'earliest';
  partition.unplace(start, position, 'the topic was deleted and made anew');
  context.onUnplaced();
}

/** Tells the observer. */
export function moved(cluster: Cluster, where: Partition, from: bigint | null, to: bigint, reason: string): void {
  const { topic, partition } = where;
  cluster.emit({ type: 'reset', topic, partition, from, to, reason });
}
