// Classic groups: a member joins a group of its own for each visit, so that its requests are those of a real member.
import {
  DeleteGroups,
  DescribeGroups,
  encodeAssignment,
  encodeSubscription,
  FindCoordinator,
  Heartbeat,
  JoinGroup,
  type JoinGroupRequest,
  LeaveGroup,
  ListGroups,
  OffsetCommit,
  type OffsetCommitRequest,
  OffsetDelete,
  OffsetFetch,
  SyncGroup,
} from '@hopwire/protocol';
import { type Probe, probe, type Visit } from '../probe.ts';

export const groupProbes: readonly Probe[] = [
  probe(FindCoordinator, (visit) => ({ keyType: 0, coordinatorKeys: [visit.fresh('group')] })),
  probe(JoinGroup, async (visit) => {
    const first = joining(visit, visit.fresh('group'));
    if (visit.version < 4) return first;
    // From v4 on the coordinator wants to see the member id it gave (KIP-394).
    const { body } = await visit.conversation.ask(JoinGroup, visit.version, first);
    return { ...first, memberId: body.memberId };
  }),
  probe(SyncGroup, async (visit) => {
    const { groupId, memberId, generationId } = await joined(visit);
    const assignedPartitions = [{ topic: visit.topic, partitions: [0] }];
    const assignment = encodeAssignment({ version: 1, assignedPartitions, userData: null });
    const assignments = [{ memberId, assignment }];
    const protocol = { protocolType: 'consumer', protocolName: 'range' };
    return { groupId, generationId, memberId, groupInstanceId: null, ...protocol, assignments };
  }),
  probe(Heartbeat, async (visit) => ({ ...(await stable(visit)), groupInstanceId: null })),
  probe(LeaveGroup, async (visit) => {
    const { groupId, memberId } = await stable(visit);
    return { groupId, members: [{ memberId, groupInstanceId: null, reason: null }] };
  }),
  probe(OffsetCommit, (visit) => committing(visit, visit.fresh('group'))),
  probe(OffsetFetch, async (visit) => {
    const groupId = visit.fresh('group');
    await visit.conversation.ask(OffsetCommit, 8, committing(visit, groupId));
    const topics = [{ name: visit.topic, topicId: visit.topicId, partitionIndexes: [0] }];
    return { groups: [{ groupId, memberId: null, memberEpoch: -1, topics }], requireStable: false };
  }),
  probe(OffsetDelete, async (visit) => {
    const groupId = visit.fresh('group');
    await visit.conversation.ask(OffsetCommit, 8, committing(visit, groupId));
    return { groupId, topics: [{ name: visit.topic, partitions: [{ partitionIndex: 0 }] }] };
  }),
  probe(DescribeGroups, async (visit) => ({
    groups: [(await stable(visit)).groupId],
    includeAuthorizedOperations: visit.version >= 3,
  })),
  probe(ListGroups, async (visit) => {
    await stable(visit);
    return { statesFilter: [], typesFilter: visit.version >= 5 ? ['classic'] : [] };
  }),
  probe(DeleteGroups, async (visit) => {
    const groupId = visit.fresh('group');
    await visit.conversation.ask(OffsetCommit, 8, committing(visit, groupId));
    return { groupsNames: [groupId] };
  }),
];

interface Member {
  readonly groupId: string;
  readonly memberId: string;
  readonly generationId: number;
}

function joining(visit: Visit, groupId: string): JoinGroupRequest {
  const nothingOwned = { userData: null, ownedPartitions: [], generationId: -1, rackId: null };
  const metadata = encodeSubscription({ version: 1, topics: [visit.topic], ...nothingOwned });
  return {
    groupId,
    sessionTimeoutMs: 30_000,
    rebalanceTimeoutMs: visit.version >= 1 ? 30_000 : -1,
    memberId: '',
    groupInstanceId: null,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata }],
    reason: null,
  };
}

/** A member that has joined by the oldest version that both 3.9 and 4.x have. */
async function joined(visit: Visit): Promise<Member> {
  const groupId = visit.fresh('group');
  const { body } = await visit.conversation.ask(JoinGroup, 2, {
    ...joining(visit, groupId),
    rebalanceTimeoutMs: 30_000,
  });
  return { groupId, memberId: body.memberId, generationId: body.generationId };
}

/** A member that has its assignment too. */
async function stable(visit: Visit): Promise<Member> {
  const member = await joined(visit);
  const assignments = [{ memberId: member.memberId, assignment: Buffer.alloc(0) }];
  const nothing = { groupInstanceId: null, protocolType: null, protocolName: null };
  await visit.conversation.ask(SyncGroup, 1, { ...member, ...nothing, assignments });
  return member;
}

/** By a consumer without membership. */
function committing({ topic, topicId }: Visit, groupId: string): OffsetCommitRequest {
  const partition = { partitionIndex: 0, committedOffset: 1n, committedLeaderEpoch: -1, commitTimestamp: -1n };
  return {
    groupId,
    generationIdOrMemberEpoch: -1,
    memberId: '',
    groupInstanceId: null,
    retentionTimeMs: -1n,
    topics: [{ name: topic, topicId, partitions: [{ ...partition, committedMetadata: 'visited' }] }],
  };
}
