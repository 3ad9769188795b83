// Immutable picture of the cluster, and how an answer is laid over it. Leader epochs only grow.
import { type MetadataResponse, type MetadataResponseTopic, ZERO_UUID } from '@hopwire/protocol';
import type { BrokerAddress } from '../types.ts';

export interface PartitionMetadata {
  readonly partition: number;
  /** -1: none now */
  readonly leaderId: number;
  /** -1: the broker has none */
  readonly leaderEpoch: number;
  readonly errorCode: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
}

export interface TopicMetadata {
  readonly name: string;
  /** ZERO_UUID: none */
  readonly topicId: string;
  readonly errorCode: number;
  readonly isInternal: boolean;
  readonly partitions: ReadonlyMap<number, PartitionMetadata>;
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
  // A topic with another id was deleted and made anew: its epochs begin again.
  const same = before?.topicId === topic.topicId ? before : undefined;
  const partitions = new Map<number, PartitionMetadata>();
  for (const p of [...topic.partitions].sort((a, b) => a.partitionIndex - b.partitionIndex)) {
    const known = same?.partitions.get(p.partitionIndex);
    const fresh: PartitionMetadata = {
      partition: p.partitionIndex,
      leaderId: p.leaderId,
      leaderEpoch: p.leaderEpoch,
      errorCode: p.errorCode,
      replicas: p.replicaNodes,
      isr: p.isrNodes,
    };
    partitions.set(p.partitionIndex, known && isOlder(fresh, known) ? known : fresh);
  }
  return { name, topicId: topic.topicId, errorCode: topic.errorCode, isInternal: topic.isInternal, partitions };
}

/** A lower epoch comes from a broker that is behind. -1 means that there are no epochs: the newest answer counts. */
function isOlder(fresh: PartitionMetadata, known: PartitionMetadata): boolean {
  return fresh.leaderEpoch !== -1 && fresh.leaderEpoch < known.leaderEpoch;
}
