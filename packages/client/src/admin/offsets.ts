// Offsets: of a log (by time), and what a group has committed.
import {
  OffsetFetch,
  type OffsetFetchRequestTopic,
  type OffsetFetchResponsePartition,
  SpecialTimestamp,
  ZERO_UUID,
} from '@hopwire/protocol';
import type { Cluster } from '../cluster/cluster.ts';
import { type FoundOffset as Found, listOffsets } from '../cluster/list-offsets.ts';
import type { Owner } from '../cluster/owner.ts';
import { brokerError, isRetriable } from '../errors.ts';
import type { TopicPartition, TopicPartitionOffset, Waiting } from '../types.ts';
import { checkPartition, checkTime, listOf, shown } from '../util/check-positions.ts';
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
    checkPartition(name, query);
    const { at } = query;
    if (typeof at === 'object' && at !== null && 'timestampMs' in at) checkTime(`${name}.at`, at.timestampMs);
    else if (typeof at !== 'string' || !WORDS.includes(at)) {
      const expected = `${WORDS.map((word) => `'${word}'`).join(', ')} or { timestampMs }`;
      throw new TypeError(`${name}.at must be ${expected}, not ${shown(at)}`);
    }
  }
}

/** Versions above address topics by id. */
const BY_NAME = 9;

/**
 * One attempt for what is not found yet. Errors that will not pass are outcomes.
 *
 * @param found gets the outcomes, by the index of the query
 * @throws the first error that may pass
 */
export async function offsetsAt(
  cluster: Cluster,
  owner: Owner,
  queries: readonly OffsetQuery[],
  found: Outcome<FoundOffset>[],
  options: Waiting & { isolation: 'read_committed' | 'read_uncommitted' },
): Promise<void> {
  const open = [...queries.entries()].filter(([index]) => found[index] === undefined);
  await cluster.metadataFor([...new Set(open.map(([, { topic }]) => topic))], options);
  const asked = open.map(([, { topic, partition, at }]) => ({ topic, partition, timestamp: timestampOf(at) }));
  const answers = await listOffsets(cluster, asked, { ...options, ownerAt: () => owner });
  let failure: Error | null = null;
  for (const [at, [index, query]] of open.entries()) {
    const answer = answers[at];
    if (answer === undefined) continue;
    if (!(answer instanceof Error)) found[index] = { ok: foundAt(query, answer) };
    else if (isRetriable(answer)) failure ??= answer;
    else found[index] = { error: answer };
  }
  if (failure) throw failure;
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
