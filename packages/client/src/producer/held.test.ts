// What cannot leave yet has not left: callers take it back, and are told so.
import { ApiVersions, Errors, Produce } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { describe, expect, it } from 'vitest';
import type { ConnectionEvent } from '../events.ts';
import type { ProducerOptions } from '../options.ts';
import { runAgainAfterStalls } from '../testing/stalls.ts';
import { type Rig, refusal, rejection, rig, valuesOf } from './testing.ts';

runAgainAfterStalls();

const PAUSE_MS = 400;

/** Runs with a producer whose next request is held back for a while. */
type Held = (r: Rig, broker: TestBroker) => Promise<void>;

const throttled: Held = async (r, broker) => {
  broker.on(Produce, { throttleMs: PAUSE_MS }, { times: 1 });
  await r.producer.send({ topic: 'orders', value: 'first' });
};

const connecting: Held = async (r, broker) => {
  await r.producer.send({ topic: 'orders', value: 'first' });
  broker.on(ApiVersions, { delayMs: PAUSE_MS }, { times: 2 });
  broker.killConnections();
  await areLost(r);
};

/** Until all connections are known to be gone. */
async function areLost(r: Rig): Promise<void> {
  const count = (state: ConnectionEvent['state']): number =>
    r.events.filter((event) => event.type === 'connection' && event.state === state).length;
  await expect.poll(() => count('closed')).toBe(count('ready'));
}

const again = async (r: Rig): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS + 50));
  await r.producer.send({ topic: 'orders', value: 'last' });
};

describe.each([
  ['the broker demands a pause', throttled],
  ['it connects', connecting],
] as const)('a record that waits while %s', (_why, hold) => {
  it.each([
    ['its time is up', { timeoutMs: 50 }, {}],
    ['its delivery timeout is up', {}, { deliveryTimeoutMs: 100 }],
    ['its signal is aborted', { signal: 50 }, {}],
  ] as [string, { timeoutMs?: number; signal?: number }, ProducerOptions][])(
    'is not written when %s',
    async (_when, limits, options) => {
      const { signal, ...waitingFor } = limits;
      await using broker = await TestBroker.start({ topics: { orders: 1 } });
      await using r = rig(broker.bootstrap, options);
      await hold(r, broker);
      const waiting = signal === undefined ? waitingFor : { signal: AbortSignal.timeout(signal) };
      const reason = await rejection(r.producer.send({ topic: 'orders', value: 'late' }, waiting));
      if (signal === undefined) expect(reason).toMatchObject({ code: 'DELIVERY', outcome: 'no', attempts: 0 });
      await again(r);
      expect(valuesOf(broker, 'orders')).toEqual(['first', 'last']);
      expect(r.events.filter((event) => event.type === 'batch' && event.outcome === 'unknown')).toEqual([]);
    },
  );

  it('is surely not written when the producer is closed', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap);
    await hold(r, broker);
    const sent = rejection(r.producer.send({ topic: 'orders', value: 'late' }));
    await r.producer.close({ timeoutMs: 50 });
    expect(await sent).toMatchObject({ outcome: 'no' });
  });

  it('is written after that', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap);
    await hold(r, broker);
    await Promise.all(['a', 'b'].map((value) => r.producer.send({ topic: 'orders', value })));
    expect(valuesOf(broker, 'orders')).toEqual(['first', 'a', 'b']);
  });
});

it('records that wait do not share the end of others that came long before', async () => {
  await using broker = await TestBroker.start({ topics: { orders: 1 } });
  await using r = rig(broker.bootstrap, { deliveryTimeoutMs: 1_000 });
  broker.on(ApiVersions, 'swallow', { always: true });
  const lives: number[] = [];
  const send = async (): Promise<void> => {
    const sentAt = performance.now();
    await rejection(r.producer.send({ topic: 'orders', value: 'x' }));
    lives.push(performance.now() - sentAt);
  };
  const sends: Promise<void>[] = [];
  for (let i = 0; i < 6; i++) {
    sends.push(send());
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  await Promise.all(sends);
  expect(Math.min(...lives)).toBeGreaterThan(900);
  expect(Math.max(...lives)).toBeLessThan(1_200);
});

it.each([
  ['it connects to a broker that does not answer', 'swallow'],
  ['its broker demands a pause', 'pause'],
] as const)('a record that waits while %s goes to the new leader soon after there is one', async (_why, how) => {
  await using broker = await TestBroker.start({ brokers: 2, topics: { orders: 1 } });
  broker.moveLeader('orders', 0, 2);
  await using r = rig(broker.addresses().join(','));
  await r.cluster.metadataFor(['orders'], {});
  if (how === 'swallow')
    broker.on(ApiVersions, 'swallow', { always: true, when: (_request, place) => place.nodeId === 2 });
  else {
    broker.on(Produce, { throttleMs: 20_000 }, { times: 1 });
    await r.producer.send({ topic: 'orders', value: 'first' });
  }
  const sent = r.producer.send({ topic: 'orders', value: 'x' });
  await new Promise((resolve) => setTimeout(resolve, 100));
  const movedAt = performance.now();
  broker.moveLeader('orders', 0, 1);
  await sent;
  expect(performance.now() - movedAt).toBeLessThan(2_000);
});

it('a record that the broker holds back is rejected with that as the reason', async () => {
  await using broker = await TestBroker.start({ topics: { orders: 1 } });
  await using r = rig(broker.bootstrap);
  await throttled(r, broker);
  const reason = await rejection(r.producer.send({ topic: 'orders', value: 'late' }, { timeoutMs: 50 }));
  expect(String(reason)).toMatch(/not delivered.*pause of \d+ ms \(a quota\)/);
});

it('a record whose leader cannot be connected to is surely not written, whoever gives up', async () => {
  await using broker = await TestBroker.start({ topics: { orders: 1 } });
  await using r = rig(broker.bootstrap, { deliveryTimeoutMs: 300 });
  await r.producer.send({ topic: 'orders', value: 'first' });
  await broker.stopNode(1);
  await areLost(r);
  const sends = [{ timeoutMs: 100 }, {}].map((limits) => r.producer.send({ topic: 'orders', value: 'x' }, limits));
  for (const sent of sends) expect(await rejection(sent)).toMatchObject({ outcome: 'no', message: /refused/ });
});

describe('an answer that cannot be taken', () => {
  it('leaves open whether the record was written', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap, {}, { maxFrameBytes: 20_000 });
    broker.on(Produce, (request) => refusal(request, 0, { errorMessage: 'x'.repeat(30_000) }));
    const reason = await rejection(r.producer.send({ topic: 'orders', value: 'x' }));
    expect(reason).toMatchObject({ code: 'DELIVERY', outcome: 'unknown', message: /raise maxFrameBytes/ });
  });
});

describe('an answer that ends the producer', () => {
  it('leaves what it says of other partitions as it is, and later sends say that a new producer is needed', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 3 } });
    await using r = rig(broker.bootstrap, { lingerMs: 20 });
    let requests = 0;
    broker.on(Produce, (request) => {
      requests++;
      const { answer } = refusal(request, 0, { baseOffset: 7n });
      for (const { partitionResponses } of answer.responses) {
        for (const one of partitionResponses) if (one.index === 0) one.errorCode = Errors.INVALID_TXN_STATE;
      }
      return { answer };
    });
    const send = (partition: number): Promise<unknown> => r.producer.send({ topic: 'orders', partition, value: 'x' });
    const [first, ...others] = await Promise.allSettled([0, 1, 2].map(send));
    expect(requests).toBe(1);
    expect(first).toMatchObject({ status: 'rejected', reason: { outcome: 'no' } });
    expect(others).toMatchObject([{ value: { offset: 7n } }, { value: { offset: 7n } }]);
    expect(await rejection(send(2))).toMatchObject({
      code: 'DELIVERY',
      topic: 'orders',
      outcome: 'no',
      message: /the producer failed.*INVALID_TXN_STATE.*create a new one/,
      cause: { code: 'INVALID_TXN_STATE' },
    });
  });
});

it('who enqueues and waits for room has a share of it beside many who wait in send', async () => {
  await using broker = await TestBroker.start({ topics: { orders: 1 } });
  await using r = rig(broker.bootstrap, { bufferBytes: 3000 });
  let sent = 0;
  let enqueued = 0;
  const value = 'x'.repeat(500);
  const sending = Array.from({ length: 20 }, async () => {
    for (; enqueued < 20 && sent < 4_000; sent++) await r.producer.send({ topic: 'orders', value });
  });
  for (; enqueued < 20 && sent < 4_000; enqueued++) {
    while (!r.producer.enqueue({ topic: 'orders', value })) await r.producer.ready();
  }
  await Promise.all(sending);
  expect([enqueued, sent < 2_000]).toEqual([20, true]);
});
