// What consumer groups (KIP-848) and share groups (KIP-932) say of themselves alike: the question, and the answer
// but for the members.
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import type { TopicIdPartitions } from './topic-id-partitions.ts';

export interface GroupDescriptionRequest {
  groupIds: string[];
  includeAuthorizedOperations: boolean;
}

export interface GroupDescriptionResponse<Member> {
  throttleTimeMs: number;
  groups: GroupDescription<Member>[];
}

export interface GroupDescription<Member> {
  errorCode: number;
  errorMessage: string | null;
  groupId: string;
  groupState: string; // '' with an error
  groupEpoch: number;
  assignmentEpoch: number;
  assignorName: string;
  members: Member[];
  authorizedOperations: number; // a bit for each; -2147483648: not asked for
}

export interface DescribedAssignment {
  topicPartitions: DescribedTopicPartitions[];
}

export interface DescribedTopicPartitions extends TopicIdPartitions {
  topicName: string;
}

export function encodeGroupDescriptionRequest(w: Writer, _v: number, request: GroupDescriptionRequest): void {
  w.array(request.groupIds, (groupId) => w.string(groupId));
  w.bool(request.includeAuthorizedOperations);
  w.tags();
}

export function decodeGroupDescriptionRequest(r: Reader): GroupDescriptionRequest {
  const request = { groupIds: r.array(() => r.string()), includeAuthorizedOperations: r.bool() };
  r.tags();
  return request;
}

export function encodeGroupDescriptions<Member>(
  w: Writer,
  response: GroupDescriptionResponse<Member>,
  encodeMember: (member: Member) => void,
): void {
  w.int32(response.throttleTimeMs);
  w.structs(response.groups, (group) => {
    w.int16(group.errorCode);
    w.nullableString(group.errorMessage);
    w.string(group.groupId);
    w.string(group.groupState);
    w.int32(group.groupEpoch);
    w.int32(group.assignmentEpoch);
    w.string(group.assignorName);
    w.structs(group.members, encodeMember);
    w.int32(group.authorizedOperations);
  });
  w.tags();
}

export function decodeGroupDescriptions<Member>(
  r: Reader,
  decodeMember: () => Member,
): GroupDescriptionResponse<Member> {
  const response = {
    throttleTimeMs: r.int32(),
    groups: r.structs(() => ({
      errorCode: r.int16(),
      errorMessage: r.nullableString(),
      groupId: r.string(),
      groupState: r.string(),
      groupEpoch: r.int32(),
      assignmentEpoch: r.int32(),
      assignorName: r.string(),
      members: r.structs(decodeMember),
      authorizedOperations: r.int32(),
    })),
  };
  r.tags();
  return response;
}

export function encodeDescribedAssignment(w: Writer, assignment: DescribedAssignment): void {
  w.struct(assignment, ({ topicPartitions }) => {
    w.structs(topicPartitions, ({ topicId, topicName, partitions }) => {
      w.uuid(topicId);
      w.string(topicName);
      w.array(partitions, (partition) => w.int32(partition));
    });
  });
}

export function decodeDescribedAssignment(r: Reader): DescribedAssignment {
  return r.struct(() => ({
    topicPartitions: r.structs(() => ({
      topicId: r.uuid(),
      topicName: r.string(),
      partitions: r.array(() => r.int32()),
    })),
  }));
}
