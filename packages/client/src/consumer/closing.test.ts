// The end of a consumer: it waits for the body, commits what that finished, hands out nothing more, and keeps its deadline.
import {
  ApiVersions,
  Fetch,
  FindCoordinator,
  Heartbeat,
  LeaveGroup,
  ListOffsets,
  OffsetCommit,
  OffsetFetch,
} from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient, type Kafka } from '../kafka.ts';
import { startPeer } from '../network/scripted-peer.ts';
import type { ConsumerOptions } from '../options.ts';
import { gate, Loop, quiet, timed } from '../testing/loop.ts';
import { runAgainAfterStalls } from '../testing/stalls.ts';
import type { Consumer } from './consumer.ts';

runAgainAfterStalls();

let broker: TestBroker;
let kafka: Kafka;

beforeEach(async () => {
  broker = await TestBroker.start({ topics: { t: 2 } });
  kafka = createClient({ brokers: broker.bootstrap, retryBackoffMs: 10, logger: quiet });
  broker.append(
    't',
    [0, 1, 2, 3].map((i) => ({ value: `0.${i}` })),
  );
});

afterEach(async () => {
  await kafka.close({ timeoutMs: 100 });
  await broker.close();
});

const member = (options: Partial<ConsumerOptions> = {}): Consumer =>
  kafka.consumer({ groupId: 'g', topics: ['t'], startAt: 'earliest', commitIntervalMs: 60_000, ...options });
const alone = (options: Partial<ConsumerOptions> = {}): Consumer =>
  kafka.consumer({ groupId: 'g', assign: [{ topic: 't', partition: 0, offset: 'earliest' }], ...options });

it('a coordinator that is late with every answer is left all the same, within the time', async () => {
  const warned: string[] = [];
  const logger = { ...quiet, warn: (message: string) => void warned.push(message) };
  const late = createClient({ brokers: broker.bootstrap, logger });
  const consumer = late.consumer({ groupId: 'g', topics: ['t'], startAt: 'earliest', heartbeatIntervalMs: 50 });
  const loop = new Loop(consumer);
  await loop.saw(4);
  for (const api of [Heartbeat, OffsetCommit, LeaveGroup, FindCoordinator, ApiVersions]) {
    broker.on<unknown, unknown>(api, { delayMs: 300 }, { always: true });
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
  const { ms } = await timed(consumer.close({ timeoutMs: 2_000 }));
  expect(ms).toBeLessThan(1_900);
  expect([broker.committed('g', 't', 0), broker.group('g')?.memberIds, warned]).toEqual([4n, [], []]);
  await late.close();
});

it('hooks may look what is committed while their consumer closes', async () => {
  const seen: unknown[] = [];
  const consumer: Consumer = member({
    onRevoked: async (partitions) => void seen.push(await consumer.committed(partitions.slice(0, 1))),
  });
  await new Loop(consumer).saw(4);
  await consumer.close();
  expect(seen).toMatchObject([[{ topic: 't', partition: 0, offset: 4n }]]);
});

describe('with commits by hand, a commit that follows the loop is made before the group is left', () => {
  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  const first = { topic: 't', partition: 0, offset: 1n };

  it.each(['a signal', 'close()', 'kafka.close()'])('ended by %s, also when it takes a while', async (how) => {
    const stop = new AbortController();
    const consumer = member({ commit: 'manual', signal: stop.signal });
    const closed: Promise<void>[] = [];
    for await (const record of consumer) {
      if (record.offset === 0n) continue;
      await consumer.commit([first]);
      await pause(20);
      if (how === 'a signal') stop.abort();
      closed.push(how === 'kafka.close()' ? kafka.close() : how === 'close()' ? consumer.close() : pause(0));
    }
    await pause(300);
    await consumer.commit([{ ...first, offset: 2n }]);
    const { ms } = await timed(consumer.close());
    expect([broker.committed('g', 't', 0), ms < 200]).toEqual([2n, true]);
    await Promise.all(closed);
  });

  it('also when the signal comes after the loop was left', async () => {
    const stop = new AbortController();
    const consumer = member({ commit: 'manual', signal: stop.signal, limit: 3 });
    for await (const _ of consumer);
    stop.abort();
    await pause(200);
    await consumer.commit();
    await consumer.close();
    expect(broker.committed('g', 't', 0)).toBe(3n);
  });

  it('also of what was in hand when the loop was left by break', async () => {
    const stop = new AbortController();
    const consumer = member({ commit: 'manual', signal: stop.signal });
    for await (const record of consumer) {
      if (record.offset < 2n) await consumer.commit([{ ...first, offset: record.offset }]);
      else stop.abort();
      if (stop.signal.aborted) break;
    }
    await pause(200);
    await consumer.commit([{ ...first, offset: 3n }]);
    const { ms } = await timed(consumer.close());
    expect([broker.committed('g', 't', 0), ms < 200]).toEqual([3n, true]);
  });

  it('and commit() has nothing to do, at any time, when nothing is left to be committed', async () => {
    const stop = new AbortController();
    const consumer = member({ commit: 'manual', signal: stop.signal });
    for await (const record of consumer) {
      if (record.offset === 3n) stop.abort();
      await consumer.commit([{ ...first, offset: record.offset + 1n }]);
    }
    for (let count = 0; count < 3; count++) {
      await pause(100);
      await consumer.commit();
    }
    await expect(consumer.commit([first])).rejects.toMatchObject({ code: 'CLOSED' });
    expect([broker.committed('g', 't', 0), broker.group('g')?.memberIds]).toEqual([4n, []]);
  });

  it('also when another member joins meanwhile', async () => {
    const stop = new AbortController();
    const consumer = member({ commit: 'manual', signal: stop.signal, heartbeatIntervalMs: 20 });
    for await (const record of consumer) if (record.offset === 2n) stop.abort();
    const loop = new Loop(member());
    await pause(300);
    expect(loop.texts).toEqual([]);
    await consumer.commit();
    await consumer.close();
    expect(broker.committed('g', 't', 0)).toBe(3n);
    await loop.saw(1);
    expect(loop.texts).toEqual(['0.3']);
  });

  it('and what is not committed is not waited for once close() is called after the loop, or when nothing was ever committed', async () => {
    for (const isSignal of [true, false]) {
      const stop = new AbortController();
      const consumer = member({ commit: 'manual', signal: stop.signal });
      const loop = new Loop(consumer);
      await loop.saw(4);
      const closed = isSignal ? stop.abort() : timed(consumer.close());
      await loop.ended;
      expect((await timed(consumer.close())).ms).toBeLessThan(200);
      if (closed) expect((await closed).ms).toBeLessThan(200);
      expect(broker.group('g')?.memberIds).toEqual([]);
    }
  });

  it('and is waited for until the time is nearly up', async () => {
    const consumer = member({ commit: 'manual' });
    const loop = new Loop(consumer, (record) => consumer.commit([{ ...first, offset: record.offset }]));
    await loop.saw(4);
    const { ms } = await timed(consumer.close({ timeoutMs: 600 }));
    expect(ms).toBeGreaterThan(400);
    expect(ms).toBeLessThan(700);
    expect(broker.group('g')?.memberIds).toEqual([]);
  });
});

describe.each([
  ['a member of a group', member],
  ["a reader with a group's offsets", alone],
])('closing %s', (_, make) => {
  it('waits for the body, commits what it finished, and hands out nothing more', async () => {
    const { opened, open } = gate();
    const consumer = make();
    const loop = new Loop(consumer, () => opened);
    await loop.saw(1);
    let isClosed = false;
    const closed = consumer.close().then(() => {
      isClosed = true;
    });
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(isClosed).toBe(false);
    open();
    await closed;
    await loop.ended;
    expect([loop.texts, loop.failure]).toEqual([['0.0'], null]);
    expect(broker.committed('g', 't', 0)).toBe(1n);
  });

  it('lets the body commit by hand meanwhile', async () => {
    const { opened, open } = gate();
    const consumer = make({ commit: 'manual' });
    const loop = new Loop(consumer, async (record) => {
      await opened;
      consumer.markDone(record);
      await consumer.commit();
    });
    await loop.saw(1);
    const closed = consumer.close();
    open();
    await closed;
    expect(broker.committed('g', 't', 0)).toBe(1n);
    await expect(consumer.commit([{ topic: 't', partition: 0, offset: 1n }])).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('does not commit what the body has not finished by the deadline', async () => {
    const consumer = make();
    const loop = new Loop(consumer, () => new Promise(() => undefined));
    await loop.saw(1);
    const { ms } = await timed(consumer.close({ timeoutMs: 300 }));
    expect(ms).toBeLessThan(400);
    expect(broker.committed('g', 't', 0) ?? 0n).toBe(0n);
    expect(loop.records[0]?.signal.aborted).toBe(true);
  });

  it('is what an aborted signal of the options does', async () => {
    const { opened, open } = gate();
    const stop = new AbortController();
    const loop = new Loop(make({ signal: stop.signal }), () => opened);
    await loop.saw(1);
    stop.abort();
    open();
    await loop.ended;
    expect([loop.texts, loop.failure]).toEqual([['0.0'], null]);
    expect(broker.committed('g', 't', 0)).toBe(1n);
  });

  it('keeps its deadline when the broker is silent, and leaves no timer that keeps the process alive', async () => {
    const swallow = [OffsetCommit, OffsetFetch, ListOffsets, Fetch].map((api) => () => {
      broker.on<unknown, unknown>(api, 'swallow', { always: true });
    });
    for (const silence of swallow) {
      const consumer = make();
      const loop = new Loop(consumer);
      if (silence === swallow[0]) await loop.saw(1);
      silence();
      const { ms } = await timed(consumer.close({ timeoutMs: 200 }));
      expect(ms).toBeLessThan(300);
      broker.off();
      await loop.ended;
      expect(loop.failure).toBeNull();
    }
  });

  it('is quick when nothing is under way, and closing twice joins the first', async () => {
    const consumer = make();
    await consumer.whenAssigned();
    const first = timed(consumer.close());
    await consumer.close();
    expect((await first).ms).toBeLessThan(500);
  });

  it('ends at the earliest of the limits that several calls give', async () => {
    const consumer = make();
    const loop = new Loop(consumer, () => new Promise(() => undefined));
    await loop.saw(1);
    const first = timed(consumer.close());
    const second = await timed(consumer.close({ timeoutMs: 200 }));
    expect(second.ms).toBeLessThan(300);
    expect((await first).ms).toBeLessThan(300);
  });

  it('rejects at once when its signal is aborted, and still leaves the group', async () => {
    const consumer = make();
    const loop = new Loop(consumer, () => new Promise(() => undefined));
    await loop.saw(1);
    const stop = new AbortController();
    const closed = timed(consumer.close({ signal: stop.signal }));
    stop.abort(new RangeError('mine'));
    const { ms, error } = await closed;
    expect(ms).toBeLessThan(100);
    expect(error).toBe(stop.signal.reason);
    await consumer.close();
    expect(broker.group('g')?.memberIds ?? []).toEqual([]);
  });

  it('ends calls that wait, with a ClosedError', async () => {
    broker.on(ListOffsets, 'swallow', { always: true });
    const consumer = make();
    const waiting = consumer.whenAssigned();
    const failed = expect(waiting).rejects.toMatchObject({ code: 'CLOSED' });
    await consumer.close({ timeoutMs: 200 });
    await failed;
  });
});

describe('closing', () => {
  it('called in the body ends at its deadline', async () => {
    const consumer = alone();
    const took: number[] = [];
    const loop = new Loop(consumer, async () => {
      took.push((await timed(consumer.close({ timeoutMs: 200 }))).ms);
    });
    await loop.ended;
    expect(took[0]).toBeLessThan(300);
    expect(loop.failure).toBeNull();
  });

  it('while connecting to a peer that says nothing leaves no socket open', async () => {
    await using peer = await startPeer(() => undefined);
    const client = createClient({ brokers: peer.bootstrap, logger: quiet });
    const consumer = client.consumer({ topics: ['t'] });
    const waiting = consumer.whenAssigned().catch(() => undefined);
    while (peer.accepted.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const { ms } = await timed(client.close({ timeoutMs: 500 }));
    expect(ms).toBeLessThan(600);
    await waiting;
    const closed = peer.accepted.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    for (const socket of peer.accepted) socket.resume();
    await Promise.all(closed);
  });
});
