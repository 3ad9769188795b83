// OffsetCommit (8), versions 1-10.
//
// Members with their generation, and simple consumers (generation -1, no member id) while the group is empty. Version 0
// (ZooKeeper) is not offered. Not emulated: retention of offsets, member epochs of the new groups (KIP-848).
import { Errors, OffsetCommit, type OffsetCommitRequest, type OffsetCommitResponse } from '@hopwire/protocol';
import { type Handler, handle, type RequestContext } from '../embedded/router.ts';
import { groupProblem } from './groups.ts';
import { findTopic } from './topics.ts';

type RequestTopic = OffsetCommitRequest['topics'][number];
type RequestPartition = RequestTopic['partitions'][number];

const IDS_SINCE = 10;
/** `offset.metadata.max.bytes` of Kafka. */
const LONGEST_METADATA = 4096;

export const offsetCommit: Handler<OffsetCommitRequest, OffsetCommitResponse> = handle(
  OffsetCommit,
  {
    answer: (request, context) => {
      const problem = requestProblem(request, context);
      return problem
        ? refuse(request, problem)
        : answerWith(request, (topic, partition) => commit(request, topic, partition, context));
    },
    refuse,
  },
  [1, OffsetCommit.latestStable ?? OffsetCommit.versions[1]],
);

function requestProblem(request: OffsetCommitRequest, context: RequestContext): number {
  const { groupId, memberId, groupInstanceId, generationIdOrMemberEpoch } = request;
  const problem = groupProblem(groupId, context);
  if (problem) return problem;
  return context.cluster.groups.checkCommit(groupId, {
    memberId,
    groupInstanceId,
    generationId: generationIdOrMemberEpoch,
  });
}

function commit(
  request: OffsetCommitRequest,
  named: RequestTopic,
  partition: RequestPartition,
  context: RequestContext,
): number {
  const found = findTopic(context, { name: named.name, topicId: named.topicId, usesId: context.version >= IDS_SINCE });
  if ('errorCode' in found) return found.errorCode;
  const { partitionIndex, committedOffset, committedLeaderEpoch, committedMetadata } = partition;
  if (!found.topic.partitions[partitionIndex]) return Errors.UNKNOWN_TOPIC_OR_PARTITION;
  const metadata = committedMetadata ?? '';
  if (Buffer.byteLength(metadata) > LONGEST_METADATA) return Errors.OFFSET_METADATA_TOO_LARGE;
  const offset = { offset: committedOffset, leaderEpoch: committedLeaderEpoch, metadata };
  context.cluster.groups.commit(request.groupId, found.topic.name, partitionIndex, offset);
  return 0;
}

function refuse(request: OffsetCommitRequest, errorCode: number): OffsetCommitResponse {
  return answerWith(request, () => errorCode);
}

function answerWith(
  request: OffsetCommitRequest,
  errorCodeOf: (topic: RequestTopic, partition: RequestPartition) => number,
): OffsetCommitResponse {
  return {
    throttleTimeMs: 0,
    topics: request.topics.map((topic) => ({
      name: topic.name,
      topicId: topic.topicId,
      partitions: topic.partitions.map((partition) => ({
        partitionIndex: partition.partitionIndex,
        errorCode: errorCodeOf(topic, partition),
      })),
    })),
  };
}
