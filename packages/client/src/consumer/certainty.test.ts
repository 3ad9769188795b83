// After an event loop that was blocked for longer than the session, or behind a silent coordinator, others may have the
// partitions: nothing is handed out before the broker has said that they are still ours.
import { Errors, Heartbeat, JoinGroup } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient, type Kafka } from '../kafka.ts';
import { gate, Loop, quiet } from '../testing/loop.ts';

const SESSION_MS = 300;

let broker: TestBroker;
let kafka: Kafka;

beforeEach(async () => {
  broker = await TestBroker.start({ topics: { t: 1 } });
  kafka = createClient({ brokers: broker.bootstrap, retryBackoffMs: 10, logger: quiet });
  broker.append(
    't',
    [0, 1, 2, 3].map((i) => ({ value: `${i}` })),
  );
});

afterEach(async () => {
  await kafka.close({ timeoutMs: 100 });
  await broker.close();
});

function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe('after a body that blocked for longer than the session', () => {
  it.each([
    ['first', 0n],
    ['after many quick ones', 150n],
  ] as const)(
    'the next records wait for the answer to a heartbeat, and what was done is committed: %s',
    async (_what, at) => {
      const { opened: blocked, open: wasBlocked } = gate();
      broker.append(
        't',
        Array.from({ length: 196 }, (_, i) => ({ value: `${4 + i}` })),
      );
      const consumer = kafka.consumer({
        groupId: 'g',
        topics: ['t'],
        startAt: 'earliest',
        sessionTimeoutMs: SESSION_MS,
        heartbeatIntervalMs: 50,
      });
      const loop = new Loop(consumer, (record) => {
        if (record.offset !== at) return;
        broker.on(Heartbeat, 'swallow', { always: true });
        block(SESSION_MS + 100);
        wasBlocked();
      });
      await blocked;
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      expect(loop.texts.at(-1)).toBe(`${at}`);
      broker.off(Heartbeat);
      while (!loop.texts.includes('199')) await loop.saw(loop.texts.length + 1);
      await consumer.close();
      expect(broker.committed('g', 't', 0)).toBe(200n);
    },
  );
});

describe('behind a coordinator that is silent for longer than a rebalance waits for a member', () => {
  it('nothing is handed out: one may have begun and ended without us', async () => {
    const times = { sessionTimeoutMs: 6_000, maxProcessingMs: 300, heartbeatIntervalMs: 50, maxWaitMs: 20 };
    const loop = new Loop(kafka.consumer({ groupId: 'g', topics: ['t'], startAt: 'earliest', ...times }));
    await loop.saw(4);
    let joins = 0;
    broker.on(Heartbeat, 'swallow', { always: true });
    broker.on(JoinGroup, { errorCode: Errors.COORDINATOR_LOAD_IN_PROGRESS }, { always: true, when: () => ++joins > 0 });
    await expect.poll(() => joins, { timeout: 5_000 }).toBeGreaterThan(0);
    broker.append('t', [{ value: '4' }]);
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(loop.texts).toEqual(['0', '1', '2', '3']);
    broker.off(Heartbeat);
    broker.off(JoinGroup);
    expect(await loop.saw(5)).toEqual(['0', '1', '2', '3', '4']);
  });

  it('a body at work is told to stop', async () => {
    const times = { sessionTimeoutMs: 6_000, maxProcessingMs: 300, heartbeatIntervalMs: 50 };
    const { opened: told, open: tell } = gate();
    const loop = new Loop(
      kafka.consumer({ groupId: 'g', topics: ['t'], startAt: 'earliest', ...times }),
      ({ signal }) => {
        signal.addEventListener('abort', tell);
        return told;
      },
    );
    await loop.saw(1);
    broker.on(Heartbeat, 'swallow', { always: true });
    await told;
  });

  it('heartbeats are sent often enough to hear of each', async () => {
    const times = { sessionTimeoutMs: 6_000, maxProcessingMs: 300, heartbeatIntervalMs: 2_000 };
    const loop = new Loop(kafka.consumer({ groupId: 'g', topics: ['t'], startAt: 'earliest', ...times }));
    await loop.saw(4);
    let beats = 0;
    broker.on(Heartbeat, 'pass', { always: true, when: () => ++beats < 0 });
    await expect.poll(() => beats, { timeout: 1_500 }).toBeGreaterThan(5);
  });
});
