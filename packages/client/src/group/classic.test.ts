// Groups of several consumers against the embedded broker: nothing is lost, whoever comes, goes or dies.
import { Fetch, Heartbeat, JoinGroup, OffsetCommit } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Consumer } from '../consumer/consumer.ts';
import type { KafkaEvent } from '../events.ts';
import { createClient, type Kafka } from '../kafka.ts';
import type { ConsumerOptions } from '../options.ts';

const PARTITIONS = 6;

let broker: TestBroker;
let clients: Kafka[];
let events: KafkaEvent[][];

beforeEach(async () => {
  broker = await TestBroker.start({ topics: { orders: PARTITIONS }, autoCreateTopics: false });
  clients = [];
  events = [];
});

afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await broker.close();
});

function newClient(): Kafka {
  const seen: KafkaEvent[] = [];
  const client = createClient({
    brokers: broker.bootstrap,
    clientId: `client-${clients.length}`,
    retryBackoffMs: 10,
    retryBackoffMaxMs: 100,
    onEvent: (event) => seen.push(event),
  });
  events.push(seen);
  clients.push(client);
  return client;
}

const common = {
  groupId: 'g',
  topics: ['orders'],
  startAt: 'earliest',
  heartbeatIntervalMs: 20,
  sessionTimeoutMs: 1_000,
} as const;

function member(options: ConsumerOptions = {}): Consumer {
  return newClient().consumer({ ...common, ...options });
}

function memberIdOf(client: number): string {
  const joined = events[client]?.findLast((event) => event.type === 'rebalance' && event.phase === 'assigned');
  return joined?.type === 'rebalance' ? joined.memberId : '';
}

function fill(count: number, from = 0): void {
  for (let i = from; i < from + count; i++) broker.append('orders', [{ value: String(i) }], i % PARTITIONS);
}

/** Resolves when the condition holds; asked whenever something was handled. */
class Tally {
  readonly values: string[] = [];
  #waiting: { holds: () => boolean; resolve: () => void }[] = [];

  note(value: string): void {
    this.values.push(value);
    this.check();
  }

  check(): void {
    for (const { holds, resolve } of this.#waiting) if (holds()) resolve();
    this.#waiting = this.#waiting.filter(({ holds }) => !holds());
  }

  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ holds, resolve });
      this.check();
    });
  }

  seen(count: number): Promise<void> {
    return this.until(() => new Set(this.values).size >= count);
  }
}

async function handle(consumer: Consumer, tally: Tally): Promise<void> {
  for await (const record of consumer) tally.note(record.text() ?? '');
}

/** Resolves when the members have so many partitions each. */
async function shares(members: Consumer[], expected: number[]): Promise<void> {
  const now = (): number[] => members.map((one) => one.assignment().length);
  while (JSON.stringify(now()) !== JSON.stringify(expected)) await new Promise((resolve) => setImmediate(resolve));
}

function committedOffsets(): bigint {
  let sum = 0n;
  for (let p = 0; p < PARTITIONS; p++) sum += broker.committed('g', 'orders', p) ?? 0n;
  return sum;
}

describe('a classic group', () => {
  it('one member gets everything, and commits what it has done when it is closed', async () => {
    fill(60);
    const consumer = member();
    const tally = new Tally();
    const running = handle(consumer, tally);
    await tally.seen(60);
    await consumer.close();
    await running;
    expect(tally.values).toHaveLength(60);
    expect(committedOffsets()).toBe(60n);
    expect(broker.group('g')?.memberIds).toEqual([]);
  });

  it('three members share the partitions, as members join and leave, and every record is handled', async () => {
    const tally = new Tally();
    const members = [member(), member(), member()];
    const [first, second, third] = members as [Consumer, Consumer, Consumer];
    fill(60);
    const loops = [handle(first, tally)];
    await tally.seen(60);
    loops.push(handle(second, tally), handle(third, tally));
    await shares(members, [2, 2, 2]);
    fill(60, 60);
    await tally.seen(120);
    await third.close();
    await shares([first, second], [3, 3]);
    fill(60, 120);
    await tally.seen(180);
    await second.close();
    await shares([first], [6]);
    fill(60, 180);
    await tally.seen(240);
    await first.close();
    await Promise.all(loops);
    expect(new Set(tally.values).size).toBe(240);
  });

  it('the partitions of a killed member are taken over, and what it had not committed is handled again', async () => {
    const tally = new Tally();
    const survivor = member();
    const victim = member({ commit: 'manual' });
    const victimsTally = new Tally();
    const loops = [handle(survivor, tally), handle(victim, victimsTally)];
    await shares([survivor, victim], [3, 3]);
    fill(60);
    await Promise.all([tally.seen(30), victimsTally.seen(30)]);
    const victimId = memberIdOf(1);
    // Killed: nothing of it is answered any more, and the broker ends its session.
    const isVictim = (_: unknown, { clientId }: { clientId: string | null }): boolean => clientId === 'client-1';
    broker.on(Fetch, 'swallow', { always: true, when: isVictim });
    broker.on(Heartbeat, 'swallow', { always: true, when: isVictim });
    broker.on(JoinGroup, 'swallow', { always: true, when: isVictim });
    broker.expireMember('g', victimId);
    await tally.seen(60);
    expect(survivor.assignment()).toHaveLength(PARTITIONS);
    await Promise.all([survivor.close(), victim.close({ timeoutMs: 100 })]);
    await Promise.all(loops);
    expect(committedOffsets()).toBe(60n);
  });

  it('a member whose session ended joins again and repeats nothing it has done', async () => {
    const tally = new Tally();
    const consumer = member({ commitIntervalMs: 600_000 });
    const loop = handle(consumer, tally);
    fill(30);
    await tally.seen(30);
    const [memberId] = broker.group('g')?.memberIds ?? [];
    broker.expireMember('g', memberId ?? '');
    await shares([consumer], [0]);
    await shares([consumer], [PARTITIONS]);
    fill(30, 30);
    await tally.seen(60);
    await consumer.close();
    await loop;
    // At most the record that was in hand comes again.
    expect(tally.values.length).toBeLessThanOrEqual(61);
  });

  it('commits are made in the background', async () => {
    fill(12);
    const tally = new Tally();
    const consumer = member({ commitIntervalMs: 20 });
    const loop = handle(consumer, tally);
    await tally.seen(12);
    while (committedOffsets() < 12n) await new Promise((resolve) => setImmediate(resolve));
    await consumer.close();
    await loop;
  });

  it('heartbeats go on while the body of the loop runs, and a rebalance waits for it, but not for ever', async () => {
    fill(12);
    const slow = member({ sessionTimeoutMs: 200, maxProcessingMs: 700 });
    let release = (): void => undefined;
    const blocked = new Promise<void>((resolve) => {
      release = resolve;
    });
    let signal: AbortSignal | undefined;
    const loop = (async () => {
      for await (const record of slow) {
        signal ??= record.signal;
        await blocked;
      }
    })();
    while (!signal) await new Promise((resolve) => setImmediate(resolve));
    const tally = new Tally();
    const other = member();
    const otherLoop = handle(other, tally);
    await shares([slow, other], [0, 6]);
    expect(signal.aborted).toBe(true);
    release();
    await shares([slow, other], [3, 3]);
    await slow.close();
    await tally.seen(12);
    await other.close();
    await Promise.all([loop, otherLoop]);
  });

  it('a body over maxProcessingMs makes the member leave once, and come back when it has ended (CLI-061)', async () => {
    fill(6);
    let release = (): void => undefined;
    const blocked = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = member({ maxProcessingMs: 50 });
    const tally = new Tally();
    const loop = (async () => {
      for await (const record of slow) {
        if (tally.values.length === 0) await blocked;
        tally.note(record.text() ?? '');
      }
    })();
    const left = (): number => (events[0] ?? []).filter((e) => e.type === 'rebalance' && e.phase === 'left').length;
    while (left() === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(broker.group('g')?.memberIds).toEqual([]);
    release();
    await tally.seen(6);
    expect(left()).toBe(1);
    await slow.close();
    await loop;
  });

  it('a coordinator that moves is found again', async () => {
    await broker.close();
    broker = await TestBroker.start({ brokers: 2, topics: { orders: PARTITIONS } });
    const tally = new Tally();
    const consumer = member({ commitIntervalMs: 20 });
    const loop = handle(consumer, tally);
    fill(12);
    await tally.seen(12);
    broker.moveCoordinator('g', 1 - broker.coordinatorOf('g'));
    fill(12, 12);
    await tally.seen(24);
    while (committedOffsets() < 24n) await new Promise((resolve) => setImmediate(resolve));
    await consumer.close();
    await loop;
  });

  it('a broker that restarts costs nothing, and committed offsets never move back', async () => {
    const tally = new Tally();
    const consumer = member({ commitIntervalMs: 10 });
    const loop = handle(consumer, tally);
    fill(30);
    await tally.seen(30);
    await broker.stop();
    await broker.restart();
    fill(30, 30);
    await tally.seen(60);
    while (committedOffsets() < 60n) await new Promise((resolve) => setImmediate(resolve));
    await consumer.close();
    await loop;
  });

  it('a topic that is created later is joined for', async () => {
    const consumer = member({ topics: ['orders', 'later'] });
    const tally = new Tally();
    const loop = handle(consumer, tally);
    await shares([consumer], [PARTITIONS]);
    broker.createTopic('later', 2);
    await shares([consumer], [PARTITIONS + 2]);
    await consumer.close();
    await loop;
  });

  it('hooks are told of what comes and goes', async () => {
    const told: string[] = [];
    const hooks = {
      onAssigned: (partitions: readonly object[]) => void told.push(`assigned ${partitions.length}`),
      onRevoked: (partitions: readonly object[]) => void told.push(`revoked ${partitions.length}`),
      onLost: (partitions: readonly object[]) => void told.push(`lost ${partitions.length}`),
    };
    const first = member(hooks);
    await first.whenAssigned();
    const second = member();
    await second.whenAssigned();
    await shares([first], [3]);
    broker.expireMember('g', [...(broker.group('g')?.memberIds ?? [])].sort()[0] ?? '');
    expect(told.slice(0, 3)).toEqual(['assigned 6', 'revoked 6', 'assigned 3']);
    await Promise.all([first.close(), second.close()]);
  });

  it('answers with errors are survived: join, heartbeat, commit', async () => {
    fill(12);
    broker.on(JoinGroup, { errorCode: 14 }, { times: 2 });
    broker.on(Heartbeat, { errorCode: 16 }, { times: 2 });
    broker.on(OffsetCommit, { errorCode: 15 }, { times: 2 });
    const tally = new Tally();
    const consumer = member({ commitIntervalMs: 20 });
    const loop = handle(consumer, tally);
    await tally.seen(12);
    while (committedOffsets() < 12n) await new Promise((resolve) => setImmediate(resolve));
    await consumer.close();
    await loop;
  });

  describe('a static member', () => {
    const topics = ['a'];
    const options = { groupInstanceId: 'i', topics } as const;
    const lead = ['it leads', async () => undefined] as const;
    const follow = [
      'another one leads',
      async (): Promise<void> => {
        const other = member({ groupInstanceId: 'h', topics });
        await readUntil(other, 'a', 0);
      },
    ] as const;

    /** Reads until a record of the topic comes. */
    async function readUntil(consumer: Consumer, topic: string, partition: number): Promise<void> {
      const loop = (async (): Promise<void> => {
        for await (const record of consumer) if (record.topic === topic && record.partition === partition) break;
      })();
      await loop;
    }

    beforeEach(() => {
      broker.createTopic('a', 2);
      broker.createTopic('b', 1);
      for (const topic of ['a', 'b']) broker.append(topic, [{ value: topic }]);
    });

    it.each([lead, follow])('reads the topics that subscribe() names (%s)', async (_, before) => {
      await before();
      const consumer = member(options);
      await consumer.whenAssigned({ timeoutMs: 5_000 }).catch(() => undefined);
      await consumer.subscribe(['b']);
      await readUntil(consumer, 'b', 0);
    });

    it.each([lead, follow])('that is started again with other topics reads those (%s)', async (_, before) => {
      await before();
      const first = member(options);
      await first.whenAssigned({ timeoutMs: 5_000 }).catch(() => undefined);
      await first.close();
      await readUntil(member({ ...options, topics: ['b'] }), 'b', 0);
    });

    it('that leads and is started again reads partitions that were added meanwhile', async () => {
      const first = member(options);
      await first.whenAssigned();
      await first.close();
      broker.growTopic('a', 3);
      broker.append('a', [{ value: 'new' }], 2);
      await readUntil(member(options), 'a', 2);
    });
  });

  it("another consumer with the same static id ends the first one's loop", async () => {
    const first = member({ groupInstanceId: 'one' });
    const ended = handle(first, new Tally());
    const refused = expect(ended).rejects.toMatchObject({ code: 'FENCED' });
    await shares([first], [PARTITIONS]);
    const second = member({ groupInstanceId: 'one' });
    await second.whenAssigned();
    await refused;
    await Promise.all([first.close(), second.close()]);
  });

  it('closing in the middle of a join does not wait for the others', async () => {
    const first = member();
    await first.whenAssigned();
    broker.on(Heartbeat, 'swallow', { always: true });
    const second = member();
    const waiting = second.whenAssigned().catch((error: Error) => error);
    while (broker.group('g')?.state !== 'PreparingRebalance') await new Promise((resolve) => setImmediate(resolve));
    await second.close();
    expect(await waiting).toMatchObject({ code: 'CLOSED' });
    broker.off();
    await first.close();
  });
});
