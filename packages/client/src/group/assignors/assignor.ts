// What an assignor of a classic group is: a pure function from members and partition counts to assignments.
import type { ConsumerSubscription } from '@hopwire/protocol';
import type { TopicPartition } from '../../types.ts';

/** A member as the leader of the group sees it. */
export interface GroupMember {
  memberId: string;
  groupInstanceId: string | null;
  subscription: ConsumerSubscription;
}

/** Partitions by member id. Every member has an entry, if only an empty one. */
export type GroupAssignment = ReadonlyMap<string, readonly TopicPartition[]>;

/** Decides who reads what. Deterministic: the same input gives the same answer on every member. */
export interface Assignor {
  /** The protocol name all members must share, e.g. `range` (Java's names, so that groups can be mixed). */
  readonly name: string;
  assign(members: readonly GroupMember[], partitionCounts: ReadonlyMap<string, number>): GroupAssignment;
}

/** Java's order of members: static ones first and by instance id, the others by member id. */
export function compareMembers(a: GroupMember, b: GroupMember): number {
  if (a.groupInstanceId !== null && b.groupInstanceId !== null) return compare(a.groupInstanceId, b.groupInstanceId);
  if (a.groupInstanceId !== null) return -1;
  if (b.groupInstanceId !== null) return 1;
  return compare(a.memberId, b.memberId);
}

// UTF-16 code units, as Java's String.compareTo; localeCompare would give another order.
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
