// SyncGroup (14), versions 0-5. The leader brings the assignments; the others wait for them.
import { Errors, SyncGroup, type SyncGroupRequest, type SyncGroupResponse } from '@hopwire/protocol';
import { syncRefusal } from '../embedded/group-answers.ts';
import { type Handler, handle } from '../embedded/router.ts';
import { groupProblem } from './groups.ts';

export const syncGroup: Handler<SyncGroupRequest, SyncGroupResponse> = handle(SyncGroup, {
  answer: (request, context) => {
    const problem = groupProblem(request.groupId, context);
    if (problem) return syncRefusal(problem);
    const group = context.cluster.groups.group(request.groupId);
    return group ? group.sync(request) : syncRefusal(Errors.UNKNOWN_MEMBER_ID);
  },
  refuse: (_request, errorCode) => syncRefusal(errorCode),
});
