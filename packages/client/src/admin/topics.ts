// Topics: create, delete, list, describe.
import {
  CreateTopics,
  type CreateTopicsRequest,
  type CreateTopicsResponseTopic,
  DeleteTopics,
  type DeleteTopicsResponseResponse,
  Errors,
  ZERO_UUID,
} from '@hopwire/protocol';
import type { Cluster } from '../cluster/cluster.ts';
import type { MetadataSnapshot, TopicMetadata } from '../cluster/metadata.ts';
import { brokerError } from '../errors.ts';
import type { PartitionInfo, Waiting } from '../types.ts';
import type { Outcome } from './result.ts';

export interface NewTopic {
  topic: string;
  /** Left out: the broker's default (1 before Kafka 2.4). */
  partitions?: number | undefined;
  replicationFactor?: number | undefined;
  /** Brokers of each partition, instead of the two numbers above. */
  assignments?: readonly (readonly number[])[] | undefined;
  configs?: Readonly<Record<string, string | null>> | undefined;
}

export interface CreatedTopic {
  readonly topicId: string | null;
  /** -1: the broker did not say */
  readonly partitions: number;
  readonly replicationFactor: number;
}

export interface TopicDescription {
  readonly topic: string;
  readonly topicId: string | null;
  readonly isInternal: boolean;
  readonly partitions: readonly PartitionInfo[];
}

/** From here on -1 means the broker's default (KIP-464). */
const DEFAULTS_OF_BROKER = 4;
/** From here on topics are named in a list that also takes ids (KIP-516). */
const LIST_WITH_IDS = 6;
const NO_ANSWER = -1;

/** One attempt. Errors that concern the whole request (not the controller, ...) are thrown. */
export async function createTopics(
  cluster: Cluster,
  topics: readonly NewTopic[],
  { validateOnly = false, ...waiting }: Waiting & { validateOnly?: boolean | undefined },
): Promise<Map<string, Outcome<CreatedTopic>>> {
  const controller = await cluster.controller(waiting);
  const version = await controller.versionOf(CreateTopics, waiting);
  const fallback = version >= DEFAULTS_OF_BROKER ? -1 : 1;
  const timeoutMs = serverTimeout(cluster);
  const request = { topics: topics.map((topic) => toRequest(topic, fallback)), timeoutMs, validateOnly };
  const response = await controller.send(CreateTopics, request, waiting);
  throwIfMoved(response.topics, 'CreateTopics');
  const answers = new Map(response.topics.map((topic) => [topic.name, created(topic)]));
  return new Map(topics.map(({ topic }) => [topic, answers.get(topic) ?? unanswered('CreateTopics', topic)]));
}

function toRequest(topic: NewTopic, fallback: number): CreateTopicsRequest['topics'][number] {
  const { topic: name, partitions = fallback, replicationFactor = fallback, assignments = [], configs = {} } = topic;
  const assigned = assignments.length > 0;
  return {
    name,
    numPartitions: assigned ? -1 : partitions,
    replicationFactor: assigned ? -1 : replicationFactor,
    assignments: assignments.map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds: [...brokerIds] })),
    configs: Object.entries(configs).map(([config, value]) => ({ name: config, value })),
  };
}

function created(topic: CreateTopicsResponseTopic): Outcome<CreatedTopic> {
  const { name, errorCode, errorMessage: message, topicId, numPartitions, replicationFactor } = topic;
  if (errorCode !== 0) return { error: brokerError(errorCode, 'CreateTopics', { topic: name, message }) };
  return { ok: { topicId: idOrNull(topicId), partitions: numPartitions, replicationFactor } };
}

/** One attempt. Errors that concern the whole request are thrown. */
export async function deleteTopics(
  cluster: Cluster,
  names: readonly string[],
  waiting: Waiting,
): Promise<Map<string, Outcome<null>>> {
  const controller = await cluster.controller(waiting);
  const byId = (await controller.versionOf(DeleteTopics, waiting)) >= LIST_WITH_IDS;
  const request = {
    topics: byId ? names.map((name) => ({ name, topicId: ZERO_UUID })) : [],
    topicNames: byId ? [] : [...names],
    timeoutMs: serverTimeout(cluster),
  };
  const { responses } = await controller.send(DeleteTopics, request, waiting);
  throwIfMoved(responses, 'DeleteTopics');
  const answers = new Map(responses.map((topic) => [topic.name, deleted(topic)]));
  return new Map(names.map((name) => [name, answers.get(name) ?? unanswered('DeleteTopics', name)]));
}

function deleted({ name, errorCode, errorMessage: message }: DeleteTopicsResponseResponse): Outcome<null> {
  if (errorCode === 0) return { ok: null };
  return { error: brokerError(errorCode, 'DeleteTopics', { message, ...(name !== null && { topic: name }) }) };
}

/** The controller has moved: every item says so, and the whole request is to be sent to the new one. */
function throwIfMoved(items: readonly { errorCode: number; errorMessage: string | null }[], api: string): void {
  const moved = items.find(({ errorCode }) => errorCode === Errors.NOT_CONTROLLER);
  if (moved) throw brokerError(moved.errorCode, api, { message: moved.errorMessage });
}

function unanswered(api: string, topic: string): { error: Error } {
  return {
    error: brokerError(NO_ANSWER, api, { topic, message: 'the broker did not mention the topic in its answer' }),
  };
}

/** How long the broker waits for the change to be done everywhere: less than we wait for its answer. */
function serverTimeout(cluster: Cluster): number {
  return Math.max(1, Math.floor(cluster.options.requestTimeoutMs * 0.9));
}

/** Sorted by name; internal topics only when asked for. */
export function listed(snapshot: MetadataSnapshot, includeInternal: boolean): TopicDescription[] {
  return [...snapshot.topics.values()]
    .filter(({ errorCode, isInternal }) => errorCode === 0 && (includeInternal || !isInternal))
    .map(describe)
    .sort((a, b) => (a.topic < b.topic ? -1 : 1));
}

export function described(snapshot: MetadataSnapshot, topic: string): Outcome<TopicDescription> {
  const known = snapshot.topics.get(topic);
  const errorCode = known?.errorCode ?? Errors.UNKNOWN_TOPIC_OR_PARTITION;
  if (!known || errorCode !== 0) return { error: brokerError(errorCode, 'Metadata', { topic }) };
  return { ok: describe(known) };
}

function describe({ name, topicId, isInternal, partitions }: TopicMetadata): TopicDescription {
  const infos = [...partitions.values()].map(({ partition, leaderId, leaderEpoch, replicas, isr }) => {
    return { topic: name, partition, leaderId, leaderEpoch, replicas, isr };
  });
  return { topic: name, topicId: idOrNull(topicId), isInternal, partitions: infos };
}

function idOrNull(topicId: string): string | null {
  return topicId === ZERO_UUID ? null : topicId;
}
