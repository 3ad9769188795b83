// Topics as the admin shows them: what a new one is made of, lists, descriptions.
import { Errors, ZERO_UUID } from '@hopwire/protocol';
import type { MetadataSnapshot, TopicMetadata } from '../cluster/metadata.ts';
import { brokerError } from '../errors.ts';
import type { PartitionInfo } from '../types.ts';
import type { Outcome } from './result.ts';

export interface NewTopic {
  topic: string;
  /** Left out: the broker's default (1 before Kafka 2.4). */
  partitions?: number | undefined;
  replicationFactor?: number | undefined;
  /** Brokers of each partition, instead of the two numbers above. */
  assignments?: readonly (readonly number[])[] | undefined;
  configs?: Readonly<Record<string, string | null>> | undefined;
}

export interface CreatedTopic {
  readonly topicId: string | null;
  /** -1: the broker did not say */
  readonly partitions: number;
  readonly replicationFactor: number;
}

export interface TopicDescription {
  readonly topic: string;
  readonly topicId: string | null;
  readonly isInternal: boolean;
  readonly partitions: readonly PartitionInfo[];
}

/** Sorted by name; internal topics only when asked for. */
export function listed(snapshot: MetadataSnapshot, includeInternal: boolean): TopicDescription[] {
  return [...snapshot.topics.values()]
    .filter(({ errorCode, isInternal }) => errorCode === 0 && (includeInternal || !isInternal))
    .map(describe)
    .sort((a, b) => (a.topic < b.topic ? -1 : 1));
}

export function described(snapshot: MetadataSnapshot, topic: string): Outcome<TopicDescription> {
  const known = snapshot.topics.get(topic);
  const errorCode = known?.errorCode ?? Errors.UNKNOWN_TOPIC_OR_PARTITION;
  if (!known || errorCode !== 0) return { error: brokerError(errorCode, 'Metadata', { topic }) };
  return { ok: describe(known) };
}

function describe({ name, topicId, isInternal, partitions }: TopicMetadata): TopicDescription {
  const infos = [...partitions.values()].map(({ partition, leaderId, leaderEpoch, replicas, isr }) => {
    return { topic: name, partition, leaderId, leaderEpoch, replicas, isr };
  });
  return { topic: name, topicId: idOrNull(topicId), isInternal, partitions: infos };
}

export function idOrNull(topicId: string): string | null {
  return topicId === ZERO_UUID ? null : topicId;
}
