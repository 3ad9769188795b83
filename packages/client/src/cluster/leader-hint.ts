// What a broker says that does not lead a partition any more: who leads it now (KIP-951). Saves asking for metadata.
import { type CurrentLeader, Errors, type NodeEndpoint } from '@hopwire/protocol';
import type { TopicPartition } from '../types.ts';
import type { MetadataSnapshot, TopicMetadata } from './metadata.ts';

export interface LeaderHint extends TopicPartition {
  readonly leaderId: number;
  readonly leaderEpoch: number;
}

/** Of an answer about a partition; none: it says nothing about the leader. */
export function leaderHint(
  { topic, partition }: TopicPartition,
  errorCode: number,
  { leaderId, leaderEpoch }: CurrentLeader,
): LeaderHint[] {
  const isMoved = errorCode === Errors.NOT_LEADER_OR_FOLLOWER || errorCode === Errors.FENCED_LEADER_EPOCH;
  return isMoved && leaderId >= 0 ? [{ topic, partition, leaderId, leaderEpoch }] : [];
}

/**
 * The picture with these leaders.
 *
 * @returns the same one when nothing in them is new
 */
export function withLeaders(
  before: MetadataSnapshot,
  hints: readonly LeaderHint[],
  endpoints: readonly NodeEndpoint[],
): MetadataSnapshot {
  const news = hints.filter((hint) => isNews(before, hint));
  if (news.length === 0) return before;
  const topics = new Map(before.topics);
  for (const hint of news) {
    const topic = topics.get(hint.topic);
    if (topic) topics.set(hint.topic, withLeader(topic, hint));
  }
  const brokers = new Map(before.brokers);
  for (const { nodeId, host, port, rack } of endpoints) brokers.set(nodeId, { nodeId, host, port, rack });
  return { ...before, brokers, topics };
}

function isNews({ topics }: MetadataSnapshot, { topic, partition, leaderId, leaderEpoch }: LeaderHint): boolean {
  const known = topics.get(topic)?.partitions.get(partition);
  return known !== undefined && known.leaderId !== leaderId && leaderEpoch > known.leaderEpoch;
}

function withLeader(topic: TopicMetadata, { partition, leaderId, leaderEpoch }: LeaderHint): TopicMetadata {
  const partitions = new Map(topic.partitions);
  const known = partitions.get(partition);
  if (known) partitions.set(partition, { ...known, leaderId, leaderEpoch, errorCode: 0 });
  return { ...topic, partitions };
}
