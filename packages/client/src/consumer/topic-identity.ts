// Notices that a topic was deleted and made anew under its name while partitions of it are read.
import { ZERO_UUID } from '@hopwire/protocol';
import { isAgreed, type MetadataSnapshot } from '../cluster/metadata.ts';
import type { Assignment } from './assignment.ts';
import type { Partition } from './partition.ts';
import type { Start } from './place.ts';

/** Positions that are as right in the one topic as in the other. */
const LOOKED_UP: ReadonlySet<Start | null> = new Set<Start | null>(['committed', 'earliest']);

/**
 * Partitions may have been placed by metadata that were old already: in a topic that is there, but under the id of another.
 * The first metadata that are newer tell.
 *
 * @returns those that are to be placed again by their own rule, because nothing was read of them
 */
export function misplaced(assignment: Assignment, after: MetadataSnapshot, before: MetadataSnapshot): Partition[] {
  const told = [...assignment].filter(({ topic, place, isIdSure }) => {
    const now = after.topics.get(topic);
    const isTold = isAgreed(now) && now !== before.topics.get(topic);
    return place.name === 'placed' && !isIdSure && isTold;
  });
  for (const partition of told) partition.isIdSure = true;
  return told.filter(({ topic, topicId, progress, placedBy }) => {
    const id = after.topics.get(topic)?.topicId ?? ZERO_UUID;
    return id !== ZERO_UUID && id !== topicId && progress?.isUntouched && LOOKED_UP.has(placedBy);
  });
}

/** The partitions that have a position (in doubt perhaps) in a topic which is not there any more. */
export function recreated(assignment: Assignment, after: MetadataSnapshot, before: MetadataSnapshot): Partition[] {
  return [...assignment].filter((partition) => {
    if (!partition.hasPosition) return false;
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
