// Java's RangeAssignor: each topic by itself, its partitions in order, cut into one run per member.
import type { TopicPartition } from '../../types.ts';
import { type Assignor, compareMembers, type GroupAssignment, type GroupMember } from './assignor.ts';

/** The default of Java's consumer. The first `partitions % members` members of a topic get one partition more. */
export const rangeAssignor: Assignor = { name: 'range', assign };

function assign(members: readonly GroupMember[], partitionCounts: ReadonlyMap<string, number>): GroupAssignment {
  const assignment = new Map<string, TopicPartition[]>(members.map((member) => [member.memberId, []]));
  const readers = readersByTopic(members);
  for (const topic of [...partitionCounts.keys()].sort()) {
    const ids = readers.get(topic) ?? [];
    const count = partitionCounts.get(topic) ?? 0;
    for (let index = 0; index < ids.length; index++) {
      const { start, end } = runOf(count, index, ids.length);
      const list = assignment.get(ids[index] ?? '');
      for (let partition = start; partition < end; partition++) list?.push({ topic, partition });
    }
  }
  return assignment;
}

/** Member ids in Java's order; a topic that a member names twice counts once. */
function readersByTopic(members: readonly GroupMember[]): Map<string, string[]> {
  const readers = new Map<string, string[]>();
  for (const { memberId, subscription } of [...members].sort(compareMembers)) {
    for (const topic of new Set(subscription.topics)) {
      const list = readers.get(topic);
      if (list) list.push(memberId);
      else readers.set(topic, [memberId]);
    }
  }
  return readers;
}

function runOf(count: number, index: number, members: number): { start: number; end: number } {
  const each = Math.floor(count / members);
  const extra = count % members;
  const start = each * index + Math.min(index, extra);
  return { start, end: start + each + (index < extra ? 1 : 0) };
}
