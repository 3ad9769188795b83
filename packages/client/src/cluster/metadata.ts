// Immutable picture of the cluster, and how an answer is laid over it. Leader epochs only grow.
//
// What a broker says of a topic in passing is not final: with an error that may pass, the partitions and leaders last
// known stay, and the error stands beside them. (KoP answers UNKNOWN_SERVER_ERROR for every topic while it shuts down.)
import { Errors, type MetadataResponse, type MetadataResponseTopic, ZERO_UUID } from '@hopwire/protocol';
import type { BrokerAddress } from '../types.ts';
import { clock } from '../util/clock.ts';

/** Only these say for sure that the topic is not to be used. */
const FINAL: ReadonlySet<number> = new Set([Errors.TOPIC_AUTHORIZATION_FAILED, Errors.INVALID_TOPIC_EXCEPTION]);
/** So many answers have to give the same new id of a topic: a broker that is behind gives an older one. */
const ANSWERS_FOR_AN_ID = 2;
/** So many others in a row, and they begin anew. */
const ANSWERS_AGAINST = 3;
/** No broker is behind what the others say for so long. What was known for a shorter time may itself be what one of those said. */
export const LONGEST_BEHIND_MS = 5_000;
/** Then so many answers in a row are needed. */
const ANSWERS_WHILE_YOUNG = 3;
const FORMER_IDS_KEPT = 8;
/** A topic without an id that so many answers in a row, for so long, say less of was deleted and made anew. */
const ANSWERS_FOR_LESS = 3;

/** Answers in a row that know less than is known: a lower epoch, fewer partitions. */
interface Less {
  readonly answers: number;
  /** When the first of them came, of the clock. */
  readonly since: number;
}

export interface PartitionMetadata {
  readonly partition: number;
  /** -1: none now */
  readonly leaderId: number;
  /** -1: the broker has none */
  readonly leaderEpoch: number;
  readonly errorCode: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  /** The last answers had a lower epoch than this one. */
  readonly lower?: Less | undefined;
}

/** An id beside the one that is known. */
interface Rival {
  readonly topicId: string;
  readonly answers: number;
  /** Of those, the last ones without another between them. */
  readonly inARow: number;
  /** Answers with the known id since the last one with this. */
  readonly against: number;
  /** When the first of those in a row came, of the clock. */
  readonly since: number;
}

export interface TopicMetadata {
  readonly name: string;
  /** ZERO_UUID: none */
  readonly topicId: string;
  /** Of the last answer. Unless it says that the topic must not be used, `partitions` are those last known. */
  readonly errorCode: number;
  readonly isInternal: boolean;
  readonly partitions: ReadonlyMap<number, PartitionMetadata>;
  /** When its id was first given, of the clock. */
  readonly idSince?: number | undefined;
  /** A leader has said that there is no topic of its id. */
  readonly isIdRefused?: boolean | undefined;
  /** Another id that some of the last answers gave. It is not believed yet: `topicId` and `partitions` are those before. */
  readonly rival?: Rival | undefined;
  /** The last answers had fewer partitions. */
  readonly fewer?: Less | undefined;
  /** Ids that it had before, the newest first. They do not come back, except out of brokers that are behind. */
  readonly formerIds?: readonly string[] | undefined;
}

/** What was last known of the cluster. Errors of topics stay data. */
export interface MetadataSnapshot {
  readonly clusterId: string | null;
  /** -1: not known */
  readonly controllerId: number;
  readonly brokers: ReadonlyMap<number, BrokerAddress>;
  readonly topics: ReadonlyMap<string, TopicMetadata>;
  readonly topicNamesById: ReadonlyMap<string, string>;
}

export const EMPTY_SNAPSHOT: MetadataSnapshot = {
  clusterId: null,
  controllerId: -1,
  brokers: new Map(),
  topics: new Map(),
  topicNamesById: new Map(),
};

/**
 * The picture after an answer. Topics that were not asked for stay as they were.
 *
 * @param asked null: all topics, so that those left out are unknown to that broker
 * @param inUse of those, the ones that are kept: what is known of them is not lost because one broker is behind
 */
export function applyMetadata(
  before: MetadataSnapshot,
  response: MetadataResponse,
  asked: readonly string[] | null,
  inUse: Iterable<string> = [],
): MetadataSnapshot {
  const topics = new Map(asked === null ? unknownTopics(before, inUse) : before.topics);
  for (const topic of response.topics) {
    if (topic.name !== null) topics.set(topic.name, mergeTopic(before.topics.get(topic.name), topic, topic.name));
  }
  return {
    clusterId: response.clusterId ?? before.clusterId,
    controllerId: response.controllerId,
    brokers: response.brokers.length > 0 ? brokersOf(response) : before.brokers,
    topics,
    topicNamesById: namesById(topics),
  };
}

function* unknownTopics({ topics }: MetadataSnapshot, names: Iterable<string>): Iterable<[string, TopicMetadata]> {
  for (const name of names) {
    const known = topics.get(name);
    if (known) yield [name, { ...known, errorCode: Errors.UNKNOWN_TOPIC_OR_PARTITION }];
  }
}

function brokersOf(response: MetadataResponse): Map<number, BrokerAddress> {
  return new Map(response.brokers.map(({ nodeId, host, port, rack }) => [nodeId, { nodeId, host, port, rack }]));
}

function namesById(topics: ReadonlyMap<string, TopicMetadata>): Map<string, string> {
  const names = new Map<string, string>();
  for (const { name, topicId } of topics.values()) if (topicId !== ZERO_UUID) names.set(topicId, name);
  return names;
}

function mergeTopic(before: TopicMetadata | undefined, topic: MetadataResponseTopic, name: string): TopicMetadata {
  const { topicId, errorCode, isInternal } = topic;
  if (errorCode !== 0 && before !== undefined && topic.partitions.length === 0 && !FINAL.has(errorCode)) {
    return { ...before, errorCode };
  }
  const isAnother = before !== undefined && before.topicId !== topicId;
  if (isAnother && !isBelieved(before, topicId)) return { ...before, rival: rivalOf(before, topicId) };
  // A topic with another id was deleted and made anew: its epochs begin again.
  const same = isAnother ? undefined : before;
  const partitions = new Map<number, PartitionMetadata>();
  const said = topic.partitions.filter(({ partitionIndex }) => partitionIndex >= 0);
  for (const fresh of said.map(partitionOf).sort((a, b) => a.partition - b.partition)) {
    partitions.set(fresh.partition, newer(same?.partitions.get(fresh.partition), fresh));
  }
  const formerIds = isAnother ? formerIdsOf(before, topicId) : before?.formerIds;
  const idSince = same?.idSince ?? clock.now();
  const { isIdRefused } = same ?? {};
  const now = {
    name,
    topicId,
    errorCode,
    isInternal,
    partitions,
    idSince,
    isIdRefused,
    formerIds,
    rival: same && opposed(same),
  };
  return same && errorCode === 0 ? withMissing(now, same) : now;
}

/**
 * Topics never shrink: an answer with fewer partitions comes from a broker that has not heard of the others yet. Without
 * an id it may be another topic, if all brokers keep saying it.
 */
function withMissing(now: TopicMetadata, { partitions: known, fewer: before }: TopicMetadata): TopicMetadata {
  const missing = [...known.values()].filter(({ partition }) => !now.partitions.has(partition));
  if (missing.length === 0) return now;
  const fewer = oneMore(before);
  if (now.topicId === ZERO_UUID && isBelievedLess(fewer)) return now;
  const partitions = new Map(now.partitions);
  for (const partition of missing) partitions.set(partition.partition, partition);
  return { ...now, partitions, fewer };
}

/**
 * Where one of the two has no id nothing can be told apart. An id that was replaced comes back only when no broker gives
 * the other one for longer than one can be behind. A new one is believed at once when the known one is gone for sure.
 */
function isBelieved(before: TopicMetadata, topicId: string): boolean {
  if (before.topicId === ZERO_UUID || topicId === ZERO_UUID) return true;
  const { answers, inARow, since } = rivalOf(before, topicId);
  const now = clock.now();
  if (before.formerIds?.includes(topicId)) return now - since >= LONGEST_BEHIND_MS;
  if (before.isIdRefused || before.errorCode === Errors.UNKNOWN_TOPIC_OR_PARTITION) return true;
  const isYoung = now - (before.idSince ?? 0) < LONGEST_BEHIND_MS;
  return isYoung ? inARow >= ANSWERS_WHILE_YOUNG : answers >= ANSWERS_FOR_AN_ID;
}

function rivalOf({ rival }: TopicMetadata, topicId: string): Rival {
  const same = rival?.topicId === topicId ? rival : undefined;
  const row = same?.against === 0 ? same : { inARow: 0, since: clock.now() };
  return { topicId, answers: (same?.answers ?? 0) + 1, inARow: row.inARow + 1, against: 0, since: row.since };
}

/** After an answer with the known id. */
function opposed({ rival }: TopicMetadata): Rival | undefined {
  if (rival === undefined || rival.against + 1 >= ANSWERS_AGAINST) return undefined;
  return { ...rival, against: rival.against + 1 };
}

/** A leader does not know the id of this topic: what another broker says of it is believed at once. */
export function withRefusedId(before: MetadataSnapshot, name: string, topicId: string): MetadataSnapshot {
  const topic = before.topics.get(name);
  if (topic?.topicId !== topicId || topic.isIdRefused) return before;
  return { ...before, topics: new Map(before.topics).set(name, { ...topic, isIdRefused: true }) };
}

function formerIdsOf({ topicId: before, formerIds = [] }: TopicMetadata, topicId: string): readonly string[] {
  return [before, ...formerIds.filter((id) => id !== topicId)].slice(0, FORMER_IDS_KEPT);
}

/** The last answer had the topic, and no broker gave another id of it lately. */
export function isAgreed(topic: TopicMetadata | undefined): topic is TopicMetadata {
  return topic?.errorCode === 0 && topic.rival === undefined;
}

/** Did the last answer give another id of a topic than is known? */
export function isContested(before: MetadataSnapshot, after: MetadataSnapshot): boolean {
  for (const topic of after.topics.values()) if (isNewlyContested(before, topic)) return true;
  return false;
}

function isNewlyContested({ topics }: MetadataSnapshot, { name, rival }: TopicMetadata): boolean {
  return rival?.against === 0 && topics.get(name)?.rival !== rival;
}

function partitionOf(answer: MetadataResponseTopic['partitions'][number]): PartitionMetadata {
  const { partitionIndex: partition, leaderId, leaderEpoch, errorCode, replicaNodes: replicas, isrNodes: isr } = answer;
  return { partition, leaderId, leaderEpoch, errorCode, replicas, isr };
}

/**
 * A lower epoch comes from a broker that is behind. -1 means that there are no epochs: the newest answer counts. That all
 * brokers keep saying it means that the topic was made anew, where there are no topic ids (before Kafka 2.8); with an id,
 * that what was known was wrong: without this one false answer would keep the partition from being read for ever.
 */
function newer(known: PartitionMetadata | undefined, fresh: PartitionMetadata): PartitionMetadata {
  if (known === undefined || fresh.leaderEpoch === -1 || fresh.leaderEpoch >= known.leaderEpoch) return fresh;
  const lower = oneMore(known.lower);
  return isBelievedLess(lower) ? fresh : { ...known, lower };
}

function oneMore(less: Less | undefined): Less {
  return { answers: (less?.answers ?? 0) + 1, since: less?.since ?? clock.now() };
}

function isBelievedLess({ answers, since }: Less): boolean {
  return answers >= ANSWERS_FOR_LESS && clock.now() - since >= LONGEST_BEHIND_MS;
}
