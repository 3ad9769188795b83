// CreatePartitions (37), versions 0-3.
//
// Any node takes it, as with KRaft; leaders are there at once. Not emulated: quotas, reassignments under way.
import {
  CreatePartitions,
  type CreatePartitionsRequest,
  type CreatePartitionsResponse,
  Errors,
} from '@hopwire/protocol';
import { type Handler, handle, type RequestContext } from '../embedded/router.ts';
import type { Topic } from '../embedded/topic.ts';
import { findTopic, NO_TOPIC_ID } from './topics.ts';

type RequestTopic = CreatePartitionsRequest['topics'][number];
type Result = CreatePartitionsResponse['results'][number];

export const createPartitions: Handler<CreatePartitionsRequest, CreatePartitionsResponse> = handle(CreatePartitions, {
  answer: (request, context) => ({
    throttleTimeMs: 0,
    results: request.topics.map((wanted) => grow(wanted, request.validateOnly, context)),
  }),
  refuse: (request, errorCode) => ({
    throttleTimeMs: 0,
    results: request.topics.map(({ name }) => ({ name, errorCode, errorMessage: null })),
  }),
});

function grow(wanted: RequestTopic, validateOnly: boolean, context: RequestContext): Result {
  const { name, count, assignments } = wanted;
  const found = findTopic(context, { name, topicId: NO_TOPIC_ID, usesId: false });
  if ('errorCode' in found) return { name, errorCode: found.errorCode, errorMessage: null };
  const problem = problemOf(found.topic, wanted, context);
  if (problem) return { name, ...problem };
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
