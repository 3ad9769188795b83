/**
 * LeaveGroup (key 13), v0-5. A member leaves a classic group, or an administrator removes members from it; to be
 * sent to the coordinator.
 *
 *   v1  throttle_time_ms in the response (KIP-124)
 *   v2  throttling after the answer was sent (KIP-219)
 *   v3  many members in one request, an error for each; group_instance_id (KIP-345)
 *   v4  flexible
 *   v5  reason (KIP-800)
 *
 * In memory there is only the shape of v3: below it the request has exactly one member, named by its member id, and
 * the response has none (the error at the top is that member's).
 */
import type { Api } from '../api.ts';
import { UnsupportedFieldError } from '../errors.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { onlyElement } from './only-element.ts';

export interface LeaveGroupRequest {
  groupId: string;
  members: LeaveGroupRequestMember[];
}

export interface LeaveGroupRequestMember {
  memberId: string;
  groupInstanceId: string | null; // v3+
  /** For the coordinator's log; ignorable. */
  reason: string | null; // v5+
}

export interface LeaveGroupResponse {
  throttleTimeMs: number; // v1+
  errorCode: number;
  members: LeaveGroupResponseMember[]; // v3+
}

export interface LeaveGroupResponseMember {
  memberId: string;
  groupInstanceId: string | null;
  errorCode: number;
}

/** A member leaves a classic group, or an administrator removes members from it; to be sent to the coordinator. */
export const LeaveGroup: Api<LeaveGroupRequest, LeaveGroupResponse> = {
  key: 13,
  name: 'LeaveGroup',
  versions: [0, 5],
  flexibleFrom: 4,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, v: number, request: LeaveGroupRequest): void {
  w.string(request.groupId);
  if (v < 3) w.string(onlyMemberId(request.members, v));
  else w.structs(request.members, (member) => encodeMember(w, v, member));
  w.tags();
}

function onlyMemberId(members: readonly LeaveGroupRequestMember[], v: number): string {
  const member = onlyElement(members, 'LeaveGroup', v, 'members');
  if (member.groupInstanceId !== null) throw new UnsupportedFieldError('LeaveGroup', v, 'groupInstanceId');
  return member.memberId;
}

function encodeMember(w: Writer, v: number, member: LeaveGroupRequestMember): void {
  w.string(member.memberId);
  w.nullableString(member.groupInstanceId);
  if (v >= 5) w.nullableString(member.reason);
}

function decodeRequest(r: Reader, v: number): LeaveGroupRequest {
  const request = {
    groupId: r.string(),
    members: v < 3 ? [decodeMember(r, v)] : r.structs(() => decodeMember(r, v)),
  };
  r.tags();
  return request;
}

/** Below v3 its id stands in the body itself. */
function decodeMember(r: Reader, v: number): LeaveGroupRequestMember {
  return {
    memberId: r.string(),
    groupInstanceId: v >= 3 ? r.nullableString() : null,
    reason: v >= 5 ? r.nullableString() : null,
  };
}

function encodeResponse(w: Writer, v: number, response: LeaveGroupResponse): void {
  if (v >= 1) w.int32(response.throttleTimeMs);
  w.int16(response.errorCode);
  if (v >= 3) {
    w.structs(response.members, (member) => {
      w.string(member.memberId);
      w.nullableString(member.groupInstanceId);
      w.int16(member.errorCode);
    });
  }
  w.tags();
}

function decodeResponse(r: Reader, v: number): LeaveGroupResponse {
  const response = {
    throttleTimeMs: v >= 1 ? r.int32() : 0,
    errorCode: r.int16(),
    members: v >= 3 ? r.structs(() => decodeMemberAnswer(r)) : [],
  };
  r.tags();
  return response;
}

function decodeMemberAnswer(r: Reader): LeaveGroupResponseMember {
  return { memberId: r.string(), groupInstanceId: r.nullableString(), errorCode: r.int16() };
}
