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
import { type Handler, handle, type RequestContext } from '../embedded/router.ts';
import { isValidTopicName, Topic } from '../embedded/topic.ts';

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
    return {
      throttleTimeMs: 0,
      topics: request.topics
        .filter(({ name }, i) => !isTwice(name) || request.topics.findIndex((other) => other.name === name) === i)
        .map((wanted) => create(wanted, isTwice(wanted.name), request.validateOnly, context)),
    };
  },
  refuse: (request, errorCode) => ({
    throttleTimeMs: 0,
    topics: request.topics.map(({ name }) => refused(name, { errorCode, errorMessage: null })),
  }),
});

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

function problemOf(wanted: RequestTopic, { cluster, connection }: RequestContext): Problem | null {
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
  return null;
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

function replicasFor(wanted: RequestTopic, { cluster }: RequestContext): readonly (readonly number[])[] {
  if (wanted.assignments.length > 0) {
    return [...wanted.assignments]
      .sort((a, b) => a.partitionIndex - b.partitionIndex)
      .map(({ brokerIds }) => brokerIds);
  }
  const partitions = wanted.numPartitions === -1 ? cluster.options.defaultPartitions : wanted.numPartitions;
  return cluster.replicasFor(
    partitions,
    wanted.replicationFactor === -1 ? cluster.defaultReplication : wanted.replicationFactor,
  );
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
