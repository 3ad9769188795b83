// FindCoordinator (10), versions 0-6.
//
// Groups (type 0) and transactional ids (type 1); share groups (type 2) are refused with INVALID_REQUEST. A key's
// coordinator is a function of the key and the live nodes, unless a test moved it.
import {
  CoordinatorType,
  Errors,
  FindCoordinator,
  type FindCoordinatorRequest,
  type FindCoordinatorResponse,
} from '@hopwire/protocol';
import { type Handler, handle, type RequestContext } from '../embedded/router.ts';

type Coordinator = FindCoordinatorResponse['coordinators'][number];

export const findCoordinator: Handler<FindCoordinatorRequest, FindCoordinatorResponse> = handle(FindCoordinator, {
  answer: (request, context) => ({
    throttleTimeMs: 0,
    coordinators: request.coordinatorKeys.map((key) => coordinatorOf(key, request.keyType, context)),
  }),
  refuse: (request, errorCode) => ({
    throttleTimeMs: 0,
    coordinators: request.coordinatorKeys.map((key) => refused(key, errorCode, null)),
  }),
});

function coordinatorOf(key: string, keyType: number, { cluster, connection }: RequestContext): Coordinator {
  if (keyType !== CoordinatorType.group && keyType !== CoordinatorType.transaction) {
    return refused(key, Errors.INVALID_REQUEST, `key type ${keyType} is not supported`);
  }
  if (keyType === CoordinatorType.group && !cluster.access.allowsGroup(connection.user, key)) {
    return refused(key, Errors.GROUP_AUTHORIZATION_FAILED, `Not authorized to access group: ${key}`);
  }
  const node = cluster.coordinatorOf(key, keyType);
  if (!node) return refused(key, Errors.COORDINATOR_NOT_AVAILABLE, 'The coordinator is not available.');
  const port = node.ports.get(connection.listener) ?? -1;
  return { key, nodeId: node.id, host: node.host, port, errorCode: 0, errorMessage: null };
}

function refused(key: string, errorCode: number, errorMessage: string | null): Coordinator {
  return { key, nodeId: -1, host: '', port: -1, errorCode, errorMessage };
}
