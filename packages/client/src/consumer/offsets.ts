// Offsets by rule: earliest, latest, by time (ListOffsets, one request per leader).
import { IsolationLevel, ListOffsets, type ListOffsetsRequest, SpecialTimestamp } from '@hopwire/protocol';
import type { Broker } from '../cluster/broker.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { brokerError } from '../errors.ts';
import type { TopicPartition } from '../types.ts';
import { keyOf } from './assignment.ts';

export interface OffsetQuery extends TopicPartition {
  /** Milliseconds or a SpecialTimestamp. */
  readonly timestamp: bigint;
}

export interface FoundOffset {
  /** -1: no record at or after that time. */
  readonly offset: bigint;
  readonly leaderEpoch: number;
}

/** Answers by partition; an error of one leaves the others alone. */
export type FoundOffsets = Map<string, FoundOffset | Error>;

export async function listOffsets(
  cluster: Cluster,
  queries: readonly OffsetQuery[],
  o: { isolation: 'read_committed' | 'read_uncommitted'; signal: AbortSignal },
): Promise<FoundOffsets> {
  const found: FoundOffsets = new Map();
  const byLeader = new Map<Broker, OffsetQuery[]>();
  for (const query of queries) {
    const leader = cluster.leaderOf(query);
    if (!leader) found.set(keyOf(query), leaderMissing(cluster, query));
    else byLeader.set(leader, [...(byLeader.get(leader) ?? []), query]);
  }
  await Promise.all([...byLeader].map(([leader, asked]) => askLeader({ cluster, leader, asked, found }, o)));
  return found;
}

// A topic that has an error of its own says more than "no leader".
function leaderMissing(cluster: Cluster, { topic, partition }: TopicPartition): Error {
  const code = cluster.snapshot.topics.get(topic)?.errorCode || LEADER_NOT_AVAILABLE;
  return brokerError(code, 'Metadata', { topic, partition });
}

const LEADER_NOT_AVAILABLE = 5;

interface Asking {
  cluster: Cluster;
  leader: Broker;
  asked: readonly OffsetQuery[];
  found: FoundOffsets;
}

async function askLeader(
  { cluster, leader, asked, found }: Asking,
  o: { isolation: 'read_committed' | 'read_uncommitted'; signal: AbortSignal },
): Promise<void> {
  try {
    const { signal } = o;
    const version = await leader.versionOf(ListOffsets, { signal });
    const body: ListOffsetsRequest = {
      replicaId: -1,
      isolationLevel: version >= 2 && o.isolation === 'read_committed' ? IsolationLevel.readCommitted : 0,
      topics: asked.map((query) => topicOf(query, version >= 4 ? cluster.leaderEpochOf(query) : -1)),
      timeoutMs: version >= 10 ? cluster.options.requestTimeoutMs : 0,
    };
    const response = await leader.send(ListOffsets, body, { signal, version });
    for (const { name: topic, partitions } of response.topics) {
      for (const { partitionIndex: partition, errorCode, offset, oldStyleOffsets, leaderEpoch } of partitions) {
        const where = { topic, partition };
        const answer = { offset: version === 0 ? (oldStyleOffsets[0] ?? -1n) : offset, leaderEpoch };
        found.set(keyOf(where), errorCode === 0 ? answer : brokerError(errorCode, 'ListOffsets', where));
      }
    }
  } catch (error) {
    if (!(error instanceof Error) || o.signal.aborted) throw error;
    for (const query of asked) found.set(keyOf(query), error);
  }
}

function topicOf(query: OffsetQuery, currentLeaderEpoch: number): ListOffsetsRequest['topics'][number] {
  const { topic, partition, timestamp } = query;
  return { name: topic, partitions: [{ partitionIndex: partition, currentLeaderEpoch, timestamp, maxNumOffsets: 1 }] };
}

export const EARLIEST: bigint = SpecialTimestamp.earliest;
export const LATEST: bigint = SpecialTimestamp.latest;
