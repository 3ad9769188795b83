// All groups of the cluster with their committed offsets.
import { Errors } from '@hopwire/protocol';
import { Group, type MemberClaim } from './group.ts';

/** What a consumer committed for one partition. */
export interface CommittedOffset {
  readonly offset: bigint;
  readonly leaderEpoch: number;
  readonly metadata: string;
}

/** Session time-outs outside of these are refused. */
export interface GroupLimits {
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
}

/** Groups by id, and offsets by group, topic and partition. */
export class Groups {
  readonly limits: GroupLimits;
  /** Told of every offset that is stored. */
  onCommit: ((groupId: string, topic: string, partition: number, offset: CommittedOffset) => void) | null = null;
  readonly #groups = new Map<string, Group>();
  readonly #offsets = new Map<string, Map<string, Map<number, CommittedOffset>>>();

  constructor(limits: GroupLimits) {
    this.limits = limits;
  }

  all(): Group[] {
    return [...this.#groups.values()];
  }

  group(id: string): Group | undefined {
    return this.#groups.get(id);
  }

  groupOrNew(id: string): Group {
    const group = this.#groups.get(id) ?? new Group(id);
    this.#groups.set(id, group);
    return group;
  }

  /** May this member commit? Error code, 0 for yes. */
  checkCommit(groupId: string, claim: MemberClaim): number {
    const group = this.#groups.get(groupId);
    const isSimple = claim.generationId < 0 && claim.memberId === '';
    if (!group) return isSimple ? Errors.NONE : Errors.ILLEGAL_GENERATION;
    if (isSimple) return group.state === 'Empty' ? Errors.NONE : Errors.UNKNOWN_MEMBER_ID;
    const problem = group.checkClaim(claim);
    if (problem) return problem;
    group.touchMember(claim.memberId);
    return group.state === 'CompletingRebalance' ? Errors.REBALANCE_IN_PROGRESS : Errors.NONE;
  }

  commit(groupId: string, topic: string, partition: number, offset: CommittedOffset): void {
    const topics = this.#offsets.get(groupId) ?? new Map<string, Map<number, CommittedOffset>>();
    const partitions = topics.get(topic) ?? new Map<number, CommittedOffset>();
    partitions.set(partition, offset);
    topics.set(topic, partitions);
    this.#offsets.set(groupId, topics);
    this.onCommit?.(groupId, topic, partition, offset);
  }

  committed(groupId: string, topic: string, partition: number): CommittedOffset | undefined {
    return this.#offsets.get(groupId)?.get(topic)?.get(partition);
  }

  /** Every partition with an offset, by topic. */
  committedPartitions(groupId: string): { topic: string; partitions: number[] }[] {
    const topics = this.#offsets.get(groupId) ?? new Map<string, Map<number, CommittedOffset>>();
    return [...topics].map(([topic, partitions]) => ({ topic, partitions: [...partitions.keys()] }));
  }

  /** A deleted topic takes its offsets along. */
  forgetTopic(topic: string): void {
    for (const topics of this.#offsets.values()) topics.delete(topic);
  }

  suspend(): void {
    for (const group of this.#groups.values()) group.suspend();
  }

  resume(): void {
    for (const group of this.#groups.values()) group.resume();
  }
}
