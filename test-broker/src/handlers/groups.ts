// What the handlers of groups ask first: may the user, and is this the coordinator?
import { CoordinatorType, Errors } from '@hopwire/protocol';
import type { RequestContext } from '../embedded/router.ts';

/** Error code that refuses every request for this group here; 0 when there is none. */
export function groupProblem(groupId: string, { cluster, node, connection }: RequestContext): number {
  if (!cluster.access.allowsGroup(connection.user, groupId)) return Errors.GROUP_AUTHORIZATION_FAILED;
  const coordinator = cluster.coordinatorOf(groupId, CoordinatorType.group);
  return coordinator?.id === node.id ? Errors.NONE : Errors.NOT_COORDINATOR;
}
