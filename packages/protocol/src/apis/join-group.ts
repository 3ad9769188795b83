/**
 * JoinGroup (key 11), v0-9. A member enters a classic group, or takes part in its next generation; to be sent to the
 * coordinator. The answer comes when all members are there.
 *
 *   v1  rebalance_timeout_ms (KIP-62)
 *   v2  throttle_time_ms in the response (KIP-124)
 *   v3  throttling after the answer was sent (KIP-219)
 *   v4  the first join without a member id gets one with MEMBER_ID_REQUIRED (KIP-394)
 *   v5  group_instance_id (KIP-345)
 *   v6  flexible
 *   v7  protocol_type in the response; protocol_name is nullable (KIP-559)
 *   v8  reason (KIP-800)
 *   v9  skip_assignment: the leader need not assign (KIP-814)
 */
import type { Api } from '../api.ts';
import { UnsupportedFieldError } from '../errors.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

export interface JoinGroupRequest {
  groupId: string;
  sessionTimeoutMs: number; // without a heartbeat for so long, the member is out
  rebalanceTimeoutMs: number; // v1+; in which the member joins again; v0 takes sessionTimeoutMs for it
  memberId: string; // '' at first: the coordinator makes one
  groupInstanceId: string | null; // v5+
  protocolType: string; // `consumer` for consumers
  protocols: JoinGroupRequestProtocol[]; // the preferred one first
  /** For the coordinator's log; ignorable. */
  reason: string | null; // v8+
}

export interface JoinGroupRequestProtocol {
  name: string;
  metadata: Buffer; // what the member subscribes to, in the bytes of the group's protocol
}

export interface JoinGroupResponse {
  throttleTimeMs: number; // v2+
  errorCode: number;
  generationId: number; // -1 with an error
  protocolType: string | null; // v7+
  protocolName: string | null; // that all members have; null from v7 on
  leader: string; // its member id
  skipAssignment: boolean; // v9+; the leader is back, and its group is as it left it
  memberId: string;
  members: JoinGroupResponseMember[]; // only for the leader
}

export interface JoinGroupResponseMember {
  memberId: string;
  groupInstanceId: string | null; // v5+
  metadata: Buffer;
}

/** A member enters a classic group, or takes part in its next generation; to be sent to the coordinator. */
export const JoinGroup: Api<JoinGroupRequest, JoinGroupResponse> = {
  key: 11,
  name: 'JoinGroup',
  versions: [0, 9],
  flexibleFrom: 6,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, v: number, request: JoinGroupRequest): void {
  w.string(request.groupId);
  w.int32(request.sessionTimeoutMs);
  if (v >= 1) w.int32(request.rebalanceTimeoutMs);
  w.string(request.memberId);
  if (v >= 5) w.nullableString(request.groupInstanceId);
  else if (request.groupInstanceId !== null) throw new UnsupportedFieldError('JoinGroup', v, 'groupInstanceId');
  w.string(request.protocolType);
  w.structs(request.protocols, (protocol) => {
    w.string(protocol.name);
    w.bytes(protocol.metadata);
  });
  if (v >= 8) w.nullableString(request.reason);
  w.tags();
}

function decodeRequest(r: Reader, v: number): JoinGroupRequest {
  const request = {
    groupId: r.string(),
    sessionTimeoutMs: r.int32(),
    rebalanceTimeoutMs: v >= 1 ? r.int32() : -1,
    memberId: r.string(),
    groupInstanceId: v >= 5 ? r.nullableString() : null,
    protocolType: r.string(),
    protocols: r.structs(() => ({ name: r.string(), metadata: r.bytes() })),
    reason: v >= 8 ? r.nullableString() : null,
  };
  r.tags();
  return request;
}

function encodeResponse(w: Writer, v: number, response: JoinGroupResponse): void {
  if (v >= 2) w.int32(response.throttleTimeMs);
  w.int16(response.errorCode);
  w.int32(response.generationId);
  if (v >= 7) w.nullableString(response.protocolType);
  if (v >= 7) w.nullableString(response.protocolName);
  else w.string(response.protocolName ?? '');
  w.string(response.leader);
  if (v >= 9) w.bool(response.skipAssignment);
  w.string(response.memberId);
  w.structs(response.members, (member) => {
    w.string(member.memberId);
    if (v >= 5) w.nullableString(member.groupInstanceId);
    w.bytes(member.metadata);
  });
  w.tags();
}

function decodeResponse(r: Reader, v: number): JoinGroupResponse {
  const response = {
    throttleTimeMs: v >= 2 ? r.int32() : 0,
    errorCode: r.int16(),
    generationId: r.int32(),
    protocolType: v >= 7 ? r.nullableString() : null,
    protocolName: v >= 7 ? r.nullableString() : r.string(),
    leader: r.string(),
    skipAssignment: v >= 9 ? r.bool() : false,
    memberId: r.string(),
    members: r.structs(() => decodeMember(r, v)),
  };
  r.tags();
  return response;
}

function decodeMember(r: Reader, v: number): JoinGroupResponseMember {
  return {
    memberId: r.string(),
    groupInstanceId: v >= 5 ? r.nullableString() : null,
    metadata: r.bytes(),
  };
}
