/**
 * ShareGroupDescribe (key 77), v0-1. State, members and assignments of share groups (KIP-932); to be sent to the
 * coordinator of each.
 *
 *   v0  flexible; early access, in Kafka 4.0 only
 *   v1  the same, stable
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type DescribedAssignment, describedAssignment } from './described-assignment.ts';
import { type GroupDescriptions, type GroupInquiry, groupDescriptions, groupInquiry } from './group-description.ts';

export type ShareGroupDescribeRequest = GroupInquiry;
export type ShareGroupDescribeResponse = GroupDescriptions<ShareGroupDescribeResponseMember>;
export type ShareGroupDescribeResponseGroup = ShareGroupDescribeResponse['groups'][number];

export interface ShareGroupDescribeResponseMember {
  memberId: string;
  rackId: string | null;
  memberEpoch: number;
  clientId: string;
  clientHost: string;
  subscribedTopicNames: string[];
  assignment: DescribedAssignment;
}

/** State, members and assignments of share groups (KIP-932); to be sent to the coordinator of each. */
export const ShareGroupDescribe: Api<ShareGroupDescribeRequest, ShareGroupDescribeResponse> = {
  key: 77,
  name: 'ShareGroupDescribe',
  versions: [0, 1],
  flexibleFrom: 0,
  request: groupInquiry,
  response: {
    encode: (w, _v, response) => groupDescriptions.encode(w, response, (member) => encodeMember(w, member)),
    decode: (r) => groupDescriptions.decode(r, () => decodeMember(r)),
  },
};

function encodeMember(w: Writer, member: ShareGroupDescribeResponseMember): void {
  w.string(member.memberId);
  w.nullableString(member.rackId);
  w.int32(member.memberEpoch);
  w.string(member.clientId);
  w.string(member.clientHost);
  w.array(member.subscribedTopicNames, (name) => w.string(name));
  describedAssignment.encode(w, member.assignment);
}

function decodeMember(r: Reader): ShareGroupDescribeResponseMember {
  return {
    memberId: r.string(),
    rackId: r.nullableString(),
    memberEpoch: r.int32(),
    clientId: r.string(),
    clientHost: r.string(),
    subscribedTopicNames: r.array(() => r.string()),
    assignment: describedAssignment.decode(r),
  };
}
