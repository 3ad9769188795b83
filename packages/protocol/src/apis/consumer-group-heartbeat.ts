/**
 * ConsumerGroupHeartbeat (key 68), v0-1. Joins, stays in and leaves a group whose partitions the coordinator assigns
 * (KIP-848); to be sent to the coordinator. JoinGroup, SyncGroup, Heartbeat and LeaveGroup in one.
 *
 *   v0  flexible
 *   v1  subscribed_topic_regex; the member makes its id itself (KIP-1082)
 *
 * In a request null and -1 mean: as in the heartbeat before.
 */
import type { Api } from '../api.ts';
import { UnsupportedFieldError } from '../errors.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type MemberHeartbeatAssignment, type MemberHeartbeatResponse, memberHeartbeat } from './member-heartbeat.ts';
import { type TopicIdPartitions, topicIdPartitions } from './topic-id-partitions.ts';

export interface ConsumerGroupHeartbeatRequest {
  groupId: string;
  memberId: string; // '' when joining with v0: the coordinator makes one
  memberEpoch: number; // 0: join, -1: leave, -2: leave, and a static member comes back
  instanceId: string | null;
  rackId: string | null;
  rebalanceTimeoutMs: number; // in which the member gives up what it is to give up
  subscribedTopicNames: string[] | null;
  subscribedTopicRegex: string | null; // v1+; RE2 syntax
  serverAssignor: string | null; // null when joining: the coordinator's choice
  topicPartitions: TopicIdPartitions[] | null; // what the member owns
}

export type ConsumerGroupHeartbeatResponse = MemberHeartbeatResponse;
export type ConsumerGroupHeartbeatResponseAssignment = MemberHeartbeatAssignment;

/**
 * Joins, stays in and leaves a group whose partitions the coordinator assigns (KIP-848); to be sent to the
 * coordinator.
 */
export const ConsumerGroupHeartbeat: Api<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse> = {
  key: 68,
  name: 'ConsumerGroupHeartbeat',
  versions: [0, 1],
  flexibleFrom: 0,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: memberHeartbeat,
};

function encodeRequest(w: Writer, v: number, request: ConsumerGroupHeartbeatRequest): void {
  const { subscribedTopicRegex } = request;
  w.string(request.groupId);
  w.string(request.memberId);
  w.int32(request.memberEpoch);
  w.nullableString(request.instanceId);
  w.nullableString(request.rackId);
  w.int32(request.rebalanceTimeoutMs);
  w.nullableArray(request.subscribedTopicNames, (name) => w.string(name));
  if (v >= 1) w.nullableString(subscribedTopicRegex);
  else if (subscribedTopicRegex !== null) {
    throw new UnsupportedFieldError('ConsumerGroupHeartbeat', v, 'subscribedTopicRegex');
  }
  w.nullableString(request.serverAssignor);
  w.nullableStructs(request.topicPartitions, (topic) => topicIdPartitions.encode(w, topic));
  w.tags();
}

function decodeRequest(r: Reader, v: number): ConsumerGroupHeartbeatRequest {
  const request = {
    groupId: r.string(),
    memberId: r.string(),
    memberEpoch: r.int32(),
    instanceId: r.nullableString(),
    rackId: r.nullableString(),
    rebalanceTimeoutMs: r.int32(),
    subscribedTopicNames: r.nullableArray(() => r.string()),
    subscribedTopicRegex: v >= 1 ? r.nullableString() : null,
    serverAssignor: r.nullableString(),
    topicPartitions: r.nullableStructs(() => topicIdPartitions.decode(r)),
  };
  r.tags();
  return request;
}
