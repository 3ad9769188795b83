// Offsets: of a log (by time), and what a group has committed.
import {
  Errors,
  OffsetFetch,
  type OffsetFetchRequestTopic,
  type OffsetFetchResponsePartition,
  SpecialTimestamp,
  ZERO_UUID,
} from '@hopwire/protocol';
import type { Cluster } from '../cluster/cluster.ts';
import { type FoundOffset as Found, listOffsets } from '../cluster/list-offsets.ts';
import type { Owner } from '../cluster/owner.ts';
import { brokerError, isBrokerError, isRetriable, refreshesMetadata } from '../errors.ts';
import type { TopicPartition, TopicPartitionOffset, Waiting } from '../types.ts';
import { given } from '../util/check-options.ts';
import { checkPartition, checkTime, listOf } from '../util/check-positions.ts';
import { didYouMean } from '../util/near-name.ts';
import type { Outcome } from './result.ts';

/** Which offset of a partition. */
export interface OffsetQuery extends TopicPartition {
  at: 'earliest' | 'latest' | 'maxTimestamp' | { timestampMs: number };
}

export interface FoundOffset extends TopicPartition {
  /** null: no record at or after the time */
  readonly offset: bigint | null;
  /** -1: the broker did not say */
  readonly timestampMs: number;
  readonly leaderEpoch: number;
}

const WORDS: readonly string[] = ['earliest', 'latest', 'maxTimestamp'];

/** @throws {TypeError | RangeError} for queries that cannot be meant */
export function checkQueries(queries: readonly OffsetQuery[]): void {
  for (const [name, query] of listOf('listOffsets', queries)) {
    checkPartition(name, query, ['topic', 'partition', 'at']);
    const { at } = query;
    if (typeof at === 'object' && at !== null && 'timestampMs' in at) checkTime(`${name}.at`, at.timestampMs);
    else if (typeof at !== 'string' || !WORDS.includes(at)) {
      const expected = `${WORDS.map((word) => `'${word}'`).join(', ')} or { timestampMs }`;
      const hint = typeof at === 'string' ? didYouMean(at, WORDS) : '';
      throw new TypeError(`${name}.at must be ${expected}, not ${given(at)}${hint}`);
    }
  }
}

/** Versions above address topics by id. */
const BY_NAME = 9;

/** So often in a row the cluster says that a partition is not there, until that is believed: it may have been made just now. */
const LOOKS = 4;

/** Looks for the offsets of a call, attempt by attempt. Each query has its own outcome. */
export class OffsetSearch {
  readonly #cluster: Cluster;
  readonly #owner: Owner;
  readonly #queries: readonly OffsetQuery[];
  readonly #isolation: 'read_committed' | 'read_uncommitted';
  readonly #found: Outcome<FoundOffset>[] = [];
  /** What was said last to those that are not found yet. */
  readonly #failures: Error[] = [];
  /** How often in a row they were missing. */
  readonly #missed: number[] = [];

  constructor(
    cluster: Cluster,
    owner: Owner,
    queries: readonly OffsetQuery[],
    isolation: 'read_committed' | 'read_uncommitted',
  ) {
    this.#cluster = cluster;
    this.#owner = owner;
    this.#queries = queries;
    this.#isolation = isolation;
  }

  /**
   * One attempt for what is not found yet. Errors that will not pass are outcomes.
   *
   * @throws an error that may pass: rather one that asks for new metadata
   */
  async attempt(waiting: Waiting): Promise<Outcome<FoundOffset>[]> {
    const open = [...this.#queries.entries()].filter(([index]) => this.#found[index] === undefined);
    await this.#cluster.metadataFor([...new Set(open.map(([, { topic }]) => topic))], waiting);
    const asked = open.map(([, { topic, partition, at }]) => ({ topic, partition, timestamp: timestampOf(at) }));
    const options = { ...waiting, isolation: this.#isolation, ownerAt: () => this.#owner };
    const answers = await listOffsets(this.#cluster, asked, options);
    const failures = open.flatMap(([index, query], at) => this.#note(index, query, answers[at]) ?? []);
    const failure = failures.find(refreshesMetadata) ?? failures[0];
    if (failure) throw failure;
    return this.#found;
  }

  /**
   * The time is up: what was waited for in vain is that query's outcome.
   *
   * @param reason for those of which nothing was heard
   * @returns null when nothing is known of any: that concerns the call
   */
  outcomesAfter(reason: Error): Outcome<FoundOffset>[] | null {
    const isHeard = (_: OffsetQuery, index: number): boolean => {
      return this.#found[index] !== undefined || isBrokerError(this.#failures[index]);
    };
    if (!this.#queries.some(isHeard)) return null;
    return this.#queries.map((_, index) => this.#found[index] ?? { error: this.#failures[index] ?? reason });
  }

  /** @returns an error that may pass */
  #note(index: number, query: OffsetQuery, answer: Found | Error | undefined): Error | undefined {
    if (answer === undefined) return undefined;
    if (!(answer instanceof Error)) {
      this.#found[index] = { ok: foundAt(query, answer) };
      return undefined;
    }
    this.#failures[index] = answer;
    const missed = this.#isMissing(query, answer) ? (this.#missed[index] ?? 0) + 1 : 0;
    this.#missed[index] = missed;
    if (isRetriable(answer) && missed < LOOKS) return answer;
    this.#found[index] = { error: answer };
    return undefined;
  }

  /** Does the cluster itself say so? A leader alone may only be behind. */
  #isMissing({ topic, partition }: TopicPartition, answer: Error): boolean {
    if (!isBrokerError(answer, 'UNKNOWN_TOPIC_OR_PARTITION')) return false;
    const known = this.#cluster.snapshot.topics.get(topic);
    if (!known || known.errorCode === Errors.UNKNOWN_TOPIC_OR_PARTITION) return true;
    return known.errorCode === 0 && !known.partitions.has(partition);
  }
}

function timestampOf(at: OffsetQuery['at']): bigint {
  return typeof at === 'string' ? SpecialTimestamp[at] : BigInt(at.timestampMs);
}

function foundAt({ topic, partition }: TopicPartition, { offset, timestamp, leaderEpoch }: Found): FoundOffset {
  return { topic, partition, offset: offset < 0n ? null : offset, timestampMs: Number(timestamp), leaderEpoch };
}

/**
 * One attempt at the group's coordinator.
 *
 * @param partitions null: all that the group has committed
 */
export async function committedOffsets(
  cluster: Cluster,
  owner: Owner,
  groupId: string,
  partitions: readonly TopicPartition[] | null,
  waiting: Waiting,
): Promise<Outcome<TopicPartitionOffset>[]> {
  const coordinator = await cluster.coordinatorFor(groupId, 0, waiting);
  const topics = partitions && byTopic(partitions);
  const request = { groups: [{ groupId, memberId: null, memberEpoch: -1, topics }], requireStable: false };
  const response = await coordinator.send(OffsetFetch, request, { ...waiting, owner, maxVersion: BY_NAME });
  const group = response.groups[0];
  if (group?.errorCode !== 0) throw brokerError(group?.errorCode ?? -1, 'OffsetFetch', { subject: groupId });
  return group.topics.flatMap(({ name, partitions: answers }) => answers.flatMap((answer) => committed(name, answer)));
}

function byTopic(partitions: readonly TopicPartition[]): OffsetFetchRequestTopic[] {
  const topics = new Map<string, OffsetFetchRequestTopic>();
  for (const { topic, partition } of partitions) {
    const entry = topics.get(topic) ?? { name: topic, topicId: ZERO_UUID, partitionIndexes: [] };
    entry.partitionIndexes.push(partition);
    topics.set(topic, entry);
  }
  return [...topics.values()];
}

/** Nothing for a partition without a commit. */
function committed(topic: string, answer: OffsetFetchResponsePartition): Outcome<TopicPartitionOffset>[] {
  const { partitionIndex: partition, errorCode, committedOffset: offset, committedLeaderEpoch: leaderEpoch } = answer;
  if (errorCode !== 0) return [{ error: brokerError(errorCode, 'OffsetFetch', { topic, partition }) }];
  if (offset < 0n) return [];
  return [{ ok: { topic, partition, offset, leaderEpoch, metadata: answer.metadata ?? '' } }];
}
