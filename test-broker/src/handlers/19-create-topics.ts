// CreateTopics (19), versions 0-7.
//
// Any node takes it, as with KRaft. Names, counts, assignments and duplicates are checked; -1 is the broker's default
// in every version. Configurations are kept as given; these have an effect: cleanup.policy=compact (null keys are
// refused), max.message.bytes, message.timestamp.type, min.insync.replicas. Not emulated: policies, quotas.
import {
  CreateTopics,
  type CreateTopicsRequest,
  type CreateTopicsResponse,
  Errors,
  ZERO_UUID,
} from '@hopwire/protocol';
import { MOST_PARTITIONS_OF_A_REQUEST, MOST_RECORDS_OF_A_REQUEST } from '../embedded/bounds.ts';
import { type Handler, handle, type RequestContext } from '../embedded/router.ts';
import { isValidTopicName, Topic } from '../embedded/topic.ts';
import { noRoom } from './topics.ts';

type RequestTopic = CreateTopicsRequest['topics'][number];
type TopicResponse = CreateTopicsResponse['topics'][number];

interface Problem {
  readonly errorCode: number;
  readonly errorMessage: string;
}

const TOPIC_CONFIG = 1;

export const createTopics: Handler<CreateTopicsRequest, CreateTopicsResponse> = handle(CreateTopics, {
  answer: (request, context) => {
    const counts = new Map<string, number>();
    for (const { name } of request.topics) counts.set(name, (counts.get(name) ?? 0) + 1);
    const isTwice = (name: string): boolean => (counts.get(name) ?? 0) > 1;
    const once = [...new Map(request.topics.map((wanted) => [wanted.name, wanted])).values()];
    const excess = excessOf(once, context);
    const topics = once.map((wanted) => {
      if (excess) return refused(wanted.name, excess);
      return create(wanted, isTwice(wanted.name), request.validateOnly, context);
    });
    return { throttleTimeMs: 0, topics };
  },
  refuse: (request, errorCode) => ({
    throttleTimeMs: 0,
    topics: request.topics.map(({ name }) => refused(name, { errorCode, errorMessage: null })),
  }),
});

/** More than one request may create: then none of it is. */
function excessOf(topics: readonly RequestTopic[], context: RequestContext): Problem | null {
  const partitions = topics.reduce((sum, wanted) => sum + Math.max(0, partitionsOf(wanted, context)), 0);
  const because = (errorMessage: string): Problem => ({ errorCode: Errors.POLICY_VIOLATION, errorMessage });
  if (partitions > MOST_PARTITIONS_OF_A_REQUEST) return because('Excessively large number of partitions per request.');
  const configs = topics.reduce((sum, wanted) => sum + wanted.configs.length, 0);
  if (topics.length + configs + partitions <= MOST_RECORDS_OF_A_REQUEST) return null;
  return because('Unable to perform excessively large batch operation.');
}

function partitionsOf({ assignments, numPartitions }: RequestTopic, { cluster }: RequestContext): number {
  if (assignments.length > 0) return assignments.length;
  return numPartitions === -1 ? cluster.options.defaultPartitions : numPartitions;
}

function create(wanted: RequestTopic, isTwice: boolean, validateOnly: boolean, context: RequestContext): TopicResponse {
  const problem = isTwice
    ? { errorCode: Errors.INVALID_REQUEST, errorMessage: 'Duplicate topic name.' }
    : problemOf(wanted, context);
  if (problem) return refused(wanted.name, problem);
  const configs = new Map(wanted.configs.map(({ name, value }) => [name, value]));
  const topic = new Topic(wanted.name, replicasFor(wanted, context), configs);
  if (!validateOnly) context.cluster.addTopic(topic);
  return {
    name: topic.name,
    topicId: validateOnly ? ZERO_UUID : topic.id,
    errorCode: 0,
    errorMessage: null,
    topicConfigErrorCode: 0,
    numPartitions: topic.partitions.length,
    replicationFactor: topic.partitions[0]?.replicas.length ?? -1,
    configs: wanted.configs.map(({ name, value }) => ({
      name,
      value,
      readOnly: false,
      configSource: TOPIC_CONFIG,
      isSensitive: false,
    })),
  };
}

function problemOf(wanted: RequestTopic, context: RequestContext): Problem | null {
  const { cluster, connection } = context;
  const { name, numPartitions, replicationFactor, assignments } = wanted;
  const because = (errorCode: number, errorMessage: string): Problem => ({ errorCode, errorMessage });
  if (!cluster.access.allowsTopic(connection.user, name))
    return because(Errors.TOPIC_AUTHORIZATION_FAILED, 'Authorization failed.');
  if (!isValidTopicName(name)) return because(Errors.INVALID_TOPIC_EXCEPTION, `Topic name "${name}" is illegal`);
  if (cluster.topic(name)) return because(Errors.TOPIC_ALREADY_EXISTS, `Topic '${name}' already exists.`);
  if (assignments.length > 0) return assignmentProblem(wanted, (id) => cluster.node(id) !== undefined);
  if (numPartitions < 1 && numPartitions !== -1) {
    return because(Errors.INVALID_PARTITIONS, 'Number of partitions was set to an invalid non-positive value.');
  }
  if ((replicationFactor < 1 && replicationFactor !== -1) || replicationFactor > cluster.nodes.length) {
    return because(
      Errors.INVALID_REPLICATION_FACTOR,
      `Unable to replicate the partition ${replicationFactor} time(s): ${cluster.nodes.length} broker(s) are registered.`,
    );
  }
  const partitions = partitionsOf(wanted, context);
  return cluster.hasRoomFor(partitions) ? null : because(Errors.POLICY_VIOLATION, noRoom(partitions));
}

function assignmentProblem(wanted: RequestTopic, exists: (nodeId: number) => boolean): Problem | null {
  if (wanted.numPartitions !== -1 || wanted.replicationFactor !== -1) {
    return { errorCode: Errors.INVALID_REQUEST, errorMessage: 'Counts must be -1 when assignments are given.' };
  }
  const indexes = wanted.assignments.map(({ partitionIndex }) => partitionIndex).sort((a, b) => a - b);
  const isComplete = indexes.every((index, i) => index === i);
  const areNodes = wanted.assignments.every(({ brokerIds }) => brokerIds.length > 0 && brokerIds.every(exists));
  if (isComplete && areNodes) return null;
  const errorMessage = 'Partitions must be numbered from 0 without gaps, each with existing brokers.';
  return { errorCode: Errors.INVALID_REPLICA_ASSIGNMENT, errorMessage };
}

function replicasFor(wanted: RequestTopic, context: RequestContext): readonly (readonly number[])[] {
  const { cluster } = context;
  if (wanted.assignments.length > 0) {
    return [...wanted.assignments]
      .sort((a, b) => a.partitionIndex - b.partitionIndex)
      .map(({ brokerIds }) => brokerIds);
  }
  const replication = wanted.replicationFactor === -1 ? cluster.defaultReplication : wanted.replicationFactor;
  return cluster.replicasFor(partitionsOf(wanted, context), replication);
}

function refused(name: string, problem: { errorCode: number; errorMessage: string | null }): TopicResponse {
  return {
    name,
    topicId: ZERO_UUID,
    ...problem,
    topicConfigErrorCode: 0,
    numPartitions: -1,
    replicationFactor: -1,
    configs: [],
  };
}
