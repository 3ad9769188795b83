// Who may do what: ACLs, SCRAM users, delegation tokens.
import {
  AlterUserScramCredentials,
  type Api,
  CreateAcls,
  CreateDelegationToken,
  type CreateDelegationTokenRequest,
  DeleteAcls,
  DescribeAcls,
  DescribeDelegationToken,
  DescribeUserScramCredentials,
  Errors,
  ExpireDelegationToken,
  RenewDelegationToken,
} from '@hopwire/protocol';
import type { Answer } from '../../harness/conversation.ts';
import { users } from '../../harness/target.ts';
import { askUntil, type Probe, probe, type Visit } from '../probe.ts';

const HOUR_MS = 3_600_000n;
/** Topic, literal, read, allow. */
const ANY_TOPIC = { resourceType: 2, resourcePatternType: 3, operation: 3, permissionType: 3 };

export const accessProbes: readonly Probe[] = [
  probe(CreateAcls, (visit) => ({ creations: [creation(visit)] })),
  probe(DescribeAcls, async (visit) => {
    const acl = creation(visit);
    await visit.conversation.ask(CreateAcls, 2, { creations: [acl] });
    return filter(acl.resourceName);
  }),
  probe(DeleteAcls, async (visit) => {
    const acl = creation(visit);
    await visit.conversation.ask(CreateAcls, 2, { creations: [acl] });
    return { filters: [filter(acl.resourceName)] };
  }),
  probe(AlterUserScramCredentials, (visit) => {
    const secret = { salt: Buffer.alloc(16, 1), saltedPassword: Buffer.alloc(32, 2) };
    return { deletions: [], upsertions: [{ name: visit.fresh('user'), mechanism: 1, iterations: 4096, ...secret }] };
  }),
  probe(DescribeUserScramCredentials, () => ({ users: null })),
  probe(
    CreateDelegationToken,
    async (visit) => {
      await asAdmin(visit);
      return creatingToken();
    },
    'saslPlaintext',
  ),
  tokenProbe(RenewDelegationToken, (hmac) => ({ hmac, renewPeriodMs: HOUR_MS })),
  tokenProbe(ExpireDelegationToken, (hmac) => ({ hmac, expiryTimePeriodMs: -1n })),
  probe(
    DescribeDelegationToken,
    async (visit) => {
      await tokenOf(await asAdmin(visit));
      return { owners: null };
    },
    'saslPlaintext',
  ),
];

function creation(visit: Visit) {
  return { ...ANY_TOPIC, resourceName: visit.fresh('topic'), principal: 'User:visitor', host: '*' };
}

function filter(resourceNameFilter: string) {
  const { resourceType, resourcePatternType, operation, permissionType } = ANY_TOPIC;
  const anybody = { principalFilter: null, hostFilter: null };
  const kind = { resourceTypeFilter: resourceType, patternTypeFilter: resourcePatternType, operation, permissionType };
  return { ...kind, ...anybody, resourceNameFilter };
}

/** Tokens are given to those who have proven who they are. */
async function asAdmin(visit: Visit): Promise<Visit> {
  await visit.conversation.authenticate('admin', users.admin);
  return visit;
}

function creatingToken(): CreateDelegationTokenRequest {
  return { ownerPrincipalType: null, ownerPrincipalName: null, renewers: [], maxLifetimeMs: 24n * HOUR_MS };
}

async function tokenOf({ conversation }: Visit): Promise<Buffer> {
  return (await conversation.ask(CreateDelegationToken, 2, creatingToken())).body.hmac;
}

/** The controller knows a token only a moment after it gave it. */
function tokenProbe<Request, Response extends { errorCode: number }>(
  api: Api<Request, Response>,
  body: (hmac: Buffer) => Request,
): Probe {
  const visit = async (visited: Visit): Promise<Answer<Response>> => {
    const hmac = await tokenOf(await asAdmin(visited));
    return askUntil(
      visited,
      api,
      () => body(hmac),
      ({ errorCode }) => errorCode !== Errors.DELEGATION_TOKEN_NOT_FOUND,
    );
  };
  return { api, listener: 'saslPlaintext', visit };
}
