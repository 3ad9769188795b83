// Heartbeats go on whatever hooks and bodies do, and never outlive the session.
import { Errors, FindCoordinator, Heartbeat, JoinGroup, OffsetCommit, SyncGroup } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runAgainAfterStalls } from '../testing/stalls.ts';
import { Member, never, until } from './testing.ts';

runAgainAfterStalls();

let broker: TestBroker;

beforeEach(async () => {
  broker = await TestBroker.start({ brokers: 2, topics: { t: 2 }, autoCreateTopics: false });
  broker.moveCoordinator('g', 1);
});

afterEach(() => broker.close());

/** How often members have been heard of. */
function beats(): { count: number } {
  const seen = { count: 0 };
  broker.on(
    Heartbeat,
    () => {
      seen.count++;
      return 'pass';
    },
    { always: true },
  );
  return seen;
}

describe('heartbeats go on', () => {
  it('while onAssigned takes longer than the session, so that the member stays and the hook is called once', async () => {
    await using member = new Member(broker, { sessionTimeoutMs: 200 });
    let end = (): void => undefined;
    member.handler.onAssigned = () => new Promise((resolve) => (end = resolve));
    member.membership.start();
    await until(() => member.told.length > 0);
    const seen = beats();
    await until(() => seen.count > 30); // 600 ms
    end();
    await until(() => seen.count > 35);
    expect(member.told).toEqual(['assigned t0 t1']);
    expect(member.phases).toEqual(['joining', 'assigned']);
  });

  it('while a body or a hook is waited for at a revocation, longer than a session', async () => {
    await using member = await Member.joined(broker, { sessionTimeoutMs: 500 });
    const end = member.handler.work();
    await using other = new Member(broker, { id: 'b', sessionTimeoutMs: 500 });
    other.membership.start();
    await until(() => member.told.length > 1);
    const seen = beats();
    await until(() => seen.count > 30);
    expect(other.told).toEqual([]);
    end();
    await until(() => member.owned === 1 && other.owned === 1);
    expect(member.told).toEqual(['assigned t0 t1', 'revoked t0 t1', member.told[2]]);
  });

  it('when the coordinator loads or has moved, and the generation is kept', async () => {
    await using member = await Member.joined(broker);
    for (const errorCode of [
      Errors.COORDINATOR_LOAD_IN_PROGRESS,
      Errors.NOT_COORDINATOR,
      Errors.COORDINATOR_NOT_AVAILABLE,
    ]) {
      broker.on(Heartbeat, { errorCode });
    }
    const seen = beats();
    await until(() => seen.count > 3);
    expect(member.phases).toEqual(['joining', 'assigned']);
  });

  it('over another connection when theirs is cut', async () => {
    await using member = await Member.joined(broker);
    broker.on(Heartbeat, 'kill', { times: 2 });
    const seen = beats();
    await until(() => seen.count > 3);
    expect(member.phases).toEqual(['joining', 'assigned']);
  });
});

describe('a coordinator that takes long over commits', () => {
  it.each([250, 700])('keeps its members, and they are answered: %i ms, session 600 ms', async (delayMs) => {
    await using member = await Member.joined(broker, { sessionTimeoutMs: 600 });
    let asked = 0;
    broker.on(OffsetCommit, { delayMs }, { always: true, when: () => ++asked > 0 });
    const outcome = await member.committer().commit([{ topic: 't', partition: 0, offset: 1n }]);
    expect([outcome, member.phases]).toEqual([[null], ['joining', 'assigned']]);
    expect(asked).toBeLessThanOrEqual(3);
  });

  it('keeps its members also when nobody waits for the commits any more', async () => {
    await using member = await Member.joined(broker, { sessionTimeoutMs: 600 });
    broker.on(OffsetCommit, { delayMs: 150 }, { always: true });
    const committer = member.committer();
    for (let offset = 1; offset <= 30; offset++) {
      const late = committer.commit([{ topic: 't', partition: 0, offset: BigInt(offset) }], { timeoutMs: 50 });
      await expect(late).rejects.toMatchObject({ code: 'TIMEOUT' });
    }
    expect(member.phases).toEqual(['joining', 'assigned']);
    expect(broker.committed('g', 't', 0)).toBeGreaterThan(5n);
  });

  it('is asked again over another connection when theirs is dead', async () => {
    await using member = await Member.joined(broker, { sessionTimeoutMs: 600 });
    broker.on(OffsetCommit, 'swallow', { times: 1 });
    broker.on(Heartbeat, 'swallow', { times: 1 });
    const startedAt = performance.now();
    expect(await member.committer().commit([{ topic: 't', partition: 0, offset: 1n }])).toEqual([null]);
    expect(performance.now() - startedAt).toBeLessThan(500);
    expect(member.phases).toEqual(['joining', 'assigned']);
  });
});

describe('a coordinator whose answers', () => {
  const SESSION_MS = 1_000;
  it.each([
    ['to heartbeats', 0.4, [Heartbeat]],
    ['to heartbeats', 0.6, [Heartbeat]],
    ['to heartbeats and commits', 0.4, [Heartbeat, OffsetCommit]],
    ['to heartbeats and look-ups of the coordinator', 0.4, [Heartbeat, FindCoordinator]],
    ['to SyncGroup', 0.6, [SyncGroup]],
    ['to all of them', 0.4, [JoinGroup, SyncGroup, Heartbeat, OffsetCommit]],
  ])('%s take %d of a session keeps its member for six of them', async (_what, part, apis) => {
    await using member = new Member(broker, { sessionTimeoutMs: SESSION_MS, heartbeatIntervalMs: 200 });
    for (const api of apis) broker.on<unknown, unknown>(api, { delayMs: SESSION_MS * part }, { always: true });
    member.membership.start();
    await until(() => member.owned === 2);
    const committer = member.committer();
    const endsAt = performance.now() + 6 * SESSION_MS;
    for (let offset = 1n; performance.now() < endsAt; offset++) {
      const committed = committer.commit([{ topic: 't', partition: 0, offset }]);
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(await committed).toEqual([null]);
    }
    expect(member.phases).toEqual(['joining', 'assigned']);
    const opened = member.events.filter((event) => event.type === 'connection' && event.state === 'ready');
    expect(opened.length).toBeLessThan(16);
  });
});

it('a pause that the broker demands after a commit, longer than a third of the session, is kept, and nothing is lost', async () => {
  await using member = await Member.joined(broker, { sessionTimeoutMs: 900 });
  broker.on(OffsetCommit, { throttleMs: 400 }, { always: true });
  for (let offset = 1n; offset <= 6n; offset++) await member.committer().commit([{ topic: 't', partition: 0, offset }]);
  expect(member.phases).toEqual(['joining', 'assigned']);
  const connections = member.events.filter(({ type }) => type === 'connection');
  expect(connections).not.toContainEqual(expect.objectContaining({ state: 'closed' }));
});

it('the next heartbeat is due an interval after the last one left, however late its answer was read', async () => {
  await using member = await Member.joined(broker, { heartbeatIntervalMs: 200 });
  const arrivals: number[] = [];
  const note = (): boolean => arrivals.push(performance.now()) > 0;
  broker.on(Heartbeat, { delayMs: 180 }, { always: true, when: note });
  await until(() => arrivals.length > 5);
  const gaps = arrivals.slice(1).map((at, index) => at - (arrivals[index] ?? 0));
  expect(Math.min(...gaps)).toBeLessThan(300);
  expect(member.phases).toEqual(['joining', 'assigned']);
});

it('an answer to SyncGroup that is lost is asked for again before the session is over', async () => {
  await using member = new Member(broker, { sessionTimeoutMs: 900 });
  broker.on(SyncGroup, { handleThen: 'swallow' }, { times: 1 });
  const startedAt = performance.now();
  member.membership.start();
  await until(() => member.owned === 2);
  expect(performance.now() - startedAt).toBeLessThan(1_500);
  expect(member.phases).toEqual(['joining', 'assigned']);
});

describe('a heartbeat never outlives the session', () => {
  it('an unanswered one is given up after a third of it, and sent again over a new connection', async () => {
    await using member = await Member.joined(broker, { sessionTimeoutMs: 300 });
    broker.on(Heartbeat, 'swallow', { times: 1 });
    const seen = beats();
    const startedAt = performance.now();
    await until(() => seen.count > 1);
    expect(performance.now() - startedAt).toBeLessThan(250);
    expect(member.phases).toEqual(['joining', 'assigned']);
  });

  it('when nothing is answered for a whole session the partitions are lost at once, and the next coordinator is asked', async () => {
    await using member = await Member.joined(broker, { sessionTimeoutMs: 300 });
    const isOld = (_: unknown, { nodeId }: { nodeId: number }): boolean => nodeId === 1;
    broker.on(Heartbeat, 'swallow', { always: true, when: isOld });
    broker.on(JoinGroup, 'swallow', { always: true, when: isOld });
    const startedAt = performance.now();
    await until(() => member.told.length > 1);
    const lostAfterMs = performance.now() - startedAt;
    expect(member.told[1]).toBe('lost t0 t1');
    expect(lostAfterMs).toBeGreaterThan(250);
    expect(lostAfterMs).toBeLessThan(400);
    broker.moveCoordinator('g', 2);
    await until(() => member.owned === 2);
    // Within about one session: the look-up for another coordinator does not wait for the silent one.
    expect(performance.now() - startedAt).toBeLessThan(300 + 1_500);
  });

  it('a coordinator that has moved from a silent broker is found while the session lasts', async () => {
    await using member = await Member.joined(broker, { sessionTimeoutMs: 4_500 });
    broker.on(Heartbeat, 'swallow', { always: true, when: (_, { nodeId }) => nodeId === 1 });
    broker.on(FindCoordinator, 'swallow', { always: true, when: (_, { nodeId }) => nodeId === 1 });
    broker.moveCoordinator('g', 2);
    let isFound = false;
    broker.on(
      Heartbeat,
      () => {
        isFound = true;
        return 'pass';
      },
      { always: true, when: (_, { nodeId }) => nodeId === 2 },
    );
    await until(() => isFound);
    expect(member.phases).toEqual(['joining', 'assigned']);
  });

  it('an event loop that was blocked for longer than the session learns from the broker whether it is out', async () => {
    await using member = await Member.joined(broker, { sessionTimeoutMs: 200 });
    // The embedded broker lives in this event loop too: its timer for the session fires first, or the heartbeat arrives first.
    const until250 = performance.now() + 250;
    while (performance.now() < until250);
    const seen = beats();
    await until(() => seen.count > 1);
    const lost = member.told.filter((what) => what.startsWith('lost'));
    if (lost.length > 0)
      expect(member.events).toContainEqual(
        expect.objectContaining({ phase: 'lost', reason: expect.stringContaining('UNKNOWN_MEMBER_ID') }),
      );
    await until(() => member.owned === 2);
  });

  it('and nothing is handed out until it has: the handler is told before the broker is asked', async () => {
    await using member = await Member.joined(broker, { sessionTimeoutMs: 200 });
    broker.on(Heartbeat, 'swallow', { always: true });
    const until250 = performance.now() + 250;
    while (performance.now() < until250);
    await until(() => member.told.length > 1);
    expect(member.told).toEqual(['assigned t0 t1', 'doubted']);
  });
});

describe('out of the group', () => {
  it.each([
    [Errors.UNKNOWN_MEMBER_ID, 'another id'],
    [Errors.ILLEGAL_GENERATION, 'the same id'],
  ])(
    'by error %i of a heartbeat: the partitions are lost, and the member joins again under %s',
    async (errorCode, how) => {
      await using member = await Member.joined(broker, { sessionTimeoutMs: 300 });
      const [before] = broker.group('g')?.memberIds ?? [];
      const { identity } = member.membership;
      broker.on(Heartbeat, { errorCode });
      const ids: string[] = [];
      broker.on(JoinGroup, 'pass', { always: true, when: ({ memberId }) => ids.push(memberId) > 0 });
      await until(() => member.told.length === 3);
      expect(member.told).toEqual(['assigned t0 t1', 'lost t0 t1', 'assigned t0 t1']);
      expect(ids[0]).toBe(how === 'the same id' ? before : '');
      expect(member.membership.identity.generationId).toBeGreaterThan(identity.generationId);
    },
  );

  it('identity belongs to a generation only while there is one', async () => {
    await using member = new Member(broker);
    expect(member.membership.identity.isOut).toBe(true);
    member.membership.start();
    await until(() => member.owned === 2);
    expect(member.membership.identity).toMatchObject({ generationId: 1 });
    expect(member.membership.identity.isOut).toBeUndefined();
    let isOut: boolean | undefined;
    member.handler.onLost = () => {
      isOut = member.membership.identity.isOut;
    };
    broker.on(Heartbeat, { errorCode: Errors.UNKNOWN_MEMBER_ID });
    await until(() => isOut !== undefined);
    expect(isOut).toBe(true);
  });

  it('commits of a member in no generation are refused before they are sent', async () => {
    let asked = 0;
    broker.on(OffsetCommit, 'pass', { always: true, when: () => ++asked > 0 });
    await using member = new Member(broker);
    const [error] = await member.committer().commit([{ topic: 't', partition: 0, offset: 1n }]);
    expect(error).toMatchObject({ code: 'REBALANCE_IN_PROGRESS' });
    expect(asked).toBe(0);
  });
});

describe('a hook that hangs', () => {
  it('onLost does not keep the member out for longer than the rebalance timeout', async () => {
    await using member = await Member.joined(broker, { maxProcessingMs: 100 });
    member.handler.onLost = never;
    broker.on(Heartbeat, { errorCode: Errors.ILLEGAL_GENERATION });
    await until(() => member.told.length === 3);
    expect(member.told[2]).toBe('assigned t0 t1');
  });
});
