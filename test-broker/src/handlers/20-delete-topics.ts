// DeleteTopics (20), versions 0-6. By name, and by id from version 6. Committed offsets of the topic go with it.
import { DeleteTopics, type DeleteTopicsRequest, type DeleteTopicsResponse, ZERO_UUID } from '@hopwire/protocol';
import { type Handler, handle, type RequestContext } from '../embedded/router.ts';
import { findTopic } from './topics.ts';

type RequestTopic = DeleteTopicsRequest['topics'][number];
type TopicResponse = DeleteTopicsResponse['responses'][number];

export const deleteTopics: Handler<DeleteTopicsRequest, DeleteTopicsResponse> = handle(DeleteTopics, {
  answer: (request, context) => ({
    throttleTimeMs: 0,
    responses: namedIn(request).map((topic) => deleteOne(topic, context)),
  }),
  refuse: (request, errorCode) => ({
    throttleTimeMs: 0,
    responses: namedIn(request).map((topic) => ({ ...topic, errorCode, errorMessage: null })),
  }),
});

/** Version 6 has another field for the same thing. */
function namedIn({ topics, topicNames }: DeleteTopicsRequest): RequestTopic[] {
  return topics.length > 0 ? topics : topicNames.map((name) => ({ name, topicId: ZERO_UUID }));
}

function deleteOne({ name, topicId }: RequestTopic, context: RequestContext): TopicResponse {
  const found = findTopic(context, { name: name ?? '', topicId, usesId: name === null });
  if ('errorCode' in found) return { name, topicId, errorCode: found.errorCode, errorMessage: null };
  const { topic } = found;
  context.cluster.deleteTopic(topic.name);
  context.cluster.groups.forgetTopic(topic.name);
  return { name: topic.name, topicId: topic.id, errorCode: 0, errorMessage: null };
}
