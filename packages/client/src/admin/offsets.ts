// Offsets: of a log (by time), and what a group has committed.
import {
  Errors,
  IsolationLevel,
  ListOffsets,
  type ListOffsetsResponsePartition,
  OffsetFetch,
  type OffsetFetchResponsePartition,
  SpecialTimestamp,
  ZERO_UUID,
} from '@hopwire/protocol';
import type { Cluster } from '../cluster/cluster.ts';
import { brokerError } from '../errors.ts';
import type { TopicPartition, TopicPartitionOffset, Waiting } from '../types.ts';
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

/** Versions above address topics by id. */
const BY_NAME = 9;

/** One attempt at the leader of the partition; every error is thrown. */
export async function offsetAt(
  cluster: Cluster,
  query: OffsetQuery,
  { isolation, ...waiting }: Waiting & { isolation: 'read_committed' | 'read_uncommitted' },
): Promise<FoundOffset> {
  const { topic, partition } = query;
  const snapshot = await cluster.metadataFor([topic], waiting);
  const known = snapshot.topics.get(topic);
  if (known && known.errorCode !== 0) throw brokerError(known.errorCode, 'Metadata', { topic });
  const leader = cluster.leaderOf(query);
  if (!leader) throw noLeader(cluster, query);
  const asked = {
    partitionIndex: partition,
    currentLeaderEpoch: cluster.leaderEpochOf(query),
    timestamp: timestampOf(query.at),
    maxNumOffsets: 1,
  };
  const isolationLevel = isolation === 'read_committed' ? IsolationLevel.readCommitted : IsolationLevel.readUncommitted;
  const timeoutMs = cluster.options.requestTimeoutMs;
  const request = { replicaId: -1, isolationLevel, topics: [{ name: topic, partitions: [asked] }], timeoutMs };
  const response = await leader.send(ListOffsets, request, waiting);
  const answer = response.topics[0]?.partitions[0];
  if (answer?.errorCode !== 0) throw brokerError(answer?.errorCode ?? -1, 'ListOffsets', { topic, partition });
  return found(query, answer);
}

/** Metadata says which it is: no such partition, or no leader now. Both may pass. */
function noLeader(cluster: Cluster, { topic, partition }: TopicPartition): Error {
  const known = cluster.snapshot.topics.get(topic)?.partitions.get(partition);
  return brokerError(known ? Errors.LEADER_NOT_AVAILABLE : Errors.UNKNOWN_TOPIC_OR_PARTITION, 'Metadata', {
    topic,
    partition,
  });
}

function timestampOf(at: OffsetQuery['at']): bigint {
  return typeof at === 'string' ? SpecialTimestamp[at] : BigInt(at.timestampMs);
}

function found({ topic, partition }: TopicPartition, answer: ListOffsetsResponsePartition): FoundOffset {
  const offset = answer.oldStyleOffsets[0] ?? answer.offset;
  const { timestamp, leaderEpoch } = answer;
  return { topic, partition, offset: offset < 0n ? null : offset, timestampMs: Number(timestamp), leaderEpoch };
}

/**
 * One attempt at the group's coordinator.
 *
 * @param partitions null: all that the group has committed
 */
export async function committedOffsets(
  cluster: Cluster,
  groupId: string,
  partitions: readonly TopicPartition[] | null,
  waiting: Waiting,
): Promise<Outcome<TopicPartitionOffset>[]> {
  const coordinator = await cluster.coordinatorFor(groupId, 0, waiting);
  const topics = partitions && byTopic(partitions);
  const request = { groups: [{ groupId, memberId: null, memberEpoch: -1, topics }], requireStable: false };
  const response = await coordinator.send(OffsetFetch, request, {
    ...waiting,
    purpose: 'coordinator',
    maxVersion: BY_NAME,
  });
  const group = response.groups[0];
  if (group?.errorCode !== 0) throw brokerError(group?.errorCode ?? -1, 'OffsetFetch', { subject: groupId });
  return group.topics.flatMap(({ name, partitions: answers }) => answers.flatMap((answer) => committed(name, answer)));
}

function byTopic(
  partitions: readonly TopicPartition[],
): { name: string; topicId: string; partitionIndexes: number[] }[] {
  const indexes = new Map<string, number[]>();
  for (const { topic, partition } of partitions) indexes.set(topic, [...(indexes.get(topic) ?? []), partition]);
  return [...indexes].map(([name, partitionIndexes]) => ({ name, topicId: ZERO_UUID, partitionIndexes }));
}

/** Nothing for a partition without a commit. */
function committed(topic: string, answer: OffsetFetchResponsePartition): Outcome<TopicPartitionOffset>[] {
  const { partitionIndex: partition, errorCode, committedOffset: offset, committedLeaderEpoch: leaderEpoch } = answer;
  if (errorCode !== 0) return [{ error: brokerError(errorCode, 'OffsetFetch', { topic, partition }) }];
  if (offset < 0n) return [];
  return [{ ok: { topic, partition, offset, leaderEpoch, metadata: answer.metadata ?? '' } }];
}
