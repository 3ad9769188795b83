// Heartbeat (12), versions 0-4. Keeps a member's session alive, and tells it when to join again.
import { Errors, Heartbeat, type HeartbeatRequest, type HeartbeatResponse } from '@hopwire/protocol';
import { type Handler, handle } from '../embedded/router.ts';
import { groupProblem } from './groups.ts';

export const heartbeat: Handler<HeartbeatRequest, HeartbeatResponse> = handle(Heartbeat, {
  answer: (request, context) => {
    const group = context.cluster.groups.group(request.groupId);
    const problem = groupProblem(request.groupId, context);
    const errorCode = problem || (group?.heartbeat(request) ?? Errors.UNKNOWN_MEMBER_ID);
    return { throttleTimeMs: 0, errorCode };
  },
  refuse: (_request, errorCode) => ({ throttleTimeMs: 0, errorCode }),
});
