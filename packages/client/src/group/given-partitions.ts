// The partitions that a group's leader has given us, as far as it can be believed.
import { decodeAssignment } from '@hopwire/protocol';
import type { Logger } from '../events.ts';
import type { TopicPartition } from '../types.ts';
import { keyOf } from './offset-requests.ts';
import type { ChosenTopics } from './topic-choice.ts';

/**
 * Partitions that their topics do not have may appear soon: the leader may know of them before we do. No topic grows by so
 * many at once, and bytes that say so would become gigabytes of what is waited for.
 */
const MOST_ABSENT = 10_000;

/** @param topics what we know of the topics that we read */
export function givenPartitions(assignment: Buffer, { counts }: ChosenTopics, logger: Logger): TopicPartition[] {
  // No bytes at all: the leader left us out.
  if (assignment.length === 0) return [];
  const given = new Map<string, TopicPartition>();
  let absent = 0;
  for (const { topic, partitions } of decodeAssignment(assignment).assignedPartitions) {
    const count = counts.get(topic) ?? 0;
    for (const partition of partitions) {
      if ((partition < 0 || partition >= count) && ++absent > MOST_ABSENT) continue;
      given.set(keyOf({ topic, partition }), { topic, partition });
    }
  }
  if (absent > MOST_ABSENT) {
    const left = absent - MOST_ABSENT;
    logger.warn(`the group's leader assigns ${absent} partitions that are not there: ${left} of them are left out`);
  }
  return [...given.values()];
}
