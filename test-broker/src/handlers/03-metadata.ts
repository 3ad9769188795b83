// Metadata (3), versions 0-13.
//
// Topics by name or (12) by id; unknown names are created when broker and request allow it, at once and with their
// leaders (Kafka answers once with an error first). Topics without a right are left out of a full list, and answered
// with TOPIC_AUTHORIZATION_FAILED when named. Not emulated: authorized operations (answered as "not asked"), racks.
import {
  Errors,
  Metadata,
  type MetadataRequest,
  type MetadataResponse,
  OPERATIONS_NOT_ASKED,
  ZERO_UUID,
} from '@hopwire/protocol';
import { type Handler, handle, type RequestContext } from '../embedded/router.ts';
import { isValidTopicName, type Partition, type Topic } from '../embedded/topic.ts';
import { liveEndpoints } from './topics.ts';

type RequestTopic = NonNullable<MetadataRequest['topics']>[number];
type TopicResponse = MetadataResponse['topics'][number];

export const metadata: Handler<MetadataRequest, MetadataResponse> = handle(Metadata, {
  answer: (request, context) => ({ ...clusterPart(context), topics: topicsFor(request, context) }),
  refuse: (request, errorCode) => ({
    throttleTimeMs: 0,
    brokers: [],
    clusterId: null,
    controllerId: -1,
    topics: (request.topics ?? []).map(({ name, topicId }) => refused(name, topicId, errorCode)),
    clusterAuthorizedOperations: OPERATIONS_NOT_ASKED,
    errorCode,
  }),
});

function clusterPart(context: RequestContext): Omit<MetadataResponse, 'topics'> {
  return {
    throttleTimeMs: 0,
    brokers: liveEndpoints(context),
    clusterId: context.cluster.id,
    controllerId: context.cluster.controllerId,
    clusterAuthorizedOperations: OPERATIONS_NOT_ASKED,
    errorCode: 0,
  };
}

function topicsFor(request: MetadataRequest, context: RequestContext): TopicResponse[] {
  const { cluster, connection, version } = context;
  const wantsAll = request.topics === null || (version === 0 && request.topics.length === 0);
  if (request.topics !== null && !wantsAll) return request.topics.map((asked) => one(asked, request, context));
  return [...cluster.topics]
    .filter(({ name }) => cluster.access.allowsTopic(connection.user, name))
    .map((topic) => described(topic, context));
}

function one(asked: RequestTopic, request: MetadataRequest, context: RequestContext): TopicResponse {
  const { cluster, connection } = context;
  const byId = asked.topicId !== ZERO_UUID;
  const known = byId ? cluster.topicById(asked.topicId) : cluster.topic(asked.name ?? '');
  const name = known?.name ?? asked.name;
  if (name !== null && !cluster.access.allowsTopic(connection.user, name)) {
    return refused(name, ZERO_UUID, Errors.TOPIC_AUTHORIZATION_FAILED);
  }
  if (known) return described(known, context);
  if (byId || name === null) return refused(null, asked.topicId, Errors.UNKNOWN_TOPIC_ID);
  if (!isValidTopicName(name)) return refused(name, ZERO_UUID, Errors.INVALID_TOPIC_EXCEPTION);
  if (!request.allowAutoTopicCreation || !cluster.options.autoCreateTopics) {
    return refused(name, ZERO_UUID, Errors.UNKNOWN_TOPIC_OR_PARTITION);
  }
  const { defaultPartitions } = cluster.options;
  if (!cluster.hasRoomFor(defaultPartitions)) return refused(name, ZERO_UUID, Errors.POLICY_VIOLATION);
  return described(cluster.createTopic(name, defaultPartitions), context);
}

function described(topic: Topic, context: RequestContext): TopicResponse {
  return {
    errorCode: 0,
    name: topic.name,
    topicId: topic.id,
    isInternal: false,
    partitions: topic.partitions.map((partition) => partitionPart(partition, context)),
    topicAuthorizedOperations: OPERATIONS_NOT_ASKED,
  };
}

function partitionPart(partition: Partition, { cluster }: RequestContext): TopicResponse['partitions'][number] {
  const isUp = (id: number): boolean => cluster.isLive(id);
  return {
    errorCode: partition.leaderId < 0 ? Errors.LEADER_NOT_AVAILABLE : 0,
    partitionIndex: partition.index,
    leaderId: partition.leaderId,
    leaderEpoch: partition.leaderEpoch,
    replicaNodes: [...partition.replicas],
    isrNodes: partition.replicas.filter(isUp),
    offlineReplicas: partition.replicas.filter((id) => !isUp(id)),
  };
}

function refused(name: string | null, topicId: string, errorCode: number): TopicResponse {
  return {
    errorCode,
    name,
    topicId,
    isInternal: false,
    partitions: [],
    topicAuthorizedOperations: OPERATIONS_NOT_ASKED,
  };
}
