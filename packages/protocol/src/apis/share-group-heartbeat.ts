/**
 * ShareGroupHeartbeat (key 76), v0-1. Joins, stays in and leaves a share group (KIP-932); to be sent to the
 * coordinator. Partitions are shared, so that nothing has to be given up before another member has it.
 *
 *   v0  flexible; early access, in Kafka 4.0 only
 *   v1  the same, stable
 *
 * In a request null means: as in the heartbeat before.
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type MemberHeartbeatAssignment, type MemberHeartbeatResponse, memberHeartbeat } from './member-heartbeat.ts';

export interface ShareGroupHeartbeatRequest {
  groupId: string;
  memberId: string; // made by the member itself
  memberEpoch: number; // 0: join, -1: leave
  rackId: string | null;
  subscribedTopicNames: string[] | null;
}

export type ShareGroupHeartbeatResponse = MemberHeartbeatResponse;
export type ShareGroupHeartbeatResponseAssignment = MemberHeartbeatAssignment;

/** Joins, stays in and leaves a share group (KIP-932); to be sent to the coordinator. */
export const ShareGroupHeartbeat: Api<ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse> = {
  key: 76,
  name: 'ShareGroupHeartbeat',
  versions: [0, 1],
  flexibleFrom: 0,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: memberHeartbeat,
};

function encodeRequest(w: Writer, _v: number, request: ShareGroupHeartbeatRequest): void {
  w.string(request.groupId);
  w.string(request.memberId);
  w.int32(request.memberEpoch);
  w.nullableString(request.rackId);
  w.nullableArray(request.subscribedTopicNames, (name) => w.string(name));
  w.tags();
}

function decodeRequest(r: Reader): ShareGroupHeartbeatRequest {
  const request = {
    groupId: r.string(),
    memberId: r.string(),
    memberEpoch: r.int32(),
    rackId: r.nullableString(),
    subscribedTopicNames: r.nullableArray(() => r.string()),
  };
  r.tags();
  return request;
}
