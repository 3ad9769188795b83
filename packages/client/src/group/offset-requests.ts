// OffsetCommit and OffsetFetch: what is asked, and what the answers say of each partition.
import {
  Errors,
  OffsetCommit,
  type OffsetCommitRequest,
  type OffsetCommitResponse,
  OffsetFetch,
  type OffsetFetchRequest,
  type OffsetFetchResponse,
  ZERO_UUID,
} from '@hopwire/protocol';
import { brokerError } from '../errors.ts';
import type { TopicPartition, TopicPartitionOffset } from '../types.ts';
import type { MemberIdentity } from './identity.ts';

/** Versions above send topic ids, which not every topic has. */
export const LAST_VERSION_WITH_NAMES = 9;

/** What is to be committed. */
export interface CommitOffset extends TopicPartitionOffset {
  /** Of the topic that it was read from: one that was made anew under the name does not get it. Left out, ZERO_UUID: not known. */
  readonly topicId?: string | undefined;
}
const EPOCH_SINCE = 6;
const INSTANCE_ID_SINCE = 7;
const STABLE_SINCE = 7;

/** The broker that was asked does not coordinate the group (now): all of the request is worth another try. */
const COORDINATOR_ERRORS: ReadonlySet<number> = new Set([
  Errors.COORDINATOR_LOAD_IN_PROGRESS,
  Errors.COORDINATOR_NOT_AVAILABLE,
  Errors.NOT_COORDINATOR,
  Errors.REQUEST_TIMED_OUT,
]);

/** The group went on without the member: nothing that was done in that generation can be committed any more. */
const GROUP_ERRORS: ReadonlySet<number> = new Set([
  Errors.UNKNOWN_MEMBER_ID,
  Errors.ILLEGAL_GENERATION,
  Errors.REBALANCE_IN_PROGRESS,
  Errors.FENCED_INSTANCE_ID,
  Errors.FENCED_MEMBER_EPOCH,
  Errors.STALE_MEMBER_EPOCH,
]);

export function isCoordinatorError(code: number): boolean {
  return COORDINATOR_ERRORS.has(code);
}

export function isGroupError(code: number): boolean {
  return GROUP_ERRORS.has(code);
}

/** Of a partition, in maps. */
export function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}

export function commitRequest(
  groupId: string,
  member: MemberIdentity,
  offsets: Iterable<CommitOffset>,
  version: number,
): OffsetCommitRequest {
  const hasIds = version > LAST_VERSION_WITH_NAMES;
  const topics = new Map<string, OffsetCommitRequest['topics'][number]>();
  for (const { topic, topicId = ZERO_UUID, partition, offset, leaderEpoch, metadata } of offsets) {
    const reference = hasIds ? { name: '', topicId } : { name: topic, topicId: ZERO_UUID };
    const key = hasIds ? topicId : topic;
    const entry = topics.get(key) ?? { ...reference, partitions: [] };
    topics.set(key, entry);
    entry.partitions.push({
      partitionIndex: partition,
      committedOffset: offset,
      committedLeaderEpoch: version >= EPOCH_SINCE ? (leaderEpoch ?? -1) : -1,
      commitTimestamp: -1n,
      committedMetadata: metadata ?? '',
    });
  }
  return {
    groupId,
    generationIdOrMemberEpoch: member.generationId,
    memberId: member.memberId,
    groupInstanceId: version >= INSTANCE_ID_SINCE ? member.groupInstanceId : null,
    retentionTimeMs: -1n,
    topics: [...topics.values()],
  };
}

/** Error code by `topic/partition`. @param offsets what was asked */
export function committedCodes({ topics }: OffsetCommitResponse, offsets: Iterable<CommitOffset>): Map<string, number> {
  const names = new Map<string, string>();
  for (const { topic, topicId = ZERO_UUID } of offsets) names.set(topicId, topic);
  const codes = new Map<string, number>();
  for (const { name, topicId, partitions } of topics) {
    const topic = name || (names.get(topicId) ?? '');
    for (const { partitionIndex: partition, errorCode } of partitions)
      codes.set(keyOf({ topic, partition }), errorCode);
  }
  return codes;
}

/** @param code undefined: the answer says nothing of the partition */
export function commitError(
  code: number | undefined,
  where: TopicPartition,
  groupId: string,
  member: MemberIdentity,
): Error {
  const { topic, partition } = where;
  const place = { topic, partition, subject: `group ${groupId}` };
  if (code === undefined)
    return brokerError(Errors.UNKNOWN_SERVER_ERROR, OffsetCommit.name, { ...place, message: LEFT_OUT });
  const isStranger = code === Errors.UNKNOWN_MEMBER_ID && member.memberId === '';
  return brokerError(code, OffsetCommit.name, isStranger ? { ...place, message: HAS_MEMBERS } : place);
}

/** The topic that the offset is of is gone, or the coordinator has not heard of it yet. */
export function isOfAnotherTopic(code: number | undefined): boolean {
  return code === Errors.UNKNOWN_TOPIC_ID;
}

const LEFT_OUT = 'the answer says nothing of it';
const HAS_MEMBERS =
  'the group has members, and only they may commit; give a groupId of its own to a consumer that is assigned by hand';

export function fetchRequest(
  groupId: string,
  partitions: readonly TopicPartition[],
  isStable: boolean,
  version: number,
): OffsetFetchRequest {
  const topics = new Map<string, number[]>();
  for (const { topic, partition } of partitions) {
    const list = topics.get(topic);
    if (list) list.push(partition);
    else topics.set(topic, [partition]);
  }
  const named = [...topics].map(([name, partitionIndexes]) => ({ name, topicId: ZERO_UUID, partitionIndexes }));
  const group = { groupId, memberId: null, memberEpoch: -1, topics: named };
  return { groups: [group], requireStable: version >= STABLE_SINCE && isStable };
}

/** Offset -1: nothing is committed. An error of one partition stands for itself. */
export type FetchedOffsets = Map<string, TopicPartitionOffset | Error>;

/**
 * What the answer says of each partition that was asked for.
 *
 * @throws an error of the whole group, or of the coordinator
 */
export function fetchedOffsets(
  response: OffsetFetchResponse,
  asked: readonly TopicPartition[],
  refused: (code: number) => Error,
): FetchedOffsets {
  const [group] = response.groups;
  if (group && group.errorCode !== 0) throw refused(group.errorCode);
  const found: FetchedOffsets = new Map();
  for (const { name: topic, partitions } of group?.topics ?? []) {
    for (const {
      partitionIndex: partition,
      committedOffset: offset,
      committedLeaderEpoch,
      metadata,
      errorCode,
    } of partitions) {
      // Below version 2 there is no other place for it.
      if (COORDINATOR_ERRORS.has(errorCode)) throw refused(errorCode);
      const committed = { topic, partition, offset, leaderEpoch: committedLeaderEpoch, ...(metadata && { metadata }) };
      found.set(keyOf({ topic, partition }), errorCode === 0 ? committed : fetchError(errorCode, { topic, partition }));
    }
  }
  for (const where of asked) {
    if (!found.has(keyOf(where))) found.set(keyOf(where), fetchError(Errors.UNKNOWN_SERVER_ERROR, where, LEFT_OUT));
  }
  return found;
}

function fetchError(code: number, { topic, partition }: TopicPartition, message: string | null = null): Error {
  return brokerError(code, OffsetFetch.name, { topic, partition, message });
}
