// Offsets by rule: earliest, latest, by time. One ListOffsets request for each leader; an error of one partition leaves
// the others alone.
import {
  Errors,
  IsolationLevel,
  ListOffsets,
  type ListOffsetsRequest,
  type ListOffsetsResponse,
} from '@hopwire/protocol';
import { asError, brokerError } from '../errors.ts';
import type { TopicPartition, Waiting } from '../types.ts';
import { stackless } from '../util/stackless.ts';
import type { Broker } from './broker.ts';
import type { Cluster } from './cluster.ts';
import type { Owner } from './owner.ts';

/** Versions above address topics by id. */
const BY_NAME = 10;

export interface OffsetQuery extends TopicPartition {
  /** Milliseconds or a SpecialTimestamp. */
  readonly timestamp: bigint;
}

export interface FoundOffset {
  /** -1: no record at or after that time. */
  readonly offset: bigint;
  /** -1: not said */
  readonly timestamp: bigint;
  readonly leaderEpoch: number;
}

export interface ListOffsetsOptions extends Waiting {
  readonly isolation: 'read_committed' | 'read_uncommitted';
  /** Whose connection to each leader. */
  ownerAt(leader: Broker): Owner;
}

/**
 * One attempt. Where the leader is not known the cluster's error of the topic is the answer.
 *
 * @returns in the order of the queries
 */
export async function listOffsets(
  cluster: Cluster,
  queries: readonly OffsetQuery[],
  options: ListOffsetsOptions,
): Promise<(FoundOffset | Error)[]> {
  const found: (FoundOffset | Error | undefined)[] = queries.map(() => undefined);
  const asking = requestsFor(cluster, queries).map(async ({ leader, indexes }) => {
    const asked = indexes.flatMap((index) => queries[index] ?? []);
    const answers = await askLeader(cluster, leader, asked, options);
    for (const [at, index] of indexes.entries()) found[index] = answers[at] ?? stackless(() => notMentioned(asked[at]));
  });
  await Promise.all(asking);
  // There may be thousands of partitions that no broker knows.
  return stackless(() => found.map((answer, index) => answer ?? leaderMissing(cluster, queries[index])));
}

/** One request to one leader: which of the queries it asks. */
interface LeaderRequest {
  readonly leader: Broker;
  readonly indexes: number[];
}

/** One for each leader; a partition that is asked for several times needs as many, because a request names it once. */
function requestsFor(cluster: Cluster, queries: readonly OffsetQuery[]): LeaderRequest[] {
  const requests = new Map<string, LeaderRequest>();
  const times = new Map<string, number>();
  for (const [index, query] of queries.entries()) {
    const leader = cluster.leaderOf(query);
    if (!leader) continue;
    const name = `${query.topic}/${query.partition}`;
    const time = times.get(name) ?? 0;
    times.set(name, time + 1);
    const key = `${leader.nodeId}/${time}`;
    const request = requests.get(key) ?? { leader, indexes: [] };
    request.indexes.push(index);
    requests.set(key, request);
  }
  return [...requests.values()];
}

/** Metadata says which it is: an error of the topic, no such partition, or no leader now. */
function leaderMissing(cluster: Cluster, query: TopicPartition | undefined): Error {
  const { topic = '', partition = -1 } = query ?? {};
  const known = cluster.snapshot.topics.get(topic);
  const isThere = known?.partitions.has(partition) ?? false;
  const code = isThere ? Errors.LEADER_NOT_AVAILABLE : Errors.UNKNOWN_TOPIC_OR_PARTITION;
  return brokerError(known?.errorCode || code, 'Metadata', { topic, partition });
}

/** Left out of the answer: as if the broker did not know it yet. */
function notMentioned(query: TopicPartition | undefined): Error {
  const { topic = '', partition = -1 } = query ?? {};
  return brokerError(Errors.UNKNOWN_TOPIC_OR_PARTITION, ListOffsets.name, { topic, partition });
}

/** A failure of the request is the answer for each of its partitions. */
async function askLeader(
  cluster: Cluster,
  leader: Broker,
  asked: readonly OffsetQuery[],
  options: ListOffsetsOptions,
): Promise<(FoundOffset | Error | undefined)[]> {
  const { signal, timeoutMs } = options;
  const route = { signal, timeoutMs, owner: options.ownerAt(leader) };
  try {
    const version = await leader.versionOf(ListOffsets, { ...route, maxVersion: BY_NAME });
    const body = requestFor(cluster, asked, options, version);
    const answers = answersOf(await leader.send(ListOffsets, body, { ...route, version }), version);
    return asked.map(({ topic, partition }) => answers.get(topic)?.get(partition));
  } catch (error) {
    if (signal?.aborted) throw error;
    return asked.map(() => asError(error));
  }
}

function requestFor(
  cluster: Cluster,
  asked: readonly OffsetQuery[],
  { isolation }: ListOffsetsOptions,
  version: number,
): ListOffsetsRequest {
  const topics = new Map<string, ListOffsetsRequest['topics'][number]>();
  for (const { topic, partition, timestamp } of asked) {
    const entry = topics.get(topic) ?? { name: topic, partitions: [] };
    const currentLeaderEpoch = version >= 4 ? cluster.leaderEpochOf({ topic, partition }) : -1;
    entry.partitions.push({ partitionIndex: partition, currentLeaderEpoch, timestamp, maxNumOffsets: 1 });
    topics.set(topic, entry);
  }
  return {
    replicaId: -1,
    isolationLevel: version >= 2 && isolation === 'read_committed' ? IsolationLevel.readCommitted : 0,
    topics: [...topics.values()],
    timeoutMs: version >= 10 ? cluster.options.requestTimeoutMs : 0,
  };
}

function answersOf(response: ListOffsetsResponse, version: number): Map<string, Map<number, FoundOffset | Error>> {
  const byTopic = new Map<string, Map<number, FoundOffset | Error>>();
  for (const { name: topic, partitions } of response.topics) {
    const answers = new Map<number, FoundOffset | Error>();
    for (const {
      partitionIndex: partition,
      errorCode,
      offset,
      oldStyleOffsets,
      timestamp,
      leaderEpoch,
    } of partitions) {
      const answer = { offset: version === 0 ? (oldStyleOffsets[0] ?? -1n) : offset, timestamp, leaderEpoch };
      const place = { topic, partition };
      answers.set(partition, errorCode === 0 ? answer : brokerError(errorCode, ListOffsets.name, place));
    }
    byTopic.set(topic, answers);
  }
  return byTopic;
}
