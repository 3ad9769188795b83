// What changed between two snapshots, for those who depend on leaders.
import type { TopicPartition } from '../types.ts';
import type { MetadataSnapshot, TopicMetadata } from './metadata.ts';

/** Ids of the brokers that lead a partition now which they did not lead before, or in a newer epoch. */
export function changedLeaders(before: MetadataSnapshot, after: MetadataSnapshot): Set<number> {
  const nodes = new Set<number>();
  for (const topic of after.topics.values()) {
    const known = before.topics.get(topic.name);
    if (known !== topic) addChanged(nodes, known, topic);
  }
  return nodes;
}

function addChanged(nodes: Set<number>, before: TopicMetadata | undefined, after: TopicMetadata): void {
  for (const { partition, leaderId, leaderEpoch } of after.partitions.values()) {
    const known = before?.partitions.get(partition);
    if (leaderId >= 0 && (known?.leaderId !== leaderId || known.leaderEpoch !== leaderEpoch)) nodes.add(leaderId);
  }
}

/** Is this one led by another broker now, or in a newer epoch? */
export function hasNewLeader(where: TopicPartition, after: MetadataSnapshot, before: MetadataSnapshot): boolean {
  const now = after.topics.get(where.topic)?.partitions.get(where.partition);
  const known = before.topics.get(where.topic)?.partitions.get(where.partition);
  if (now === known || now === undefined || now.leaderId < 0) return false;
  return now.leaderId !== known?.leaderId || now.leaderEpoch !== known.leaderEpoch;
}
