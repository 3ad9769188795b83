// What consumer groups (KIP-848) and share groups (KIP-932) say of themselves alike: the question, and the answer
// but for the members.
import type { Codec } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

export interface GroupInquiry {
  groupIds: string[];
  includeAuthorizedOperations: boolean;
}

export interface GroupDescriptions<Member> {
  throttleTimeMs: number;
  groups: GroupDescription<Member>[];
}

export interface GroupDescription<Member> {
  errorCode: number;
  errorMessage: string | null;
  groupId: string;
  groupState: string; // GroupState; '' with an error
  groupEpoch: number;
  assignmentEpoch: number;
  assignorName: string;
  members: Member[];
  authorizedOperations: number; // a bit for each AclOperation; OPERATIONS_NOT_ASKED
}

export const groupInquiry: Codec<GroupInquiry> = {
  encode(w, _v, request) {
    w.array(request.groupIds, (groupId) => w.string(groupId));
    w.bool(request.includeAuthorizedOperations);
    w.tags();
  },
  decode(r) {
    const request = { groupIds: r.array(() => r.string()), includeAuthorizedOperations: r.bool() };
    r.tags();
    return request;
  },
};

export const groupDescriptions = {
  encode<Member>(w: Writer, response: GroupDescriptions<Member>, member: (one: Member) => void): void {
    w.int32(response.throttleTimeMs);
    w.structs(response.groups, (group) => {
      w.int16(group.errorCode);
      w.nullableString(group.errorMessage);
      w.string(group.groupId);
      w.string(group.groupState);
      w.int32(group.groupEpoch);
      w.int32(group.assignmentEpoch);
      w.string(group.assignorName);
      w.structs(group.members, member);
      w.int32(group.authorizedOperations);
    });
    w.tags();
  },
  decode<Member>(r: Reader, member: () => Member): GroupDescriptions<Member> {
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
        members: r.structs(member),
        authorizedOperations: r.int32(),
      })),
    };
    r.tags();
    return response;
  },
};
