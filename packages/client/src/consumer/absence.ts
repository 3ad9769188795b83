// Partitions that their topic does not have, as far as is known: a group's leader may give a member thousands of them.
import { Errors } from '@hopwire/protocol';
import type { Cluster } from '../cluster/cluster.ts';
import { brokerError } from '../errors.ts';
import type { TopicPartition } from '../types.ts';

/**
 * Nobody is asked about them.
 *
 * @returns the others, and that some are missing; null: none is
 */
export function withoutAbsent<T extends { readonly where: TopicPartition }>(
  { snapshot }: Pick<Cluster, 'snapshot'>,
  all: readonly T[],
): [present: readonly T[], absence: Error | null] {
  const isAbsent = ({ where: { topic, partition } }: T): boolean => {
    const known = snapshot.topics.get(topic);
    return known?.errorCode === 0 && !known.partitions.has(partition);
  };
  const absent = all.find(isAbsent);
  if (absent === undefined) return [all, null];
  const error = brokerError(Errors.UNKNOWN_TOPIC_OR_PARTITION, 'Metadata', absent.where);
  return [all.filter((one) => !isAbsent(one)), error];
}
