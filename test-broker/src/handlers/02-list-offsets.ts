// ListOffsets (2), versions 0-11.
//
// Earliest, latest, by timestamp, the record with the largest timestamp (7), earliest local (8, the same as earliest).
// Tiered storage is not emulated: latest tiered (9) and earliest pending upload (11) answer offset -1. A special
// timestamp below the version that has it is answered with UNSUPPORTED_VERSION, as in Kafka.
import {
  Errors,
  ListOffsets,
  type ListOffsetsRequest,
  type ListOffsetsResponse,
  SpecialTimestamp,
} from '@hopwire/protocol';
import type { FoundOffset } from '../embedded/partition-log.ts';
import { type Handler, handle, type RequestContext } from '../embedded/router.ts';
import type { Partition } from '../embedded/topic.ts';
import { findTopic, NO_TOPIC_ID } from './topics.ts';

type RequestPartition = ListOffsetsRequest['topics'][number]['partitions'][number];
type PartitionResponse = ListOffsetsResponse['topics'][number]['partitions'][number];

const NOT_FOUND: FoundOffset = { offset: -1n, timestamp: -1n, leaderEpoch: -1 };
const SINCE = new Map<bigint, number>([
  [SpecialTimestamp.maxTimestamp, 7],
  [SpecialTimestamp.earliestLocal, 8],
  [SpecialTimestamp.latestTiered, 9],
  [SpecialTimestamp.earliestPendingUpload, 11],
]);

export const listOffsets: Handler<ListOffsetsRequest, ListOffsetsResponse> = handle(ListOffsets, {
  answer: (request, context) => ({
    throttleTimeMs: 0,
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((asked) => answerFor(name, asked, context)),
    })),
  }),
  refuse: (request, errorCode) => ({
    throttleTimeMs: 0,
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => answerWith(partitionIndex, errorCode, NOT_FOUND)),
    })),
  }),
});

function answerFor(name: string, asked: RequestPartition, context: RequestContext): PartitionResponse {
  const { partitionIndex, timestamp, currentLeaderEpoch } = asked;
  const refuse = (errorCode: number): PartitionResponse => answerWith(partitionIndex, errorCode, NOT_FOUND);
  const found = findTopic(context, { name, topicId: NO_TOPIC_ID, usesId: false });
  if ('errorCode' in found) return refuse(found.errorCode);
  const partition = found.topic.partitions[partitionIndex];
  if (!partition) return refuse(Errors.UNKNOWN_TOPIC_OR_PARTITION);
  if (partition.leaderId !== context.node.id) return refuse(Errors.NOT_LEADER_OR_FOLLOWER);
  if (currentLeaderEpoch >= 0 && currentLeaderEpoch < partition.leaderEpoch) return refuse(Errors.FENCED_LEADER_EPOCH);
  if (currentLeaderEpoch > partition.leaderEpoch) return refuse(Errors.UNKNOWN_LEADER_EPOCH);
  if (context.version < (SINCE.get(timestamp) ?? 0)) return refuse(Errors.UNSUPPORTED_VERSION);
  const offset = lookUp(partition, timestamp);
  const answer = answerWith(partitionIndex, 0, offset);
  return context.version === 0 ? { ...answer, oldStyleOffsets: oldStyle(partition, asked) } : answer;
}

function lookUp({ log, leaderEpoch }: Partition, timestamp: bigint): FoundOffset {
  switch (timestamp) {
    case SpecialTimestamp.latest:
      return { offset: log.end, timestamp: -1n, leaderEpoch };
    case SpecialTimestamp.earliest:
    case SpecialTimestamp.earliestLocal:
      return { offset: log.start, timestamp: -1n, leaderEpoch: log.epochAt(log.start) };
    case SpecialTimestamp.maxTimestamp:
      return log.latestTimestamp() ?? NOT_FOUND;
    default:
      return timestamp < 0n ? NOT_FOUND : (log.firstAt(timestamp) ?? NOT_FOUND);
  }
}

/** Version 0: offsets of segments, newest first, and the log end; this log has one segment. */
function oldStyle({ log }: Partition, { timestamp, maxNumOffsets }: RequestPartition): bigint[] {
  if (timestamp === SpecialTimestamp.earliest) return [log.start];
  const offsets = log.end > log.start ? [log.end, log.start] : [log.end];
  return offsets.slice(0, maxNumOffsets);
}

function answerWith(partitionIndex: number, errorCode: number, found: FoundOffset): PartitionResponse {
  return { partitionIndex, errorCode, oldStyleOffsets: [], ...found };
}
