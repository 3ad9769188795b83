// Commits and reads the offsets of a group, as a member of it or on its own.
import {
  CoordinatorType,
  OffsetCommit,
  type OffsetCommitRequest,
  OffsetFetch,
  type OffsetFetchRequest,
  ZERO_UUID,
} from '@hopwire/protocol';

import type { Broker } from '../cluster/broker.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { asError, type BrokerError, brokerError, isBrokerError, isRetriable } from '../errors.ts';
import type { TopicPartition, TopicPartitionOffset, Waiting } from '../types.ts';
import { Backoff } from '../util/backoff.ts';
import { retry } from '../util/retry.ts';
import { monotonicNow } from '../util/timers.ts';

/** Versions above send topic ids, which not every topic has. */
const LAST_VERSION_WITH_NAMES = 9;
/** The longest a commit or look-up may take if the caller says nothing. */
const DEFAULT_TIMEOUT_MS = 60_000;

/** In whose name a commit is made; generation -1 and an empty id: nobody's (manual assignment). */
export interface MemberIdentity {
  readonly generationId: number;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
}

export const NO_MEMBER: MemberIdentity = { generationId: -1, memberId: '', groupInstanceId: null };

export class Committer {
  readonly groupId: string;
  readonly #cluster: Cluster;
  readonly #member: () => MemberIdentity;
  readonly #isStable: boolean;
  readonly #backoff: Backoff;
  /** Commits go one after the other: a late answer must never set an offset back. */
  #last: Promise<void> = Promise.resolve();

  /** @param isStable wait for offsets of open transactions when reading (read_committed) */
  constructor(cluster: Cluster, groupId: string, member: () => MemberIdentity, isStable: boolean) {
    this.groupId = groupId;
    this.#cluster = cluster;
    this.#member = member;
    this.#isStable = isStable;
    const { retryBackoffMs, retryBackoffMaxMs } = cluster.options;
    this.#backoff = new Backoff({ initialMs: retryBackoffMs, maxMs: Math.min(retryBackoffMaxMs, 1_000) });
  }

  /**
   * In the name of the generation of the moment of the call: after a rebalance the broker refuses it.
   *
   * @throws {BrokerError} the first error of a partition that is not worth a retry
   */
  commit(offsets: readonly TopicPartitionOffset[], waiting: Waiting = {}): Promise<void> {
    if (offsets.length === 0) return Promise.resolve();
    const member = this.#member();
    const turn = this.#last.then(() => this.#commit(offsets, member, waiting));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  /** Offset -1: nothing committed. */
  fetch(partitions: readonly TopicPartition[], waiting: Waiting = {}): Promise<TopicPartitionOffset[]> {
    if (partitions.length === 0) return Promise.resolve([]);
    return this.#withCoordinator(waiting, (broker, left) => this.#fetch(broker, partitions, left));
  }

  async #commit(offsets: readonly TopicPartitionOffset[], member: MemberIdentity, waiting: Waiting): Promise<void> {
    const startedAt = monotonicNow();
    const report = (error?: Error): void => {
      const durationMs = monotonicNow() - startedAt;
      this.#cluster.emit({ type: 'commit', groupId: this.groupId, offsets, durationMs, ...(error && { error }) });
    };
    try {
      await this.#withCoordinator(waiting, (broker, left) => this.#commitAt(broker, offsets, member, left));
      report();
    } catch (error) {
      report(asError(error));
      throw error;
    }
  }

  async #commitAt(
    broker: Broker,
    offsets: readonly TopicPartitionOffset[],
    member: MemberIdentity,
    left: Waiting,
  ): Promise<void> {
    const route = { ...left, purpose: 'coordinator' as const };
    const version = await broker.versionOf(OffsetCommit, { ...route, maxVersion: LAST_VERSION_WITH_NAMES });
    const body: OffsetCommitRequest = {
      groupId: this.groupId,
      generationIdOrMemberEpoch: member.generationId,
      memberId: member.memberId,
      groupInstanceId: version >= 7 ? member.groupInstanceId : null,
      retentionTimeMs: -1n,
      topics: topicsToCommit(offsets, version),
    };
    const { topics } = await broker.send(OffsetCommit, body, { ...route, version });
    for (const { name: topic, partitions } of topics) {
      for (const { errorCode, partitionIndex: partition } of partitions) {
        if (errorCode !== 0) throw brokerError(errorCode, 'OffsetCommit', { topic, partition, subject: this.groupId });
      }
    }
  }

  async #fetch(broker: Broker, partitions: readonly TopicPartition[], left: Waiting): Promise<TopicPartitionOffset[]> {
    const route = { ...left, purpose: 'coordinator' as const };
    const version = await broker.versionOf(OffsetFetch, { ...route, maxVersion: LAST_VERSION_WITH_NAMES });
    const body: OffsetFetchRequest = {
      groups: [{ groupId: this.groupId, memberId: null, memberEpoch: -1, topics: topicsToFetch(partitions) }],
      requireStable: version >= 7 && this.#isStable,
    };
    const response = await broker.send(OffsetFetch, body, { ...route, version });
    const group = response.groups[0];
    if (!group) throw brokerError(-1, 'OffsetFetch', { subject: this.groupId, message: 'the answer lacks the group' });
    if (group.errorCode !== 0) throw brokerError(group.errorCode, 'OffsetFetch', { subject: this.groupId });
    return group.topics.flatMap(({ name: topic, partitions: answers }) =>
      answers.map(
        ({
          partitionIndex: partition,
          committedOffset: offset,
          committedLeaderEpoch: leaderEpoch,
          metadata,
          errorCode,
        }) => {
          if (errorCode !== 0) throw brokerError(errorCode, 'OffsetFetch', { topic, partition, subject: this.groupId });
          return { topic, partition, offset, leaderEpoch, ...(metadata && { metadata }) };
        },
      ),
    );
  }

  #withCoordinator<T>(waiting: Waiting, work: (broker: Broker, left: Waiting) => Promise<T>): Promise<T> {
    const policy = {
      backoff: this.#backoff,
      timeoutMs: DEFAULT_TIMEOUT_MS,
      retries: isWorthRetrying,
      onFailure: () => this.#cluster.forgetCoordinator(this.groupId, CoordinatorType.group),
    };
    return retry(policy, waiting, async (left) => {
      const broker = await this.#cluster.coordinatorFor(this.groupId, CoordinatorType.group, left);
      return work(broker, left);
    });
  }
}

// A rebalance makes Kafka's table say "retriable" for some; repeating a commit of an old generation is not.
function isWorthRetrying(error: unknown): boolean {
  return isRetriable(error) && !isBrokerError(error, 'REBALANCE_IN_PROGRESS');
}

/** Did the group go on without us? */
export function isOutOfGroup(error: unknown): error is BrokerError {
  return (
    isBrokerError(error, 'UNKNOWN_MEMBER_ID') ||
    isBrokerError(error, 'ILLEGAL_GENERATION') ||
    isBrokerError(error, 'REBALANCE_IN_PROGRESS')
  );
}

function topicsToCommit(offsets: readonly TopicPartitionOffset[], version: number): OffsetCommitRequest['topics'] {
  const topics = new Map<string, OffsetCommitRequest['topics'][number]>();
  for (const { topic, partition, offset, leaderEpoch, metadata } of offsets) {
    const entry = topics.get(topic) ?? { name: topic, topicId: ZERO_UUID, partitions: [] };
    entry.partitions.push({
      partitionIndex: partition,
      committedOffset: offset,
      committedLeaderEpoch: version >= 6 ? (leaderEpoch ?? -1) : -1,
      commitTimestamp: -1n,
      committedMetadata: metadata ?? '',
    });
    topics.set(topic, entry);
  }
  return [...topics.values()];
}

function topicsToFetch(partitions: readonly TopicPartition[]): OffsetFetchRequest['groups'][number]['topics'] {
  const topics = new Map<string, number[]>();
  for (const { topic, partition } of partitions) topics.set(topic, [...(topics.get(topic) ?? []), partition]);
  return [...topics].map(([name, partitionIndexes]) => ({ name, topicId: ZERO_UUID, partitionIndexes }));
}
