// Java's RangeAssignor: each topic by itself, its partitions in order, cut into one run per member.
import type { TopicPartition } from '../../types.ts';
import { type Assignor, compareMembers, type GroupAssignment, type GroupMember } from './assignor.ts';

/** The default of Java's consumer. The first `partitions % members` members of a topic get one partition more. */
export const rangeAssignor: Assignor = { name: 'range', assign };

function assign(members: readonly GroupMember[], partitionCounts: ReadonlyMap<string, number>): GroupAssignment {
  const assignment = new Map<string, TopicPartition[]>(members.map((member) => [member.memberId, []]));
  const sorted = [...members].sort(compareMembers);
  for (const topic of [...partitionCounts.keys()].sort()) {
    const interested = sorted.filter((member) => member.subscription.topics.includes(topic));
    const count = partitionCounts.get(topic) ?? 0;
    interested.forEach((member, index) => {
      assignment.get(member.memberId)?.push(...runOf(topic, count, index, interested.length));
    });
  }
  return assignment;
}

function runOf(topic: string, count: number, index: number, members: number): TopicPartition[] {
  const each = Math.floor(count / members);
  const extra = count % members;
  const start = each * index + Math.min(index, extra);
  const length = each + (index < extra ? 1 : 0);
  return Array.from({ length }, (_, i) => ({ topic, partition: start + i }));
}
