// LeaveGroup (13), versions 0-5. One member below version 3; from there many, by member id or by instance id.
import { Errors, LeaveGroup, type LeaveGroupRequest, type LeaveGroupResponse } from '@hopwire/protocol';
import { type Handler, handle } from '../embedded/router.ts';
import { groupProblem } from './groups.ts';

const MEMBERS_SINCE = 3;

export const leaveGroup: Handler<LeaveGroupRequest, LeaveGroupResponse> = handle(LeaveGroup, {
  answer: (request, context) => {
    const problem = groupProblem(request.groupId, context);
    if (problem) return { throttleTimeMs: 0, errorCode: problem, members: [] };
    const group = context.cluster.groups.group(request.groupId);
    const members = request.members.map(({ memberId, groupInstanceId }) =>
      group
        ? group.leave(memberId, groupInstanceId)
        : { memberId, groupInstanceId, errorCode: Errors.UNKNOWN_MEMBER_ID },
    );
    // Below version 3 the only member's error is that of the answer.
    const errorCode = context.version < MEMBERS_SINCE ? (members[0]?.errorCode ?? 0) : 0;
    return { throttleTimeMs: 0, errorCode, members };
  },
  refuse: (_request, errorCode) => ({ throttleTimeMs: 0, errorCode, members: [] }),
});
