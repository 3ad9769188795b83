// Notices that a topic was deleted and made anew under its name while partitions of it are read.
import { ZERO_UUID } from '@hopwire/protocol';
import type { MetadataSnapshot } from '../cluster/metadata.ts';
import type { Assignment } from './assignment.ts';
import type { Partition } from './partition.ts';

/**
 * A partition may have been placed by metadata that were old already. As long as nothing was read of it, the first new ones
 * say which topic it is in.
 */
export function confirm(assignment: Assignment, after: MetadataSnapshot, before: MetadataSnapshot): void {
  for (const partition of assignment) {
    const topic = after.topics.get(partition.topic);
    const isNews = topic !== undefined && topic.errorCode === 0 && topic !== before.topics.get(partition.topic);
    if (!isNews || partition.place.name !== 'placed' || partition.isIdSure) continue;
    if (partition.progress?.isUntouched) partition.topicId = topic.topicId;
    partition.isIdSure = true;
  }
}

/** The partitions that have a position in a topic which is not there any more. */
export function recreated(assignment: Assignment, after: MetadataSnapshot, before: MetadataSnapshot): Partition[] {
  return [...assignment].filter((partition) => {
    if (partition.place.name !== 'placed') return false;
    const topic = after.topics.get(partition.topic);
    if (topic === undefined || topic.errorCode !== 0) return false;
    if (topic.topicId !== ZERO_UUID && partition.topicId !== ZERO_UUID) return topic.topicId !== partition.topicId;
    return topic.topicId === ZERO_UUID && hasLowerEpoch(partition, after, before);
  });
}

/** Before Kafka 2.8 topics have no ids: a leader's epoch that was taken back says the same. */
function hasLowerEpoch({ topic, partition }: Partition, after: MetadataSnapshot, before: MetadataSnapshot): boolean {
  const epochIn = (snapshot: MetadataSnapshot): number =>
    snapshot.topics.get(topic)?.partitions.get(partition)?.leaderEpoch ?? -1;
  const now = epochIn(after);
  return now >= 0 && now < epochIn(before);
}
