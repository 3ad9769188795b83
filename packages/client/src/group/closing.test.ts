// A member can be closed in every state, ends by its deadline, and leaves nobody behind.
import { Errors, FindCoordinator, Heartbeat, JoinGroup, LeaveGroup, Metadata, SyncGroup } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TimerWatch } from '../network/timer-watch.ts';
import { runAgainAfterStalls } from '../testing/stalls.ts';
import { Deadline } from '../util/timers.ts';
import { Member, never, until, untilEnough } from './testing.ts';

runAgainAfterStalls();

const CLOSE_MS = 400;
/** What a close may take beyond its deadline. */
const OVERRUN_MS = 100;

let broker: TestBroker;
let timers: TimerWatch;

beforeEach(async () => {
  timers = new TimerWatch();
  broker = await TestBroker.start({ topics: { t: 2 }, autoCreateTopics: false });
});

afterEach(async () => {
  // Members and their clients are closed by now.
  expect(timers.open).toEqual([]);
  timers[Symbol.dispose]();
  await broker.close();
});

const members = (): readonly string[] => broker.group('g')?.memberIds ?? [];

/** Brings a member into a state, from which it is closed. */
interface Scene {
  readonly state: string;
  /** Does LeaveGroup reach the broker? */
  readonly leaves: boolean;
  /** It need not wait until its deadline. */
  readonly isQuick: boolean;
  set(member: Member): Promise<void>;
}

function seen(api: typeof JoinGroup | typeof SyncGroup | typeof Metadata | typeof FindCoordinator | typeof Heartbeat) {
  let count = 0;
  const note = (): boolean => ++count < 0;
  if (api === JoinGroup) broker.on(JoinGroup, 'pass', { always: true, when: note });
  if (api === SyncGroup) broker.on(SyncGroup, 'pass', { always: true, when: note });
  if (api === Metadata) broker.on(Metadata, 'pass', { always: true, when: note });
  if (api === FindCoordinator) broker.on(FindCoordinator, 'pass', { always: true, when: note });
  if (api === Heartbeat) broker.on(Heartbeat, 'pass', { always: true, when: note });
  return (times: number): Promise<void> => until(() => count >= times);
}

const owning = async (member: Member): Promise<void> => {
  member.membership.start();
  await until(() => member.owned === 2);
};

const SCENES: readonly Scene[] = [
  { state: 'not started', leaves: false, isQuick: true, set: () => Promise.resolve() },
  {
    state: 'just started',
    leaves: false,
    isQuick: true,
    set: (member) => Promise.resolve(member.membership.start()),
  },
  {
    state: 'looking for its topics at a broker that is silent',
    leaves: false,
    isQuick: true,
    set: async (member) => {
      const asked = seen(Metadata);
      broker.on(Metadata, 'swallow', { always: true });
      member.membership.start();
      await asked(1);
    },
  },
  {
    state: 'finding the coordinator at a broker that is silent',
    leaves: false,
    isQuick: true,
    set: async (member) => {
      const asked = seen(FindCoordinator);
      broker.on(FindCoordinator, 'swallow', { always: true });
      member.membership.start();
      await asked(1);
    },
  },
  {
    state: 'finding no coordinator',
    leaves: false,
    isQuick: true,
    set: async (member) => {
      const asked = seen(FindCoordinator);
      broker.on(FindCoordinator, { errorCode: Errors.COORDINATOR_NOT_AVAILABLE }, { always: true });
      member.membership.start();
      await asked(2);
    },
  },
  {
    state: 'in the first JoinGroup, which is answered late',
    leaves: true,
    isQuick: false,
    set: async (member) => {
      const asked = seen(JoinGroup);
      broker.on(JoinGroup, { delayMs: 100 });
      member.membership.start();
      await asked(1);
    },
  },
  {
    state: 'in the first JoinGroup, which is never answered',
    leaves: false,
    isQuick: false,
    set: async (member) => {
      const asked = seen(JoinGroup);
      broker.on(JoinGroup, 'swallow', { always: true });
      member.membership.start();
      await asked(1);
    },
  },
  {
    state: 'in the second JoinGroup, with its id, which is never answered',
    leaves: true,
    isQuick: true,
    set: async (member) => {
      const asked = seen(JoinGroup);
      broker.on(JoinGroup, 'swallow', { always: true, when: ({ memberId }) => memberId !== '' });
      member.membership.start();
      await asked(2);
    },
  },
  {
    state: 'in SyncGroup, which is never answered',
    leaves: true,
    isQuick: true,
    set: async (member) => {
      const asked = seen(SyncGroup);
      broker.on(SyncGroup, 'swallow', { always: true });
      member.membership.start();
      await asked(1);
    },
  },
  { state: 'owning partitions', leaves: true, isQuick: true, set: owning },
  {
    state: 'in an onAssigned hook that hangs',
    leaves: true,
    isQuick: false,
    set: async (member) => {
      member.handler.onAssigned = (_, enough) => untilEnough(enough);
      await owning(member);
    },
  },
  {
    state: 'in an assigned() that does not even end when told that it is enough',
    leaves: true,
    isQuick: false,
    set: async (member) => {
      member.handler.onAssigned = never;
      await owning(member);
    },
  },
  {
    state: 'owning partitions, with a body that hangs',
    leaves: true,
    isQuick: false,
    set: async (member) => {
      await owning(member);
      member.handler.work();
    },
  },
  {
    state: 'owning partitions, with an onRevoked hook that hangs',
    leaves: true,
    isQuick: false,
    set: async (member) => {
      member.handler.onRevoked = never;
      await owning(member);
    },
  },
  {
    state: 'revoking for a rebalance, with a body that hangs',
    leaves: true,
    isQuick: false,
    set: async (member) => {
      await owning(member);
      member.handler.work();
      broker.on(Heartbeat, { errorCode: Errors.REBALANCE_IN_PROGRESS });
      await until(() => member.told.length > 1);
    },
  },
  {
    state: 'in an onLost hook that hangs',
    leaves: true,
    isQuick: false,
    set: async (member) => {
      member.handler.onLost = never;
      await owning(member);
      broker.on(Heartbeat, { errorCode: Errors.ILLEGAL_GENERATION });
      await until(() => member.told.length > 1);
    },
  },
  {
    state: 'owning partitions, with heartbeats that are never answered',
    leaves: true,
    isQuick: true,
    set: async (member) => {
      await owning(member);
      const asked = seen(Heartbeat);
      broker.on(Heartbeat, 'swallow', { always: true });
      await asked(1);
    },
  },
  {
    state: 'owning partitions, throttled for ten seconds',
    leaves: true,
    isQuick: false,
    set: async (member) => {
      await owning(member);
      broker.on(Heartbeat, { throttleMs: 10_000 });
      await until(() => member.events.some(({ type }) => type === 'throttle'));
    },
  },
  {
    state: 'owning partitions, with a LeaveGroup that is refused twice',
    leaves: true,
    isQuick: true,
    set: async (member) => {
      await owning(member);
      broker.on(LeaveGroup, { errorCode: Errors.NOT_COORDINATOR }, { times: 2 });
    },
  },
  {
    state: 'owning partitions, with a LeaveGroup whose connection is cut',
    leaves: true,
    isQuick: true,
    set: async (member) => {
      await owning(member);
      broker.on(LeaveGroup, 'kill');
    },
  },
  {
    state: 'owning partitions, with a LeaveGroup that is never answered',
    leaves: false,
    isQuick: false,
    set: async (member) => {
      await owning(member);
      broker.on(LeaveGroup, 'swallow', { always: true });
    },
  },
  {
    state: 'owning partitions, with the broker gone',
    leaves: false,
    isQuick: false,
    set: async (member) => {
      await owning(member);
      await broker.stop();
    },
  },
];

describe.each(SCENES)('closed while $state', (scene) => {
  it('it ends by its deadline, gives back what was its own, and is no member any more', async () => {
    await using member = new Member(broker, { maxProcessingMs: 60_000 });
    await scene.set(member);
    const owned = member.owned;
    const joins = { count: 0 };
    broker.on(JoinGroup, 'pass', { always: true, when: () => ++joins.count < 0 });
    const ms = await member.close(CLOSE_MS);
    worst.set(scene.state, ms - CLOSE_MS);
    expect(ms).toBeLessThan(CLOSE_MS + OVERRUN_MS);
    if (scene.isQuick) expect(ms).toBeLessThan(CLOSE_MS / 2);
    expect(member.owned).toBe(0);
    if (owned > 0) expect(member.told.filter((what) => what.startsWith('revoked'))).toEqual(['revoked t0 t1']);
    if (scene.leaves) expect([members(), member.phases.at(-1)]).toEqual([[], 'left']);
    // No timer of the membership starts anything later.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(joins.count).toBe(0);
    expect(member.handler.fatal).toEqual([]);
  });

  it('with a deadline of 0 it ends at once', async () => {
    await using member = new Member(broker, { maxProcessingMs: 60_000 });
    await scene.set(member);
    expect(await member.close(0)).toBeLessThan(OVERRUN_MS);
  });
});

/** By state, how long beyond its deadline. Negative: before it. */
const worst = new Map<string, number>();

describe('closing', () => {
  it('within 100 ms of the deadline in every state above', () => {
    if (process.env.HOP_SHOW)
      console.log([...worst].map(([state, ms]) => `${ms.toFixed(0).padStart(5)} ms  ${state}`).join('\n'));
    expect(Math.max(...worst.values())).toBeLessThan(OVERRUN_MS);
  });

  it('before start is for good: nothing is started later', async () => {
    await using member = new Member(broker);
    await member.close();
    member.membership.start();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([member.told, members()]).toEqual([[], []]);
  });

  it('twice at the same time is once, and each call keeps its own deadline', async () => {
    await using member = await Member.joined(broker);
    member.handler.onRevoked = (_, enough) => untilEnough(enough);
    const [first, second] = [new Deadline(600), new Deadline(100)];
    const firstClosed = member.membership.close(first);
    await member.membership.close(second);
    expect(second.elapsedMs).toBeLessThan(100 + OVERRUN_MS);
    await firstClosed;
    expect(first.elapsedMs).toBeLessThan(600 + OVERRUN_MS);
    expect([member.told, members()]).toEqual([['assigned t0 t1', 'revoked t0 t1'], []]);
  });

  it('awaited inside a hook ends before its deadline, with the partitions given back', async () => {
    await using member = new Member(broker);
    let closed: Promise<void> | null = null;
    member.handler.onAssigned = (_, enough) => {
      closed = member.membership.close(new Deadline(CLOSE_MS));
      return Promise.race([closed, untilEnough(enough)]);
    };
    member.membership.start();
    const startedAt = performance.now();
    await until(() => closed !== null);
    await closed;
    expect(performance.now() - startedAt).toBeLessThan(CLOSE_MS + OVERRUN_MS);
    expect([member.told, members()]).toEqual([['assigned t0 t1', 'revoked t0 t1'], []]);
  });

  it('in an onAssigned hook that hangs leaves onRevoked its time', async () => {
    await using member = new Member(broker);
    member.handler.onAssigned = (_, enough) => untilEnough(enough);
    let wasEnough: boolean | null = null;
    member.handler.onRevoked = (_, enough) => {
      wasEnough = enough.aborted;
    };
    await owning(member);
    await member.close(CLOSE_MS);
    expect(wasEnough).toBe(false);
  });

  it('keeps time for the last commit when a hook takes all of the rest', async () => {
    await using member = await Member.joined(broker);
    let wasAskedToCommitAt = 0;
    const startedAt = performance.now();
    member.handler.onRevoked = async (_, enough) => {
      await untilEnough(enough);
      wasAskedToCommitAt = performance.now() - startedAt;
    };
    await member.close(1_000);
    expect(wasAskedToCommitAt).toBeGreaterThan(700);
    expect(wasAskedToCommitAt).toBeLessThan(850);
  });

  it('leaves also when onRevoked throws', async () => {
    await using member = await Member.joined(broker);
    member.handler.onRevoked = () => Promise.reject(new RangeError('mine'));
    await member.close();
    expect([members(), member.phases.at(-1)]).toEqual([[], 'left']);
    expect(member.logged.join()).toContain('given back');
  });

  it('tells of the loss instead when the member has just been thrown out', async () => {
    await using member = await Member.joined(broker);
    const end = member.handler.work();
    member.handler.onLost = (_, enough) => untilEnough(enough);
    broker.on(Heartbeat, { errorCode: Errors.REBALANCE_IN_PROGRESS });
    await until(() => member.told.length === 2);
    broker.on(Heartbeat, { errorCode: Errors.ILLEGAL_GENERATION });
    const closed = member.close(1_000);
    await until(() => member.told.length === 3);
    end();
    await closed;
    expect(member.told).toEqual(['assigned t0 t1', 'revoked t0 t1', 'lost t0 t1']);
    expect(members()).toEqual([]);
  });

  it('a static member gives its partitions back, and stays in the group (KIP-345)', async () => {
    let count = 0;
    broker.on(LeaveGroup, 'pass', { always: true, when: () => ++count < 0 });
    await using member = await Member.joined(broker, { groupInstanceId: 'one' });
    await member.close();
    expect([member.told, members().length, count]).toEqual([['assigned t0 t1', 'revoked t0 t1'], 1, 0]);
  });

  it('a reader without a group is told that its partitions go, also when that hangs', async () => {
    await using member = await Member.joined(broker, { groupId: undefined });
    member.handler.onRevoked = never;
    const ms = await member.close(CLOSE_MS);
    expect(ms).toBeLessThan(CLOSE_MS + OVERRUN_MS);
    expect(member.told).toEqual(['assigned t0 t1', 'revoked t0 t1']);
  });

  it('after a fatal error finds the member gone already', async () => {
    await using member = await Member.joined(broker);
    broker.on(Heartbeat, { errorCode: Errors.GROUP_AUTHORIZATION_FAILED });
    await until(() => member.handler.fatal.length > 0);
    expect(member.handler.fatal).toMatchObject([{ code: 'GROUP_AUTHORIZATION_FAILED' }]);
    await until(() => member.phases.includes('left'));
    expect(members()).toEqual([]);
    expect(await member.close(CLOSE_MS)).toBeLessThan(50);
  });
});

describe('a second close', () => {
  it('with less time brings the end of a hanging hook forward, and the group is left', async () => {
    await using member = new Member(broker);
    member.handler.onAssigned = never;
    member.membership.start();
    await until(() => member.told.length > 0);
    const closed = member.close(30_000);
    const ms = await member.close(300);
    await closed;
    expect([ms < 400, members()]).toEqual([true, []]);
  });

  it('while the group waits ends with its time: what is ours is given up before others have it', async () => {
    const times = { maxProcessingMs: 600, sessionTimeoutMs: 10_000 };
    await using member = await Member.joined(broker, times);
    // A last commit that nobody answers.
    member.handler.revoked = never;
    await using other = new Member(broker, { ...times, id: 'b' });
    other.membership.start();
    await until(() => broker.group('g')?.state === 'PreparingRebalance');
    expect(await member.close(10_000)).toBeLessThan(5_000);
    expect(member.phases.slice(-2)).toEqual(['lost', 'left']);
    expect(member.owned).toBe(0);
  });
});
