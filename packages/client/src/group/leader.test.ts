// What the leader of a group does for members whose topics it does not read, and with members that send nonsense.
import { encodeSubscription, JoinGroup, Metadata, ZERO_UUID } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { quiet } from '../testing/loop.ts';
import { rangeAssignor } from './assignors/range.ts';
import { assign, membersOf } from './leader.ts';
import { Member, until } from './testing.ts';
import { NO_TOPICS } from './topic-choice.ts';

let broker: TestBroker;

beforeEach(async () => {
  broker = await TestBroker.start({ topics: { a: 1, b: 1 }, autoCreateTopics: false });
});

afterEach(() => broker.close());

/** The broker that the leader asks is behind: it does not know b. */
function hideB(times: number): { count: number } {
  const seen = { count: 0 };
  broker.on(
    Metadata,
    (request) => {
      seen.count++;
      const topics = (request.topics ?? []).map(({ name }) => {
        const refused = { errorCode: 3, name, topicId: ZERO_UUID, isInternal: false, partitions: [] };
        return { ...refused, topicAuthorizedOperations: -2147483648 };
      });
      const empty = { throttleTimeMs: 0, brokers: [], clusterId: null, controllerId: -1, errorCode: 0 };
      return { answer: { ...empty, topics, clusterAuthorizedOperations: -2147483648 } };
    },
    { times, when: (q, { clientId }) => clientId === 'leader' && (q.topics ?? []).some(({ name }) => name === 'b') },
  );
  return seen;
}

describe('topics that only other members read', () => {
  it('are assigned although the leader does not read them', async () => {
    await using leader = await Member.joined(broker, { id: 'leader', topics: ['a'] });
    await using other = await Member.joined(broker, { id: 'other', topics: ['b'] });
    await until(() => leader.owned === 1);
    expect([[...leader.handler.owned], [...other.handler.owned]]).toEqual([['a0'], ['b0']]);
  });

  it('are asked for again, within the same rebalance, when the broker that was asked does not know them', async () => {
    await using leader = await Member.joined(broker, { id: 'leader', topics: ['a'] });
    const hidden = hideB(1);
    await using other = await Member.joined(broker, { id: 'other', topics: ['b'] });
    expect([other.told, hidden.count]).toEqual([['assigned b0'], 1]);
    await until(() => leader.owned === 1);
  });

  it('make the group join again when they appear: nobody stays without partitions for good (CLI-070)', async () => {
    await using leader = await Member.joined(broker, { id: 'leader', topics: ['a'] });
    await using other = await Member.joined(broker, { id: 'other', topics: ['later'] });
    expect(other.told).toEqual(['assigned']);
    await until(() => leader.told.length === 3);
    broker.createTopic('later', 2);
    await until(() => other.owned === 2 && leader.owned === 1);
  });

  it('and grow make the group join again, when the leader learns of it', async () => {
    await using leader = await Member.joined(broker, { id: 'leader', topics: ['a'] });
    await using other = await Member.joined(broker, { id: 'other', topics: ['b'] });
    await until(() => leader.owned === 1);
    broker.growTopic('b', 3);
    await leader.cluster.freshMetadata(['b']);
    await until(() => other.owned === 3);
  });

  it('do not exist: the leader does not keep the group waiting for them again in each rebalance', async () => {
    await using leader = await Member.joined(broker, { id: 'leader', topics: ['a'] });
    await using other = await Member.joined(broker, { id: 'other', topics: ['nowhere'] });
    await until(() => leader.told.length === 3);
    const joins: number[] = [];
    broker.on(JoinGroup, 'pass', { always: true, when: () => joins.push(performance.now()) < 0 });
    await using third = await Member.joined(broker, { id: 'third', topics: ['nowhere'] });
    expect(performance.now() - (joins[0] ?? 0)).toBeLessThan(400);
    expect([other.owned, third.owned]).toEqual([0, 0]);
  });
});

describe('what members send', () => {
  const joined = (members: readonly { memberId: string; metadata: Buffer }[]) => ({
    throttleTimeMs: 0,
    errorCode: 0,
    generationId: 1,
    protocolType: 'consumer',
    protocolName: 'range',
    leader: 'm',
    skipAssignment: false,
    memberId: 'm',
    members: members.map((member) => ({ groupInstanceId: null, ...member })),
  });
  const subscription = (topics: string[]): Buffer =>
    encodeSubscription({ version: 1, topics, userData: null, ownedPartitions: [], generationId: -1, rackId: null });

  it('cannot be read: that member gets nothing, the others are served', () => {
    const warned: string[] = [];
    const bad = { memberId: 'bad', metadata: Buffer.from('ffffffffffff', 'hex') };
    const answer = joined([
      bad,
      { memberId: 'empty', metadata: Buffer.alloc(0) },
      { memberId: 'm', metadata: subscription(['a']) },
    ]);
    const members = membersOf(answer, { ...quiet, warn: (message) => void warned.push(message) });
    expect(members.map(({ subscription: { topics } }) => topics)).toEqual([[], [], ['a']]);
    expect(warned.map((line) => line.includes('bad') || line.includes('empty'))).toEqual([true, true]);
  });

  it('is huge: the work grows with it, not with its square', () => {
    const names = Array.from({ length: 5_000 }, (_, i) => `topic-${i}`);
    const members = Array.from({ length: 20 }, (_, i) => ({ memberId: `m${i}`, metadata: subscription(names) }));
    const counts = new Map(names.map((name) => [name, 20]));
    const startedAt = performance.now();
    const answer = joined(members);
    const assignments = assign(answer, membersOf(answer, quiet), [rangeAssignor], [{ ...NO_TOPICS, counts }]);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    expect(assignments).toHaveLength(20);
  });

  it('is a topic with very many partitions', () => {
    const answer = joined([{ memberId: 'm', metadata: subscription(['a', 'a']) }]);
    const known = { ...NO_TOPICS, counts: new Map([['a', 300_000]]) };
    expect(assign(answer, membersOf(answer, quiet), [rangeAssignor], [known])[0]?.assignment.length).toBeGreaterThan(
      1_200_000,
    );
  });

  it('needs an assignor that we do not have', () => {
    const answer = { ...joined([]), protocolName: 'custom' };
    expect(() => assign(answer, [], [rangeAssignor], [])).toThrow(/custom/);
  });
});

describe('topics of a member', () => {
  it('that are denied are left out of what it asks for, told once, and come back', async () => {
    const client = { metadataMaxAgeMs: 200 };
    await using member = await Member.joined(broker, { topics: ['a', 'b'], client });
    broker.deny({ denyTopics: ['b'] });
    await until(() => member.owned === 1);
    expect(member.handler.topicErrors).toMatchObject([{ code: 'TOPIC_AUTHORIZATION_FAILED', topic: 'b' }]);
    broker.deny({ denyTopics: [] });
    await until(() => member.owned === 2);
    expect([member.handler.topicErrors.length, member.handler.fatal]).toEqual([1, []]);
  });

  it('that appear later are new, those that were there are not', async () => {
    await using member = await Member.joined(broker, { topics: ['a', 'later'] });
    broker.createTopic('later', 2);
    await until(() => member.owned === 3);
    expect([...member.handler.news]).toEqual(['later0', 'later1']);
  });

  it('that are deleted, or made anew, make it join again', async () => {
    await using member = await Member.joined(broker, { topics: ['a', 'b'] });
    broker.deleteTopic('b');
    await member.cluster.freshMetadata(['b']);
    await until(() => member.owned === 1);
    broker.recreateTopic('a');
    await member.cluster.freshMetadata(['a']);
    await until(() => member.handler.news.has('a0'));
  });
});
