/**
 * ConsumerGroupDescribe (key 69), v0-1. State, members and assignments of consumer groups (KIP-848); to be sent to
 * the coordinator of each. Groups of the older protocol are described by DescribeGroups.
 *
 *   v0  flexible
 *   v1  member_type (KIP-1099)
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type DescribedAssignment, describedAssignment } from './described-assignment.ts';
import { type GroupDescriptions, type GroupInquiry, groupDescriptions, groupInquiry } from './group-description.ts';

export type ConsumerGroupDescribeRequest = GroupInquiry;
export type ConsumerGroupDescribeResponse = GroupDescriptions<ConsumerGroupDescribeResponseMember>;
export type ConsumerGroupDescribeResponseGroup = ConsumerGroupDescribeResponse['groups'][number];

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
  memberType: number; // v1+; GroupMemberType
}

/** State, members and assignments of consumer groups (KIP-848); to be sent to the coordinator of each. */
export const ConsumerGroupDescribe: Api<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse> = {
  key: 69,
  name: 'ConsumerGroupDescribe',
  versions: [0, 1],
  flexibleFrom: 0,
  request: groupInquiry,
  response: {
    encode: (w, v, response) => groupDescriptions.encode(w, response, (member) => encodeMember(w, v, member)),
    decode: (r, v) => groupDescriptions.decode(r, () => decodeMember(r, v)),
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
  describedAssignment.encode(w, member.assignment);
  describedAssignment.encode(w, member.targetAssignment);
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
    assignment: describedAssignment.decode(r),
    targetAssignment: describedAssignment.decode(r),
    memberType: v >= 1 ? r.int8() : -1,
  };
}
