/**
 * ConsumerGroupDescribe (key 69), v0-1. State, members and assignments of consumer groups (KIP-848); to be sent to
 * the coordinator of each. Groups of the older protocol are described by DescribeGroups.
 *
 *   v1  member_type (KIP-1099)
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import {
  type DescribedAssignment,
  decodeDescribedAssignment,
  decodeGroupDescriptionRequest,
  decodeGroupDescriptions,
  encodeDescribedAssignment,
  encodeGroupDescriptionRequest,
  encodeGroupDescriptions,
  type GroupDescription,
  type GroupDescriptionRequest,
  type GroupDescriptionResponse,
} from './group-description.ts';

export type ConsumerGroupDescribeRequest = GroupDescriptionRequest;
export type ConsumerGroupDescribeResponse = GroupDescriptionResponse<ConsumerGroupDescribeResponseMember>;
export type ConsumerGroupDescribeResponseGroup = GroupDescription<ConsumerGroupDescribeResponseMember>;

export interface ConsumerGroupDescribeResponseMember {
  memberId: string;
  instanceId: string | null;
  rackId: string | null;
  memberEpoch: number;
  clientId: string;
  clientHost: string;
  subscribedTopicNames: string[];
  subscribedTopicRegex: string | null;
  assignment: DescribedAssignment;
  targetAssignment: DescribedAssignment; // what the member will have when all have followed
  memberType: number; // v1+; -1: unknown, 0: of the older protocol, 1: consumer
}

export const ConsumerGroupDescribe: Api<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse> = {
  key: 69,
  name: 'ConsumerGroupDescribe',
  versions: [0, 1],
  flexibleFrom: 0,
  request: { encode: encodeGroupDescriptionRequest, decode: decodeGroupDescriptionRequest },
  response: {
    encode: (w, v, response) => encodeGroupDescriptions(w, response, (member) => encodeMember(w, v, member)),
    decode: (r, v) => decodeGroupDescriptions(r, () => decodeMember(r, v)),
  },
};

function encodeMember(w: Writer, v: number, member: ConsumerGroupDescribeResponseMember): void {
  w.string(member.memberId);
  w.nullableString(member.instanceId);
  w.nullableString(member.rackId);
  w.int32(member.memberEpoch);
  w.string(member.clientId);
  w.string(member.clientHost);
  w.array(member.subscribedTopicNames, (name) => w.string(name));
  w.nullableString(member.subscribedTopicRegex);
  encodeDescribedAssignment(w, member.assignment);
  encodeDescribedAssignment(w, member.targetAssignment);
  if (v >= 1) w.int8(member.memberType);
}

function decodeMember(r: Reader, v: number): ConsumerGroupDescribeResponseMember {
  return {
    memberId: r.string(),
    instanceId: r.nullableString(),
    rackId: r.nullableString(),
    memberEpoch: r.int32(),
    clientId: r.string(),
    clientHost: r.string(),
    subscribedTopicNames: r.array(() => r.string()),
    subscribedTopicRegex: r.nullableString(),
    assignment: decodeDescribedAssignment(r),
    targetAssignment: decodeDescribedAssignment(r),
    memberType: v >= 1 ? r.int8() : -1,
  };
}
