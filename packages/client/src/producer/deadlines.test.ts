// Every call ends by its own limits, whatever state the producer is in.
import { createServer, type Server } from 'node:net';
import { InitProducerId, Metadata, Produce } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { describe, expect, it } from 'vitest';
import type { ProducerOptions } from '../options.ts';
import type { Waiting } from '../types.ts';
import type { Producer } from './producer.ts';
import { countedTimers, rejection, rig, timed, valuesOf } from './testing.ts';

/** A loaded machine is late too; what is not bounded takes ten seconds and more. */
const LATE_MS = 1_500;
const LIMIT_MS = 120;
/** A record that was accepted, and is not delivered because the producer is closed. */
const CLOSED = { code: 'DELIVERY', topic: 'orders', outcome: 'no', cause: { code: 'CLOSED' } };

const calls: Readonly<Record<string, (producer: Producer, waiting: Waiting) => Promise<unknown>>> = {
  'send of one': (producer, waiting) => producer.send({ topic: 'orders', value: 'x' }, waiting),
  'send of many': (producer, waiting) =>
    producer.send({ topic: 'orders', messages: [{ value: 'x' }, { value: 'y', partition: 0 }] }, waiting),
  'send to a topic that is not known': (producer, waiting) => producer.send({ topic: 'others', value: 'x' }, waiting),
  'send to a partition that is not there': (producer, waiting) =>
    producer.send({ topic: 'orders', value: 'x', partition: 99 }, waiting),
  flush: (producer, waiting) => producer.flush(waiting),
  ready: (producer, waiting) => {
    while (producer.enqueue({ topic: 'orders', value: 'x'.repeat(500) }));
    return producer.ready(waiting);
  },
  partitionsFor: (producer, waiting) => producer.partitionsFor('orders', waiting),
};

interface Scene {
  /** Where the client goes. */
  readonly brokers: string;
  readonly options?: ProducerOptions;
  /** What happens once it is open. */
  readonly begin?: (producer: Producer) => Promise<unknown> | undefined;
  readonly end: () => Promise<unknown>;
}

async function silentPort(): Promise<{ address: string; end: () => Promise<void> }> {
  const server: Server = createServer((socket) => void socket.on('error', () => undefined)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return { address: `127.0.0.1:${port}`, end: async () => void server.close() };
}

async function brokerScene(
  disturb: (broker: TestBroker) => void,
  options: ProducerOptions = {},
  warm = true,
): Promise<Scene> {
  const broker = await TestBroker.start({ topics: { orders: 1 }, autoCreateTopics: false });
  const begin = async (producer: Producer): Promise<void> => {
    if (warm) await producer.send({ topic: 'orders', value: 'warm' });
    disturb(broker);
    void producer.send({ topic: 'orders', value: 'before' }).catch(() => undefined);
  };
  return { brokers: broker.bootstrap, options, begin, end: () => broker.close() };
}

const small: ProducerOptions = { bufferBytes: 2048 };

const states: Readonly<Record<string, () => Promise<Scene>>> = {
  'no broker listens': async () => ({ brokers: '127.0.0.1:1', options: small, end: async () => undefined }),
  'a port accepts and says nothing': async () => {
    const { address, end } = await silentPort();
    return { brokers: address, options: small, end };
  },
  'metadata is not answered': () =>
    brokerScene((broker) => broker.on(Metadata, 'swallow', { always: true }), small, false),
  'producer ids are not answered': () =>
    brokerScene((broker) => broker.on(InitProducerId, 'swallow', { always: true }), small, false),
  'the broker is silent': () =>
    brokerScene((broker) => {
      broker.on(Produce, 'swallow', { always: true });
      broker.on(Metadata, 'swallow', { always: true });
    }, small),
  'the broker throttles': () =>
    brokerScene((broker) => {
      broker.on(Produce, { throttleMs: 30_000 }, { always: true });
      broker.on(Metadata, 'swallow', { always: true });
    }, small),
  'the broker has gone': () => brokerScene((broker) => void broker.stop(), small),
};

describe.each(Object.entries(states))('while %s', (_state, open) => {
  it.concurrent.each(Object.entries(calls))(
    '%s ends at its timeoutMs, and by its signal with the reason',
    async (_call, call) => {
      const scene = await open();
      const r = rig(scene.brokers, scene.options, { connectTimeoutMs: 20_000 });
      await scene.begin?.(r.producer);
      const inTime = await timed(call(r.producer, { timeoutMs: LIMIT_MS }));
      const abort = new AbortController();
      setTimeout(() => abort.abort(new Error('by its signal')), LIMIT_MS);
      const bySignal = await timed(call(r.producer, { signal: abort.signal }));
      const closed = await timed(r.producer.close({ timeoutMs: LIMIT_MS }));
      expect([inTime.ms, bySignal.ms, closed.ms].filter((ms) => ms > LIMIT_MS + LATE_MS)).toEqual([]);
      // What is there already, or was answered, needs no limit.
      if (inTime.error) expect(String(inTime.error)).toMatch(/120 ms|the topic has 0 to 0|refused/);
      if (bySignal.error) expect(String(bySignal.error)).toMatch(/^Error: by its signal|the topic has 0 to 0/);
      expect([closed.error, r.producer.bufferedBytes]).toEqual([undefined, 0]);
      r.cluster.close();
      await scene.end();
    },
  );
});

it('a record that finds no room until its time is up says what fills the buffer', async () => {
  await using broker = await TestBroker.start({ topics: { orders: 1, others: 1 } });
  await using r = rig(broker.bootstrap, { bufferBytes: 2048 });
  for (const topic of ['orders', 'others']) await r.producer.send({ topic, value: 'warm' });
  broker.on(Produce, 'swallow', { always: true });
  const value = 'x'.repeat(800);
  const filling = [1, 2].map(() => rejection(r.producer.send({ topic: 'orders', value })));
  const late = [1, 2].map(() => rejection(r.producer.send({ topic: 'others', value }, { timeoutMs: 150 })));
  for (const error of await Promise.all(late)) {
    expect(error).toMatchObject({ code: 'DELIVERY', topic: 'others', outcome: 'no', cause: { code: 'TIMEOUT' } });
    expect(String(error)).toMatch(/the buffer of 2048 bytes \(bufferBytes\) is full: 2 records wait for orders\[0\]/);
  }
  await r.producer.close({ timeoutMs: 0 });
  await Promise.all(filling);
});

it('a record is not given up much before its own time because it shares the batch of one that waits longer', async () => {
  await using broker = await TestBroker.start({ topics: { orders: 1 } });
  await using r = rig(broker.bootstrap, { deliveryTimeoutMs: 1_000 });
  await r.producer.send({ topic: 'orders', value: 'warm' });
  broker.on(Produce, 'swallow', { always: true });
  const lasted: number[] = [];
  const sends: Promise<unknown>[] = [];
  const send = async (pauseMs: number): Promise<void> => {
    const sentAt = performance.now();
    const note = (): unknown => lasted.push(performance.now() - sentAt);
    sends.push(rejection(r.producer.send({ topic: 'orders', value: 'x' })).then(note));
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  };
  // One is under way for longer than usual, and nothing waits then. Later ones fill what may be under way, and wait.
  await send(150);
  for (let count = 0; count < 60; count++) await send(10);
  await Promise.all(sends);
  expect(Math.min(...lasted)).toBeGreaterThan(850);
});

it('a batch whose answer never comes holds its partition no longer than its delivery timeout', async () => {
  await using broker = await TestBroker.start({ topics: { orders: 1 } });
  await using r = rig(broker.bootstrap, { deliveryTimeoutMs: 300 }, { requestTimeoutMs: 10_000 });
  await r.producer.send({ topic: 'orders', value: 'warm' });
  broker.on(Produce, 'swallow', { times: 1 });
  expect(await rejection(r.producer.send({ topic: 'orders', value: 'late' }))).toMatchObject({ outcome: 'unknown' });
  await r.producer.send({ topic: 'orders', value: 'next' });
  expect(valuesOf(broker, 'orders')).toEqual(['warm', 'next']);
});

describe('close', () => {
  it('ends at its deadline and by its signal, twice joins the first, and leaves no timer', async () => {
    using timers = countedTimers();
    const r = rig('127.0.0.1:1');
    const pending = rejection(r.producer.send({ topic: 'orders', value: 'x' }));
    const abort = new AbortController();
    setTimeout(() => abort.abort(new Error('now')), 50);
    const first = r.producer.close({ signal: abort.signal });
    const second = r.producer.close({ timeoutMs: 0 });
    expect(second).toBe(first);
    expect((await timed(first)).ms).toBeLessThan(LATE_MS);
    expect(await pending).toMatchObject(CLOSED);
    r.cluster.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(timers.left).toBe(0);
  });

  it('that is joined ends at the earliest of the limits', async () => {
    for (const join of [{ timeoutMs: 50 }, { signal: AbortSignal.timeout(50) }]) {
      const r = rig('127.0.0.1:1');
      const pending = rejection(r.producer.send({ topic: 'orders', value: 'x' }));
      const first = r.producer.close({ timeoutMs: 20_000 });
      const { ms } = await timed(r.producer.close(join));
      expect([ms < LATE_MS, await pending]).toMatchObject([true, CLOSED]);
      await first;
      await r.producer.close({ timeoutMs: 0 });
      r.cluster.close();
    }
  });

  it('with a deadline of 0 rejects what is under way, in line and held, once each', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 }, autoCreateTopics: false });
    await using r = rig(broker.bootstrap, { bufferBytes: 2048, batchBytes: 500 });
    await r.producer.send({ topic: 'orders', value: 'warm' });
    broker.on(Produce, 'swallow', { always: true });
    const send = (topic: string): Promise<unknown> => rejection(r.producer.send({ topic, value: 'x'.repeat(400) }));
    const sends = ['orders', 'nowhere', 'orders', 'orders', 'orders', 'nowhere', 'orders'].map(send);
    const room = rejection(r.producer.ready());
    await r.producer.close({ timeoutMs: 0 });
    for (const reason of await Promise.all(sends)) {
      expect(reason).toMatchObject({ code: 'DELIVERY', cause: { code: 'CLOSED' } });
      expect(String(reason)).toMatch(/(orders|nowhere).*: the producer was closed before it was delivered/);
    }
    expect(await room).toMatchObject({ code: 'CLOSED' });
    expect(r.producer.bufferedBytes).toBe(0);
    for (const [name, call] of Object.entries(calls)) {
      const said = await rejection((async () => call(r.producer, {}))());
      if (name === 'flush') expect(said).toBeUndefined();
      else expect(said).toMatchObject({ code: 'CLOSED' });
    }
  });

  it('closes its connections at once, and those of others stay', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap);
    await r.producer.send({ topic: 'orders', value: 'x' });
    const closed = (): number => r.events.filter((e) => e.type === 'connection' && e.state === 'closed').length;
    expect(closed()).toBe(0);
    await r.producer.close();
    expect(closed()).toBe(1);
    await r.cluster.refreshMetadata();
  });

  it('inside a partitioner, an observer and a catch ends too', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    const closing: Promise<void>[] = [];
    const r = rig(broker.bootstrap, {
      partitioner: () => {
        closing.push(r.producer.close({ timeoutMs: 1000 }));
        return 0;
      },
    });
    const outcome = await timed(r.producer.send({ topic: 'orders', value: 'x' }));
    await Promise.all(closing);
    expect([closing.length, outcome.ms < 5000]).toEqual([1, true]);
    r.cluster.close();
  });
});

it('a blocked event loop is no time-out: what arrived meanwhile counts', async () => {
  await using broker = await TestBroker.start({ topics: { orders: 1 } });
  await using r = rig(broker.bootstrap, { deliveryTimeoutMs: 250 });
  await r.producer.send({ topic: 'orders', value: 'warm' });
  let arrived = 0;
  broker.on(Produce, () => {
    arrived++;
    // The broker lives in this process: its answer is on its way before the loop is blocked.
    setTimeout(() => {
      const until = performance.now() + 400;
      while (performance.now() < until);
    }, 30);
    return { delayMs: 20 };
  });
  const both = await Promise.all([
    r.producer.send({ topic: 'orders', value: 'a' }, { timeoutMs: 200 }),
    r.producer.send({ topic: 'orders', value: 'b' }),
  ]);
  expect([arrived, both.map(({ offset }) => offset), valuesOf(broker, 'orders').length]).toEqual([1, [1n, 2n], 3]);
});

it('send rejects whatever is wrong, and never throws', async () => {
  await using r = rig('127.0.0.1:1');
  const hostile = new Proxy(
    {},
    {
      has: () => {
        throw new Error('no questions');
      },
    },
  );
  const wrong: [unknown, unknown?][] = [
    [undefined],
    [null],
    ['orders'],
    [{}],
    [{ topic: 'orders' }],
    [{ topic: 'a b', value: 'x' }],
    [{ topic: 'orders', messages: undefined }],
    [{ topicMessages: [] }],
    [{ topic: 'orders', value: 'x' }, { timeoutMs: 'soon' }],
    [{ topic: 'orders', value: 'x' }, { signal: {} }],
    [{ topic: 'orders', value: 'x' }, 5000],
    [hostile],
  ];
  for (const [what, waiting] of wrong) {
    const promise = r.producer.send(what as never, waiting as never);
    expect(promise).toBeInstanceOf(Promise);
    expect(await rejection(promise)).toBeInstanceOf(Error);
  }
  for (const promise of [
    r.producer.ready({ timeoutMs: Number.NaN }),
    r.producer.flush(7 as never),
    r.producer.partitionsFor('a b'),
    r.producer.close({ signal: 1 as never }),
  ]) {
    expect(await rejection(promise)).toBeInstanceOf(Error);
  }
  expect(() => r.producer.enqueue({ topic: 'a b', value: 'x' })).toThrow(/^topic "a b" cannot exist/);
  expect(r.producer.bufferedBytes).toBe(0);
});
