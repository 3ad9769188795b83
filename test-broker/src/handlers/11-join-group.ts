// JoinGroup (11), versions 0-9.
//
// Real rebalances with a join barrier (embedded/group.ts): two-step joins from version 4 (KIP-394), static members from
// 5 (KIP-345), skipAssignment from 9 (KIP-814). The initial rebalance delay is 0. Session time-outs are accepted within
// the broker's options; the default minimum is far below Kafka's 6 s, so that tests need not wait.
import { Errors, JoinGroup, type JoinGroupRequest, type JoinGroupResponse } from '@hopwire/protocol';
import { joinRefusal } from '../embedded/group-answers.ts';
import { type Handler, handle, type RequestContext } from '../embedded/router.ts';
import { groupProblem } from './groups.ts';

export const joinGroup: Handler<JoinGroupRequest, JoinGroupResponse> = handle(JoinGroup, {
  answer: async (request, context) => {
    const problem = problemOf(request, context);
    if (problem) return joinRefusal(request.memberId, problem);
    const place = { clientId: context.clientId ?? '', version: context.version };
    const answer = await context.cluster.groups.groupOrNew(request.groupId).join(request, place);
    // Before version 7 the protocol name must not be null.
    return answer.protocolName === null && context.version < 7 ? { ...answer, protocolName: '' } : answer;
  },
  refuse: (request, errorCode) => ({ ...joinRefusal(request.memberId, errorCode), protocolName: '' }),
});

function problemOf(request: JoinGroupRequest, context: RequestContext): number {
  const { groups } = context.cluster;
  const { minSessionTimeoutMs, maxSessionTimeoutMs } = groups.limits;
  if (request.groupId === '') return Errors.INVALID_GROUP_ID;
  const problem = groupProblem(request.groupId, context);
  if (problem) return problem;
  if (request.sessionTimeoutMs < minSessionTimeoutMs || request.sessionTimeoutMs > maxSessionTimeoutMs) {
    return Errors.INVALID_SESSION_TIMEOUT;
  }
  return request.memberId !== '' && !groups.group(request.groupId) ? Errors.UNKNOWN_MEMBER_ID : Errors.NONE;
}
