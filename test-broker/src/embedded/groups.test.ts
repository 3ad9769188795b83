// Classic groups and their offsets, over sockets.
import {
  FindCoordinator,
  Heartbeat,
  JoinGroup,
  LeaveGroup,
  OffsetCommit,
  type OffsetCommitRequest,
  OffsetFetch,
  SyncGroup,
  ZERO_UUID,
} from '@hopwire/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestBroker } from './test-broker.ts';
import { RawClient } from './testing/raw-client.ts';
import { joinOf, syncOf } from './testing/requests.ts';

let broker: TestBroker;
let first: RawClient;
let second: RawClient;

beforeEach(async () => {
  broker = await TestBroker.start({ topics: { orders: 2 } });
  first = await RawClient.open(broker.bootstrap);
  second = await RawClient.open(broker.bootstrap);
});

afterEach(async () => {
  first.close();
  second.close();
  await broker.close();
});

type JoinOptions = Parameters<typeof joinOf>[1];

/** Both steps of a join, when there are two. */
async function join(client: RawClient, options: JoinOptions = {}, version = 9) {
  const answer = await client.ask(JoinGroup, version, joinOf('g', options));
  if (answer.errorCode !== 79) return answer;
  return client.ask(JoinGroup, version, joinOf('g', { ...options, memberId: answer.memberId }));
}

const assign = (...memberIds: string[]) =>
  memberIds.map((memberId) => ({ memberId, assignment: Buffer.from(memberId) }));
const beat = async (client: RawClient, generationId: number, memberId: string) =>
  (await client.ask(Heartbeat, 4, { groupId: 'g', generationId, memberId, groupInstanceId: null })).errorCode;

/** A stable group of one. */
async function joined() {
  const member = await join(first);
  await first.ask(SyncGroup, 5, syncOf('g', member.generationId, member.memberId, assign(member.memberId)));
  return member;
}

describe('join and sync', () => {
  it('gives a member id first, from version 4 on', async () => {
    const answer = await first.ask(JoinGroup, 4, joinOf('g'));
    expect(answer).toMatchObject({ errorCode: 79, generationId: -1 });
    expect(answer.memberId).toMatch(/^raw-/);
    expect((await first.ask(JoinGroup, 3, joinOf('other'))).errorCode).toBe(0);
  });

  it('makes the first member leader and shows it the members', async () => {
    const member = await join(first);
    expect(member).toMatchObject({ generationId: 1, leader: member.memberId, protocolName: 'range' });
    expect(member.members.map(({ memberId }) => memberId)).toEqual([member.memberId]);
  });

  it('holds a join until all members have joined again, and a sync until the leader brought the assignments', async () => {
    const leader = await joined();
    const other = join(second);
    await expect.poll(() => broker.group('g')?.state).toBe('PreparingRebalance');
    expect(await beat(first, 1, leader.memberId)).toBe(27);
    const again = await join(first, { memberId: leader.memberId });
    const follower = await other;
    expect([again.generationId, follower.generationId]).toEqual([2, 2]);
    expect([again.members.length, follower.members.length]).toEqual([2, 0]);
    const waiting = second.ask(SyncGroup, 5, syncOf('g', 2, follower.memberId));
    const own = await first.ask(
      SyncGroup,
      5,
      syncOf('g', 2, leader.memberId, assign(leader.memberId, follower.memberId)),
    );
    expect(own.assignment.toString()).toBe(leader.memberId);
    expect((await waiting).assignment.toString()).toBe(follower.memberId);
    expect(broker.group('g')).toMatchObject({ state: 'Stable', generation: 2 });
  });

  it('goes on without a member that does not join again within the rebalance time-out', async () => {
    const silent = await join(first, { rebalanceTimeoutMs: 50 });
    await first.ask(SyncGroup, 5, syncOf('g', 1, silent.memberId, assign(silent.memberId)));
    const member = await join(second, { rebalanceTimeoutMs: 50 });
    expect(member.members.map(({ memberId }) => memberId)).toEqual([member.memberId]);
    expect(await beat(first, 1, silent.memberId)).toBe(25);
  });

  it('ends the session of a member whose heartbeats stop', async () => {
    await join(first, { sessionTimeoutMs: 20 });
    await expect.poll(() => broker.group('g')).toMatchObject({ state: 'Empty', memberIds: [] });
  });

  it('chooses the protocol that all members offer, and refuses a member without a common one', async () => {
    const protocol = (name: string) => ({ name, metadata: Buffer.from(name) });
    const leader = await join(first, { protocols: [protocol('sticky'), protocol('range')] });
    expect(leader.protocolName).toBe('sticky');
    expect((await join(second, { protocols: [protocol('other')] })).errorCode).toBe(23);
    expect((await join(second, { protocolType: 'connect' })).errorCode).toBe(23);
    const other = join(second, { protocols: [protocol('range')] });
    await expect.poll(() => broker.group('g')?.state).toBe('PreparingRebalance');
    await join(first, { memberId: leader.memberId, protocols: [protocol('sticky'), protocol('range')] });
    expect((await other).protocolName).toBe('range');
  });

  it('refuses unknown members with 25, old generations with 22 and bad session time-outs with 26', async () => {
    const member = await joined();
    expect((await join(second, { memberId: 'nobody' })).errorCode).toBe(25);
    expect(await beat(first, 7, member.memberId)).toBe(22);
    expect(await beat(first, 1, 'nobody')).toBe(25);
    expect((await join(second, { sessionTimeoutMs: 1 })).errorCode).toBe(26);
    expect((await first.ask(JoinGroup, 9, joinOf(''))).errorCode).toBe(24);
  });

  it('lets a member leave, and the others join again', async () => {
    const leader = await joined();
    const request = { groupId: 'g', members: [{ memberId: leader.memberId, groupInstanceId: null, reason: 'done' }] };
    expect((await first.ask(LeaveGroup, 5, request)).members[0]?.errorCode).toBe(0);
    expect(broker.group('g')).toMatchObject({ state: 'Empty', memberIds: [] });
    expect((await first.ask(LeaveGroup, 1, request)).errorCode).toBe(25);
  });
});

describe('static member', () => {
  it('takes its place again without a rebalance, and fences its old id', async () => {
    const options = { groupInstanceId: 'one' };
    const before = await join(first, options);
    await first.ask(SyncGroup, 5, {
      ...syncOf('g', 1, before.memberId, assign(before.memberId)),
      groupInstanceId: 'one',
    });
    const after = await join(second, options);
    expect(after).toMatchObject({ errorCode: 0, generationId: 1, skipAssignment: true });
    expect(after.memberId).not.toBe(before.memberId);
    const old = { groupId: 'g', generationId: 1, memberId: before.memberId, groupInstanceId: 'one' };
    expect((await first.ask(Heartbeat, 4, old)).errorCode).toBe(82);
    const kept = await second.ask(SyncGroup, 5, { ...syncOf('g', 1, after.memberId), groupInstanceId: 'one' });
    expect(kept.assignment.toString()).toBe(before.memberId);
  });

  it('leaves by its instance id', async () => {
    await join(first, { groupInstanceId: 'one' });
    const members = [{ memberId: '', groupInstanceId: 'one', reason: null }];
    expect((await first.ask(LeaveGroup, 5, { groupId: 'g', members })).members[0]?.errorCode).toBe(0);
    expect(broker.group('g')?.memberIds).toEqual([]);
  });
});

describe('offsets', () => {
  const commitOf = (offset: bigint, options: Partial<OffsetCommitRequest> = {}): OffsetCommitRequest => ({
    groupId: 'g',
    generationIdOrMemberEpoch: -1,
    memberId: '',
    groupInstanceId: null,
    retentionTimeMs: -1n,
    topics: [
      {
        name: 'orders',
        topicId: ZERO_UUID,
        partitions: [
          {
            partitionIndex: 1,
            committedOffset: offset,
            committedLeaderEpoch: 0,
            commitTimestamp: -1n,
            committedMetadata: 'm',
          },
        ],
      },
    ],
    ...options,
  });
  const commit = async (request: OffsetCommitRequest) =>
    (await first.ask(OffsetCommit, 8, request)).topics[0]?.partitions[0]?.errorCode;
  const fetchAll = (version: number) =>
    first.ask(OffsetFetch, version, {
      groups: [{ groupId: 'g', memberId: null, memberEpoch: -1, topics: null }],
      requireStable: false,
    });

  it('are kept for a simple consumer, and all of them are given for null topics', async () => {
    expect(await commit(commitOf(42n))).toBe(0);
    for (const version of [2, 7, 8, 9]) {
      const [group] = (await fetchAll(version)).groups;
      expect(group?.topics).toMatchObject([
        { name: 'orders', partitions: [{ partitionIndex: 1, committedOffset: 42n, metadata: 'm' }] },
      ]);
    }
    expect(broker.committed('g', 'orders', 1)).toBe(42n);
  });

  it('are -1 without error where nothing was committed', async () => {
    const topics = [{ name: 'orders', topicId: ZERO_UUID, partitionIndexes: [0] }];
    const answer = await first.ask(OffsetFetch, 5, {
      groups: [{ groupId: 'g', memberId: null, memberEpoch: -1, topics }],
      requireStable: false,
    });
    expect(answer.groups[0]?.topics[0]?.partitions[0]).toMatchObject({ committedOffset: -1n, errorCode: 0 });
  });

  it('are taken from members of this generation only', async () => {
    const { memberId, generationId } = await joined();
    const of = (generation: number, id: string) =>
      commitOf(1n, { generationIdOrMemberEpoch: generation, memberId: id });
    expect(await commit(of(generationId, memberId))).toBe(0);
    expect(await commit(of(generationId + 1, memberId))).toBe(22);
    expect(await commit(of(generationId, 'nobody'))).toBe(25);
    expect(await commit(commitOf(1n))).toBe(25);
    expect(await commit(commitOf(1n, { groupId: 'none', generationIdOrMemberEpoch: 3, memberId: 'x' }))).toBe(22);
  });
});

describe('coordinator', () => {
  it('is one of the nodes, and the others say 16', async () => {
    await using cluster = await TestBroker.start({ brokers: 3 });
    using client = await RawClient.open(cluster.bootstrap);
    cluster.moveCoordinator('g', 3);
    const found = await client.ask(FindCoordinator, 6, { keyType: 0, coordinatorKeys: ['g', 'h'] });
    expect(found.coordinators[0]).toMatchObject({
      key: 'g',
      nodeId: 3,
      port: Number(cluster.addresses()[2]?.split(':')[1]),
    });
    expect(await beat(client, 1, 'x')).toBe(16);
  });
});

describe('restart', () => {
  it('keeps groups, offsets, records and the port', async () => {
    const { bootstrap } = broker;
    const { memberId } = await joined();
    broker.append('orders', [{ value: 'a' }]);
    await broker.restart();
    expect(broker.bootstrap).toBe(bootstrap);
    await first.closed;
    using again = await RawClient.open(bootstrap);
    expect(await beat(again, 1, memberId)).toBe(0);
    expect(broker.records('orders')).toHaveLength(1);
  });
});
