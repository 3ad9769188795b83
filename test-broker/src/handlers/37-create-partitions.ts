// CreatePartitions (37), versions 0-3.
//
// Any node takes it, as with KRaft; leaders are there at once. Not emulated: quotas, reassignments under way.
import {
  CreatePartitions,
  type CreatePartitionsRequest,
  type CreatePartitionsResponse,
  Errors,
} from '@hopwire/protocol';
import { MOST_PARTITIONS_OF_A_REQUEST } from '../embedded/bounds.ts';
import { type Handler, handle, type RequestContext } from '../embedded/router.ts';
import type { Topic } from '../embedded/topic.ts';
import { findTopic, NO_TOPIC_ID, noRoom } from './topics.ts';

type RequestTopic = CreatePartitionsRequest['topics'][number];
type Result = CreatePartitionsResponse['results'][number];

export const createPartitions: Handler<CreatePartitionsRequest, CreatePartitionsResponse> = handle(CreatePartitions, {
  answer: (request, context) => {
    let left = MOST_PARTITIONS_OF_A_REQUEST;
    const results = request.topics.map((wanted) => {
      const added = wanted.count - (context.cluster.topic(wanted.name)?.partitions.length ?? 0);
      const result = grow(wanted, added <= left, request.validateOnly, context);
      if (result.errorCode === 0) left -= added;
      return result;
    });
    return { throttleTimeMs: 0, results };
  },
  refuse: (request, errorCode) => ({
    throttleTimeMs: 0,
    results: request.topics.map(({ name }) => ({ name, errorCode, errorMessage: null })),
  }),
});

function grow(wanted: RequestTopic, isInBounds: boolean, validateOnly: boolean, context: RequestContext): Result {
  const { name, count, assignments } = wanted;
  const found = findTopic(context, { name, topicId: NO_TOPIC_ID, usesId: false });
  if ('errorCode' in found) return { name, errorCode: found.errorCode, errorMessage: null };
  const problem = problemOf(found.topic, wanted, context);
  if (problem) return { name, ...problem };
  // Kafka 4.3.1 fails over a request that adds too many, and says no more than this.
  if (!isInBounds) return { name, errorCode: Errors.UNKNOWN_SERVER_ERROR, errorMessage: null };
  const added = count - found.topic.partitions.length;
  if (!context.cluster.hasRoomFor(added)) {
    return { name, errorCode: Errors.POLICY_VIOLATION, errorMessage: noRoom(added) };
  }
  const replicas = assignments?.map(({ brokerIds }) => brokerIds);
  if (!validateOnly) context.cluster.growTopic(found.topic, count, replicas);
  return { name, errorCode: 0, errorMessage: null };
}

function problemOf(topic: Topic, wanted: RequestTopic, { cluster }: RequestContext): Omit<Result, 'name'> | null {
  const has = topic.partitions.length;
  if (wanted.count <= has) {
    const errorMessage = `Topic currently has ${has} partitions, which is higher than the requested ${wanted.count}.`;
    return { errorCode: Errors.INVALID_PARTITIONS, errorMessage };
  }
  const added = wanted.assignments;
  if (added === null) return null;
  const areNodes = added.every(({ brokerIds }) => brokerIds.length > 0 && brokerIds.every((id) => cluster.node(id)));
  if (added.length === wanted.count - has && areNodes) return null;
  const errorMessage = `Increasing the number of partitions by ${wanted.count - has} takes an assignment for each.`;
  return { errorCode: Errors.INVALID_REPLICA_ASSIGNMENT, errorMessage };
}
