// Immutable picture of the cluster, and how an answer is laid over it. Leader epochs only grow.
//
// What a broker says of a topic in passing is not final: with an error that may pass, the partitions and leaders last
// known stay, and the error stands beside them. (KoP answers UNKNOWN_SERVER_ERROR for every topic while it shuts down.)
import { Errors, type MetadataResponse, type MetadataResponseTopic, ZERO_UUID } from '@hopwire/protocol';
import type { BrokerAddress } from '../types.ts';

/** Only these say for sure that the topic is not to be used. */
const FINAL: ReadonlySet<number> = new Set([Errors.TOPIC_AUTHORIZATION_FAILED, Errors.INVALID_TOPIC_EXCEPTION]);
/** So many answers in a row have to give the same new id of a topic: a broker that is behind gives an older one. */
const ANSWERS_FOR_AN_ID = 2;
/** And so many for an id that another one has replaced. */
const ANSWERS_FOR_A_FORMER_ID = 3;
const FORMER_IDS_KEPT = 8;
/** A topic without an id that says a lower epoch so often in a row was deleted and made anew. */
const LOWER_EPOCHS = 3;

export interface PartitionMetadata {
  readonly partition: number;
  /** -1: none now */
  readonly leaderId: number;
  /** -1: the broker has none */
  readonly leaderEpoch: number;
  readonly errorCode: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
  /** How many answers in a row had a lower epoch than this one. */
  readonly lowerEpochs: number;
}

export interface TopicMetadata {
  readonly name: string;
  /** ZERO_UUID: none */
  readonly topicId: string;
  /** Of the last answer. Unless it says that the topic must not be used, `partitions` are those last known. */
  readonly errorCode: number;
  readonly isInternal: boolean;
  readonly partitions: ReadonlyMap<number, PartitionMetadata>;
  /** Another id that the last answers gave. It is not believed yet: `topicId` and `partitions` are those before. */
  readonly rival?: { readonly topicId: string; readonly answers: number } | undefined;
  /** How many answers in a row had fewer partitions. */
  readonly fewer?: number | undefined;
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
 * @param asked null: all topics, so that those left out are gone
 */
export function applyMetadata(
  before: MetadataSnapshot,
  response: MetadataResponse,
  asked: readonly string[] | null,
): MetadataSnapshot {
  const topics = new Map(asked === null ? [] : before.topics);
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
  if (isAnother && !isBelieved(before, topicId)) return contested(before, topicId);
  // A topic with another id was deleted and made anew: its epochs begin again.
  const same = isAnother ? undefined : before;
  const partitions = new Map<number, PartitionMetadata>();
  for (const fresh of topic.partitions.map(partitionOf).sort((a, b) => a.partition - b.partition)) {
    partitions.set(fresh.partition, newer(same?.partitions.get(fresh.partition), fresh, topicId !== ZERO_UUID));
  }
  const formerIds = isAnother ? formerIdsOf(before, topicId) : before?.formerIds;
  const now = { name, topicId, errorCode, isInternal, partitions, formerIds };
  return same && errorCode === 0 ? withMissing(now, same) : now;
}

/**
 * Topics never shrink: an answer with fewer partitions comes from a broker that has not heard of the others yet. Without
 * an id it may be another topic, if all brokers keep saying it.
 */
function withMissing(now: TopicMetadata, { partitions: known, fewer = 0 }: TopicMetadata): TopicMetadata {
  const missing = [...known.values()].filter(({ partition }) => !now.partitions.has(partition));
  if (missing.length === 0) return now;
  if (now.topicId === ZERO_UUID && fewer + 1 >= LOWER_EPOCHS) return now;
  const partitions = new Map(now.partitions);
  for (const partition of missing) partitions.set(partition.partition, partition);
  return { ...now, partitions, fewer: fewer + 1 };
}

/** Where one of the two has no id nothing can be told apart. What was said to be gone may be another one by now. */
function isBelieved(before: TopicMetadata, topicId: string): boolean {
  if (before.topicId === ZERO_UUID || topicId === ZERO_UUID) return true;
  const answers = 1 + (before.rival?.topicId === topicId ? before.rival.answers : 0);
  if (before.formerIds?.includes(topicId)) return answers >= ANSWERS_FOR_A_FORMER_ID;
  return before.errorCode === Errors.UNKNOWN_TOPIC_OR_PARTITION || answers >= ANSWERS_FOR_AN_ID;
}

function contested(before: TopicMetadata, topicId: string): TopicMetadata {
  const answers = 1 + (before.rival?.topicId === topicId ? before.rival.answers : 0);
  return { ...before, rival: { topicId, answers } };
}

function formerIdsOf({ topicId: before, formerIds = [] }: TopicMetadata, topicId: string): readonly string[] {
  return [before, ...formerIds.filter((id) => id !== topicId)].slice(0, FORMER_IDS_KEPT);
}

/** Did the last answer give another id of a topic than is known? */
export function isContested(before: MetadataSnapshot, after: MetadataSnapshot): boolean {
  for (const topic of after.topics.values()) if (isNewlyContested(before, topic)) return true;
  return false;
}

function isNewlyContested({ topics }: MetadataSnapshot, { name, rival }: TopicMetadata): boolean {
  return rival !== undefined && topics.get(name)?.rival !== rival;
}

function partitionOf(answer: MetadataResponseTopic['partitions'][number]): PartitionMetadata {
  const { partitionIndex: partition, leaderId, leaderEpoch, errorCode, replicaNodes: replicas, isrNodes: isr } = answer;
  return { partition, leaderId, leaderEpoch, errorCode, replicas, isr, lowerEpochs: 0 };
}

/**
 * A lower epoch comes from a broker that is behind. -1 means that there are no epochs: the newest answer counts. Without
 * topic ids (before Kafka 2.8) a topic that was made anew cannot be told from that, except that all brokers keep saying it.
 */
function newer(known: PartitionMetadata | undefined, fresh: PartitionMetadata, hasId: boolean): PartitionMetadata {
  if (known === undefined || fresh.leaderEpoch === -1 || fresh.leaderEpoch >= known.leaderEpoch) return fresh;
  const lowerEpochs = known.lowerEpochs + 1;
  return !hasId && lowerEpochs >= LOWER_EPOCHS ? fresh : { ...known, lowerEpochs };
}
