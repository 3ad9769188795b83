// OffsetFetch (9), versions 1-10.
//
// null topics mean all; what was never committed is offset -1 without error. Version 0 (ZooKeeper) is not offered. Not
// emulated: unstable offsets of transactions, member epochs (KIP-848).
import { Errors, OffsetFetch, type OffsetFetchRequest, type OffsetFetchResponse, ZERO_UUID } from '@hopwire/protocol';
import { type Handler, handle, type RequestContext } from '../embedded/router.ts';
import { groupProblem } from './groups.ts';
import { findTopic } from './topics.ts';

type RequestGroup = OffsetFetchRequest['groups'][number];
type RequestTopic = NonNullable<RequestGroup['topics']>[number];
type GroupResponse = OffsetFetchResponse['groups'][number];
type PartitionResponse = GroupResponse['topics'][number]['partitions'][number];

const IDS_SINCE = 10;

export const offsetFetch: Handler<OffsetFetchRequest, OffsetFetchResponse> = handle(
  OffsetFetch,
  {
    answer: (request, context) => ({
      throttleTimeMs: 0,
      groups: request.groups.map((group) => offsetsOf(group, context)),
    }),
    refuse: (request, errorCode) => ({
      throttleTimeMs: 0,
      groups: request.groups.map(({ groupId, topics }) => refused(groupId, topics ?? [], errorCode)),
    }),
  },
  [1, OffsetFetch.latestStable ?? OffsetFetch.versions[1]],
);

function offsetsOf(group: RequestGroup, context: RequestContext): GroupResponse {
  const problem = groupProblem(group.groupId, context);
  if (problem) return refused(group.groupId, group.topics ?? [], problem);
  const topics = group.topics ?? everything(group.groupId, context);
  return {
    groupId: group.groupId,
    errorCode: 0,
    topics: topics.map((topic) => ({
      name: topic.name,
      topicId: topic.topicId,
      partitions: topic.partitionIndexes.map((index) => offsetOf(group.groupId, topic, index, context)),
    })),
  };
}

function everything(groupId: string, { cluster, connection }: RequestContext): RequestTopic[] {
  return cluster.groups
    .committedPartitions(groupId)
    .filter(({ topic }) => cluster.access.allowsTopic(connection.user, topic))
    .map(({ topic, partitions }) => ({
      name: topic,
      topicId: cluster.topic(topic)?.id ?? ZERO_UUID,
      partitionIndexes: partitions,
    }));
}

function offsetOf(groupId: string, asked: RequestTopic, index: number, context: RequestContext): PartitionResponse {
  const found = findTopic(context, { name: asked.name, topicId: asked.topicId, usesId: context.version >= IDS_SINCE });
  // A topic that is unknown by name is no error here: it has no offset.
  if ('errorCode' in found && found.errorCode !== Errors.UNKNOWN_TOPIC_OR_PARTITION)
    return nothing(index, found.errorCode);
  const name = 'topic' in found ? found.topic.name : asked.name;
  const committed = context.cluster.groups.committed(groupId, name, index);
  if (!committed) return nothing(index, 0);
  return {
    partitionIndex: index,
    committedOffset: committed.offset,
    committedLeaderEpoch: committed.leaderEpoch,
    metadata: committed.metadata,
    errorCode: 0,
  };
}

function nothing(partitionIndex: number, errorCode: number): PartitionResponse {
  return { partitionIndex, committedOffset: -1n, committedLeaderEpoch: -1, metadata: '', errorCode };
}

/** Below version 2 there is no place for an error but the partitions. */
function refused(groupId: string, topics: readonly RequestTopic[], errorCode: number): GroupResponse {
  return {
    groupId,
    errorCode,
    topics: topics.map(({ name, topicId, partitionIndexes }) => ({
      name,
      topicId,
      partitions: partitionIndexes.map((index) => nothing(index, errorCode)),
    })),
  };
}
