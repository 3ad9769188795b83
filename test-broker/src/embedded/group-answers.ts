// The answers a group gives to JoinGroup and SyncGroup.
import type { JoinGroupResponse, SyncGroupResponse } from '@hopwire/protocol';
import type { GroupMember } from './group-member.ts';

/** What the answers tell of a group. */
interface Generation {
  readonly generation: number;
  readonly protocolType: string;
  readonly protocolName: string;
  readonly leaderId: string;
  readonly members: ReadonlyMap<string, GroupMember>;
}

/** The current generation; only the leader sees who else is in. */
export function joinAnswer(group: Generation, member: GroupMember, skipAssignment: boolean): JoinGroupResponse {
  const isLeader = member.id === group.leaderId;
  return {
    throttleTimeMs: 0,
    errorCode: 0,
    generationId: group.generation,
    protocolType: group.protocolType,
    protocolName: group.protocolName,
    leader: group.leaderId,
    skipAssignment,
    memberId: member.id,
    members: isLeader
      ? [...group.members.values()].map((other) => ({
          memberId: other.id,
          groupInstanceId: other.instanceId,
          metadata: other.metadataFor(group.protocolName),
        }))
      : [],
  };
}

export function joinRefusal(memberId: string, errorCode: number): JoinGroupResponse {
  return {
    throttleTimeMs: 0,
    errorCode,
    generationId: -1,
    protocolType: null,
    protocolName: null,
    leader: '',
    skipAssignment: false,
    memberId,
    members: [],
  };
}

export function syncRefusal(errorCode: number): SyncGroupResponse {
  return { throttleTimeMs: 0, errorCode, protocolType: null, protocolName: null, assignment: Buffer.alloc(0) };
}
