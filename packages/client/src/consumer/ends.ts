// With `until: 'end'`: is everything read that there was?
import { Errors } from '@hopwire/protocol';
import { type BrokerError, brokerError } from '../errors.ts';
import type { ChosenTopics } from '../group/topic-choice.ts';
import type { Assignment } from './assignment.ts';
import type { Ownership } from './ownership.ts';

/**
 * While a rebalance is under way it may bring what others have left unread. A topic that was deleted when it was read to
 * its end is not waited for; one that was never there is. What is left of one that was deleted before will not come: the
 * loop is told when all else is read.
 */
export function hasReachedEnds(ownership: Ownership, assignment: Assignment, topics: ChosenTopics): boolean {
  const { missing, counts } = topics;
  if (missing.some((topic) => !ownership.hasHad(topic))) return false;
  const cut = ownership.unreadOf(missing);
  const areAllGone = missing.length > 0 && counts.size === 0;
  if (!ownership.hasAssignment && !areAllGone) return false;
  for (const partition of assignment) {
    if (partition.hold === 'revoking') return false;
    if (partition.isGone) cut.add(partition.topic);
    else if (!partition.isFinished) return false;
  }
  for (const topic of cut) ownership.onTopicError(deletedBeforeEnd(topic));
  return cut.size === 0;
}

/** Instead of a normal end, after which a reader would believe that it has seen everything. */
function deletedBeforeEnd(topic: string): BrokerError {
  const message = 'the topic was deleted before it was read to its end';
  return brokerError(Errors.UNKNOWN_TOPIC_OR_PARTITION, 'Metadata', { topic, message });
}
