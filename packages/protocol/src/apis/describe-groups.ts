/**
 * DescribeGroups (key 15), v0-6. State and members of classic groups; answered by the coordinator of each group.
 *
 *   v1  throttle_time_ms in the response (KIP-124)
 *   v2  throttling after the answer was sent (KIP-219)
 *   v3  what the asker may do with the group (KIP-430)
 *   v4  group_instance_id in the response (KIP-345)
 *   v5  flexible
 *   v6  error_message; a group that does not exist is GROUP_ID_NOT_FOUND, below it is in state Dead (KIP-1043)
 *
 * A group of the newer kinds looks like one that does not exist: ConsumerGroupDescribe and its siblings describe those.
 */
import type { Api } from '../api.ts';
import { OPERATIONS_NOT_ASKED } from '../constants.ts';
import { UnsupportedFieldError } from '../errors.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

export interface DescribeGroupsRequest {
  groups: string[];
  includeAuthorizedOperations: boolean; // v3+
}

export interface DescribeGroupsResponse {
  throttleTimeMs: number; // v1+
  groups: DescribeGroupsResponseGroup[];
}

export interface DescribeGroupsResponseGroup {
  errorCode: number;
  errorMessage: string | null; // v6+
  groupId: string;
  groupState: string; // GroupState
  protocolType: string; // `consumer` for consumers
  protocolData: string; // the name of the protocol that the members agreed on
  members: DescribeGroupsResponseMember[];
  authorizedOperations: number; // v3+; a bit for each AclOperation; OPERATIONS_NOT_ASKED
}

export interface DescribeGroupsResponseMember {
  memberId: string;
  groupInstanceId: string | null; // v4+
  clientId: string;
  clientHost: string;
  /** What the member subscribed to, in the bytes of the group's protocol; only while the group is stable. */
  memberMetadata: Buffer;
  memberAssignment: Buffer; // likewise
}

/** State and members of classic groups; answered by the coordinator of each group. */
export const DescribeGroups: Api<DescribeGroupsRequest, DescribeGroupsResponse> = {
  key: 15,
  name: 'DescribeGroups',
  versions: [0, 6],
  flexibleFrom: 5,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, v: number, { groups, includeAuthorizedOperations }: DescribeGroupsRequest): void {
  w.array(groups, (groupId) => w.string(groupId));
  if (v >= 3) w.bool(includeAuthorizedOperations);
  else if (includeAuthorizedOperations) {
    throw new UnsupportedFieldError('DescribeGroups', v, 'includeAuthorizedOperations');
  }
  w.tags();
}

function decodeRequest(r: Reader, v: number): DescribeGroupsRequest {
  const request = {
    groups: r.array(() => r.string()),
    includeAuthorizedOperations: v >= 3 ? r.bool() : false,
  };
  r.tags();
  return request;
}

function encodeResponse(w: Writer, v: number, response: DescribeGroupsResponse): void {
  if (v >= 1) w.int32(response.throttleTimeMs);
  w.structs(response.groups, (group) => encodeGroup(w, v, group));
  w.tags();
}

function encodeGroup(w: Writer, v: number, group: DescribeGroupsResponseGroup): void {
  w.int16(group.errorCode);
  if (v >= 6) w.nullableString(group.errorMessage);
  w.string(group.groupId);
  w.string(group.groupState);
  w.string(group.protocolType);
  w.string(group.protocolData);
  w.structs(group.members, (member) => encodeMember(w, v, member));
  if (v >= 3) w.int32(group.authorizedOperations);
}

function encodeMember(w: Writer, v: number, member: DescribeGroupsResponseMember): void {
  w.string(member.memberId);
  if (v >= 4) w.nullableString(member.groupInstanceId);
  w.string(member.clientId);
  w.string(member.clientHost);
  w.bytes(member.memberMetadata);
  w.bytes(member.memberAssignment);
}

function decodeResponse(r: Reader, v: number): DescribeGroupsResponse {
  const response = {
    throttleTimeMs: v >= 1 ? r.int32() : 0,
    groups: r.structs(() => decodeGroup(r, v)),
  };
  r.tags();
  return response;
}

function decodeGroup(r: Reader, v: number): DescribeGroupsResponseGroup {
  return {
    errorCode: r.int16(),
    errorMessage: v >= 6 ? r.nullableString() : null,
    groupId: r.string(),
    groupState: r.string(),
    protocolType: r.string(),
    protocolData: r.string(),
    members: r.structs(() => decodeMember(r, v)),
    authorizedOperations: v >= 3 ? r.int32() : OPERATIONS_NOT_ASKED,
  };
}

function decodeMember(r: Reader, v: number): DescribeGroupsResponseMember {
  return {
    memberId: r.string(),
    groupInstanceId: v >= 4 ? r.nullableString() : null,
    clientId: r.string(),
    clientHost: r.string(),
    memberMetadata: r.bytes(),
    memberAssignment: r.bytes(),
  };
}
