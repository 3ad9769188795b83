// Members join, leave, give back and take over; what a member may take for it is the rebalance timeout, no more and no less.
import { Errors, Heartbeat, JoinGroup, LeaveGroup, SyncGroup } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClosedError } from '../errors.ts';
import { gate, quiet } from '../testing/loop.ts';
import { runAgainAfterStalls } from '../testing/stalls.ts';
import { clock } from '../util/clock.ts';
import { HandlerCalls } from './handler-calls.ts';
import { Member, never, until, untilEnough } from './testing.ts';

runAgainAfterStalls();

let broker: TestBroker;

beforeEach(async () => {
  broker = await TestBroker.start({ topics: { t: 4, u: 2 }, autoCreateTopics: false });
});

afterEach(() => broker.close());

const members = (): readonly string[] => broker.group('g')?.memberIds ?? [];

/** Counts what the broker is asked. */
function counted(api: typeof JoinGroup | typeof LeaveGroup): { count: number } {
  const seen = { count: 0 };
  const note = (): boolean => ++seen.count < 0;
  if (api === JoinGroup) broker.on(JoinGroup, 'pass', { always: true, when: note });
  else broker.on(LeaveGroup, 'pass', { always: true, when: note });
  return seen;
}

describe('members of one client', () => {
  it('two of one group share its partitions, because their connections do not wait for each other', async () => {
    await using first = await Member.joined(broker);
    await using second = new Member(broker, { cluster: first.cluster });
    await using third = new Member(broker, { cluster: first.cluster });
    second.membership.start();
    third.membership.start();
    await until(() => first.owned + second.owned + third.owned === 4 && second.owned > 0 && third.owned > 0);
    await second.close();
    await until(() => first.owned + third.owned === 4);
    expect(members()).toHaveLength(2);
  });

  it('one that waits in a JoinGroup expels no member of another group', async () => {
    await using slow = await Member.joined(broker, { id: 'slow' });
    slow.handler.work();
    await using waiting = new Member(broker, { groupId: 'g' });
    waiting.membership.start();
    await until(() => slow.told.length === 2);
    await using other = await Member.joined(broker, {
      cluster: waiting.cluster,
      groupId: 'other',
      sessionTimeoutMs: 200,
    });
    let beats = 0;
    broker.on(Heartbeat, 'pass', { always: true, when: ({ groupId }) => groupId === 'other' && ++beats < 0 });
    await until(() => beats > 20); // two sessions
    expect(other.told).toEqual(['assigned t0 t1 t2 t3']);
    await waiting.close();
    await slow.close(100);
  });

  it('no partition has two owners, while members come and go', async () => {
    await using first = new Member(broker);
    const all = [first, ...Array.from({ length: 4 }, () => new Member(broker, { cluster: first.cluster }))];
    let clashes = 0;
    const ownedTwice = (): boolean => {
      const owned = all.flatMap(({ handler }) => [...handler.owned]);
      return new Set(owned).size < owned.length;
    };
    for (const member of all) {
      member.handler.onAssigned = () => {
        if (ownedTwice()) clashes++;
      };
    }
    for (const member of all) {
      member.membership.start();
      await until(() => member.told.length > 0);
    }
    for (const member of all.slice(1)) await member.close();
    await until(() => first.owned === 4);
    expect(clashes).toBe(0);
  });
});

describe('giving partitions back', () => {
  it('may take as long as the rebalance timeout, not a part of the session', async () => {
    await using slow = await Member.joined(broker, { sessionTimeoutMs: 150, maxProcessingMs: 60_000 });
    const end = slow.handler.work();
    await using other = new Member(broker, { id: 'b' });
    other.membership.start();
    await until(() => slow.told.length === 2);
    let beats = 0;
    broker.on(Heartbeat, 'pass', { always: true, when: () => ++beats < 0 });
    await until(() => beats > 20); // nearly three sessions
    expect([slow.told, other.told]).toEqual([['assigned t0 t1 t2 t3', 'revoked t0 t1 t2 t3'], []]);
    end();
    await until(() => slow.owned === 2 && other.owned === 2);
  });

  it.each([['a body'], ['an onRevoked hook']])(
    'that takes longer, for %s that hangs, makes the member leave once',
    async (what) => {
      await using slow = await Member.joined(broker, { maxProcessingMs: 300 });
      const leaves = counted(LeaveGroup);
      if (what === 'a body') slow.handler.work();
      else slow.handler.onRevoked = never;
      broker.on(Heartbeat, { errorCode: Errors.REBALANCE_IN_PROGRESS });
      await until(() => slow.phases.includes('left'));
      expect(slow.told.slice(1)).toEqual(['revoked t0 t1 t2 t3']);
      expect(leaves.count).toBe(1);
    },
  );

  it('that does not end even then, is not waited for: the partitions are lost', async () => {
    await using slow = await Member.joined(broker, { maxProcessingMs: 300 });
    slow.handler.revoked = never;
    broker.on(Heartbeat, { errorCode: Errors.REBALANCE_IN_PROGRESS });
    await until(() => slow.phases.includes('left'));
    expect([slow.told.slice(1), slow.phases.includes('lost')]).toEqual([['lost t0 t1 t2 t3'], true]);
  });

  it('is counted from the last heartbeat that knew of no rebalance: we step out before the broker throws us out', async () => {
    const times = { heartbeatIntervalMs: 300, maxProcessingMs: 1_000 };
    await using slow = await Member.joined(broker, times);
    slow.handler.onRevoked = never;
    let beats = 0;
    broker.on(Heartbeat, 'pass', { always: true, when: () => ++beats < 0 });
    await until(() => beats === 1);
    await using other = new Member(broker, { id: 'b', ...times });
    other.membership.start();
    await until(() => slow.phases.includes('left'));
    const left = slow.events.find((event) => event.type === 'rebalance' && event.phase === 'left');
    expect(left).toMatchObject({ reason: expect.stringContaining('maxProcessingMs') });
  });

  it('is counted so also when we noticed changed topics, and began to give back, before we heard of it', async () => {
    const times = { heartbeatIntervalMs: 600, maxProcessingMs: 1_000 };
    const begunAt = performance.now();
    await using slow = await Member.joined(broker, times);
    slow.handler.onRevoked = never;
    await using other = new Member(broker, { id: 'b', ...times });
    other.membership.start();
    await until(() => performance.now() - begunAt > 300);
    broker.growTopic('t', 5);
    await slow.cluster.freshMetadata(['t']);
    await until(() => slow.told.length > 1);
    await until(() => slow.phases.includes('left'));
    expect(performance.now() - begunAt).toBeLessThan(1_050);
  });

  it('joins again only when the body has ended (CLI-061)', async () => {
    await using slow = await Member.joined(broker, { maxProcessingMs: 100 });
    const [leaves, joins] = [counted(LeaveGroup), counted(JoinGroup)];
    const end = slow.handler.work();
    await until(() => slow.phases.includes('left'));
    expect([slow.told.at(-1), members()]).toEqual(['revoked t0 t1 t2 t3', []]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect([leaves.count, joins.count]).toEqual([1, 0]);
    end();
    await until(() => slow.owned === 4);
    expect(leaves.count).toBe(1);
  });

  it('a static member over the limit does not leave: its session ends by itself (KIP-345)', async () => {
    await using slow = await Member.joined(broker, { maxProcessingMs: 100, groupInstanceId: 'one' });
    const leaves = counted(LeaveGroup);
    const end = slow.handler.work();
    await until(() => slow.told.length === 2);
    expect([slow.told[1], leaves.count]).toEqual(['revoked t0 t1 t2 t3', 0]);
    end();
    await until(() => slow.owned === 4);
    expect(leaves.count).toBe(0);
  });

  it('a rebalance heard of in the middle of onAssigned waits for that to end', async () => {
    await using member = new Member(broker);
    let end = (): void => undefined;
    member.handler.onAssigned = () => new Promise((resolve) => (end = resolve));
    member.membership.start();
    await until(() => member.told.length === 1);
    let beats = 0;
    broker.on(Heartbeat, { errorCode: Errors.REBALANCE_IN_PROGRESS }, { times: 3, when: () => ++beats > 0 });
    await until(() => beats >= 3);
    expect(member.told).toEqual(['assigned t0 t1 t2 t3']);
    member.handler.onAssigned = () => undefined;
    end();
    await until(() => member.told.length === 3);
    expect(member.told.slice(1)).toEqual(['revoked t0 t1 t2 t3', 'assigned t0 t1 t2 t3']);
  });

  it('and not for longer than the limit: then the member steps out', async () => {
    await using member = new Member(broker, { maxProcessingMs: 200 });
    member.handler.onAssigned = (_, enough) => untilEnough(enough);
    member.membership.start();
    await until(() => member.told.length === 2);
    expect(member.told).toEqual(['assigned t0 t1 t2 t3', 'revoked t0 t1 t2 t3']);
    member.handler.onAssigned = () => undefined;
    await until(() => member.phases.includes('left'));
    await until(() => member.owned === 4);
  });

  it('being thrown out in the middle of it ends it at once, and the partitions are lost', async () => {
    await using member = await Member.joined(broker);
    member.handler.work();
    broker.on(Heartbeat, { errorCode: Errors.REBALANCE_IN_PROGRESS });
    await until(() => member.told.length === 2);
    broker.expireMember('g', members()[0] ?? '');
    const startedAt = performance.now();
    await until(() => member.told.length === 3);
    expect(performance.now() - startedAt).toBeLessThan(500);
    expect(member.told[2]).toBe('lost t0 t1 t2 t3');
  });
});

describe('joining', () => {
  it.each([
    ['JoinGroup', 14],
    ['JoinGroup', 15],
    ['JoinGroup', 16],
    ['JoinGroup', 25],
    ['SyncGroup', 14],
    ['SyncGroup', 16],
    ['SyncGroup', 22],
    ['SyncGroup', 27],
  ])('goes on after %s was answered with error %i', async (api, errorCode) => {
    if (api === 'JoinGroup') broker.on(JoinGroup, { errorCode }, { times: 2 });
    else broker.on(SyncGroup, { errorCode }, { times: 2 });
    await using member = await Member.joined(broker);
    expect(member.told).toEqual(['assigned t0 t1 t2 t3']);
    expect(member.handler.fatal).toEqual([]);
  });

  it.each(['JoinGroup', 'SyncGroup'])('goes on after the connection was cut in a %s', async (api) => {
    if (api === 'JoinGroup') broker.on(JoinGroup, 'kill', { times: 2 });
    else broker.on(SyncGroup, 'kill');
    await using member = await Member.joined(broker, { sessionTimeoutMs: 200 });
    await until(() => member.owned === 4);
  });

  it.each([
    [Errors.GROUP_MAX_SIZE_REACHED, /group\.max\.size/],
    [Errors.INCONSISTENT_GROUP_PROTOCOL, /assignors/],
    [Errors.INVALID_SESSION_TIMEOUT, /sessionTimeoutMs/],
    [Errors.GROUP_AUTHORIZATION_FAILED, /group g/],
  ])('error %i is fatal, and says what to do', async (errorCode, words) => {
    broker.on(JoinGroup, { errorCode });
    await using member = new Member(broker);
    member.membership.start();
    await until(() => member.handler.fatal.length > 0);
    expect(member.handler.fatal[0]).toMatchObject({ errorCode });
    expect(member.handler.fatal[0]?.message).toMatch(words);
  });

  it('another member with the same static id is fatal for the older one', async () => {
    await using first = await Member.joined(broker, { groupInstanceId: 'one' });
    await using second = await Member.joined(broker, { groupInstanceId: 'one', id: 'b' });
    await until(() => first.handler.fatal.length > 0);
    expect(first.handler.fatal).toMatchObject([{ code: 'FENCED' }]);
    expect([first.told.at(-1), second.owned]).toEqual(['lost t0 t1 t2 t3', 4]);
  });

  it('what is fatal is told at once, and once, also while an onLost hook hangs', async () => {
    await using first = await Member.joined(broker, { groupInstanceId: 'one' });
    first.handler.onLost = never;
    await using _second = await Member.joined(broker, { groupInstanceId: 'one', id: 'b' });
    await until(() => first.handler.fatal.length > 0);
    await first.close(100);
    expect(first.handler.fatal).toMatchObject([{ code: 'FENCED' }]);
  });

  it('waits for user code of a generation before, and says so after ten seconds', async () => {
    const warnings: string[] = [];
    const logger = { ...quiet, warn: (text: string) => void warnings.push(text) };
    const { setTimer } = clock;
    const spy = vi.spyOn(clock, 'setTimer').mockImplementation((callback, ms) => setTimer(callback, ms / 1_000));
    const calls = new HandlerCalls({ rebalanceTimeoutMs: 300_000, logger, time: () => null, ending: () => null });
    const { opened, open } = gate();
    const waiting = calls.ended(opened, new AbortController().signal);
    expect(spy.mock.lastCall?.[1]).toBe(10_000);
    await until(() => warnings.length > 0);
    expect(warnings).toEqual([expect.stringContaining('its hooks have ended')]);
    open();
    await waiting;
    spy.mockRestore();
  });

  it('leaves a coordinator that goes silent in the middle of it for the one that has taken over', async () => {
    await broker.close();
    broker = await TestBroker.start({ brokers: 2, topics: { t: 2 } });
    broker.moveCoordinator('g', 1);
    broker.on(JoinGroup, 'swallow', { always: true, when: (_, { nodeId }) => nodeId === 1 });
    await using member = new Member(broker, { sessionTimeoutMs: 3_000 });
    member.membership.start();
    let isAsked = false;
    broker.on(JoinGroup, 'pass', { always: true, when: () => (isAsked = true) });
    await until(() => member.phases.includes('joining'));
    broker.moveCoordinator('g', 2);
    await until(() => member.owned === 2);
    expect(isAsked).toBe(true);
  });

  it('a hook that throws is fatal, and what was assigned goes back', async () => {
    await using member = new Member(broker);
    member.handler.onAssigned = () => Promise.reject(new ClosedError('the hook'));
    member.membership.start();
    await until(() => member.handler.fatal.length > 0);
    expect(member.handler.fatal).toMatchObject([{ code: 'CLOSED' }]);
    await until(() => members().length === 0);
    expect(member.told).toEqual(['assigned t0 t1 t2 t3', 'revoked t0 t1 t2 t3']);
  });
});
