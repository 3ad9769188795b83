// Callers that do not wait any longer.
import { Errors, Produce } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { describe, expect, it } from 'vitest';
import { asError, DeliveryError } from '../errors.ts';
import type { ProducerOptions } from '../options.ts';
import type { Waiting } from '../types.ts';
import { blockage, countedTimers, numbers, type Rig, rejection, rig, timed, valuesOf } from './testing.ts';

describe('many sends with one signal', () => {
  it('CLI-004 cause no warning of the process', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap);
    const warnings: string[] = [];
    const note = (warning: Error): void => void warnings.push(warning.name);
    process.on('warning', note);
    const { signal } = new AbortController();
    await Promise.all(numbers(50).map((value) => r.producer.send({ topic: 'orders', value }, { signal })));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });

  it.each([
    ['waiting in batches behind a silent broker', { silent: true }, {}],
    ['held because their topic is not known', { silent: false }, { topic: 'nowhere' }],
    ['in the line for room', { silent: true, bufferBytes: 4096 }, {}],
  ] as const)(
    'are withdrawn in linear time when they are %s',
    async (_where, options, { topic = 'orders' }: { topic?: string }) => {
      await using broker = await TestBroker.start({ topics: { orders: 1 }, autoCreateTopics: false });
      await using r = rig(broker.bootstrap, 'bufferBytes' in options ? { bufferBytes: options.bufferBytes } : {}, {
        onEvent: undefined,
      });
      await r.producer.send({ topic: 'orders', value: 'warm' });
      if (options.silent) broker.on(Produce, 'swallow', { always: true });
      const abort = new AbortController();
      const sends = numbers(8000).map((value) =>
        rejection(r.producer.send({ topic, value }, { signal: abort.signal })),
      );
      const longest = blockage();
      abort.abort(new Error('never mind'));
      const reasons = await Promise.all(sends);
      expect(longest()).toBeLessThan(1500);
      expect(new Set(reasons.map(String))).toEqual(new Set(['Error: never mind']));
      expect(r.producer.bufferedBytes).toBe(0);
    },
  );
});

it('many sends that run out of their own time are given up in linear time, each saying what it waited for', async () => {
  await using broker = await TestBroker.start({ topics: { orders: 1 } });
  await using r = rig(broker.bootstrap);
  await r.producer.send({ topic: 'orders', value: 'warm' });
  broker.on(Produce, 'swallow', { always: true });
  const longest = blockage();
  const sends = numbers(4000).map((value) =>
    rejection(r.producer.send({ topic: 'orders', value }, { timeoutMs: 100 })),
  );
  const reasons = await Promise.all(sends);
  expect(longest()).toBeLessThan(1500);
  // A stack for each would block the event loop for most of a second when there are 40,000, and it would show our timer.
  expect(reasons.filter((reason) => asError(reason).stack?.includes('\n    at '))).toEqual([]);
  expect(reasons[3999]).toMatchObject({
    code: 'DELIVERY',
    topic: 'orders',
    retriable: true,
    cause: { code: 'TIMEOUT' },
  });
  expect(r.producer.bufferedBytes).toBe(0);
});

it('a hundred thousand records of a topic that proves to be refused fail in linear time', async () => {
  await using broker = await TestBroker.start({ topics: { secret: 1 }, denyTopics: ['secret'] });
  await using r = rig(broker.bootstrap);
  const sends = numbers(100_000).map((value) => rejection(r.producer.send({ topic: 'secret', value })));
  const longest = blockage();
  const reasons = await Promise.all(sends);
  expect(longest()).toBeLessThan(2500);
  expect(reasons[99_999]).toMatchObject({
    code: 'DELIVERY',
    outcome: 'no',
    cause: { code: 'TOPIC_AUTHORIZATION_FAILED' },
  });
  expect(r.producer.bufferedBytes).toBe(0);
});

it('tens of thousands of batches of one partition are rejected and expire in linear time', async () => {
  await using broker = await TestBroker.start({ topics: { orders: 1 } });
  await using r = rig(broker.bootstrap, { batchBytes: 100, deliveryTimeoutMs: 200 }, { onEvent: undefined });
  await r.producer.send({ topic: 'orders', value: 'warm' });
  broker.on(Produce, 'swallow', { always: true });
  const longest = blockage();
  const sends = numbers(20_000).map((n) => rejection(r.producer.send({ topic: 'orders', value: n.padEnd(80) })));
  const reasons = await Promise.all(sends);
  expect(longest()).toBeLessThan(2500);
  expect(reasons.every((error) => error instanceof Error && 'retriable' in error && error.retriable === true)).toBe(
    true,
  );
  expect(r.producer.bufferedBytes).toBe(0);
});

it('what had left is told as perhaps written, once for each batch and caller, and what had not is not sent', async () => {
  await using broker = await TestBroker.start({ topics: { orders: 1 } });
  await using r = rig(broker.bootstrap);
  await r.producer.send({ topic: 'orders', value: 'warm' });
  let release = (): void => undefined;
  const holdUntil = new Promise<void>((resolve) => {
    release = resolve;
  });
  let arrived = 0;
  broker.on(Produce, () => {
    arrived++;
    return { holdUntil };
  });
  const abort = new AbortController();
  const { signal } = abort;
  const left = rejection(r.producer.send({ topic: 'orders', value: 'left' }, { signal }));
  await expect.poll(() => arrived).toBe(1);
  const many = { topic: 'orders', messages: [{ value: 'x' }, { value: 'y' }] };
  const kept = rejection(r.producer.send(many, { signal }));
  const other = r.producer.send({ topic: 'orders', value: 'other' });
  abort.abort(new Error('gone'));
  expect([String(await left), String(await kept)]).toEqual(['Error: gone', 'Error: gone']);
  release();
  await other;
  expect(valuesOf(broker, 'orders')).toEqual(['warm', 'left', 'other']);
  const unknown = r.events.filter((event) => event.type === 'batch' && event.outcome === 'unknown');
  expect(unknown).toMatchObject([{ records: 1, topic: 'orders', partition: 0 }]);
  expect(r.producer.bufferedBytes).toBe(0);
});

it('who gives up a batch that was refused and is sent again for others is not told that it will not be written', async () => {
  await using broker = await TestBroker.start({ topics: { orders: 1 } });
  await using r = rig(broker.bootstrap);
  await r.producer.send({ topic: 'orders', value: 'warm' });
  broker.on(Produce, { errorCode: Errors.NOT_ENOUGH_REPLICAS }, { always: true });
  const gone = rejection(r.producer.send({ topic: 'orders', value: 'gone' }, { timeoutMs: 50 }));
  const kept = r.producer.send({ topic: 'orders', value: 'kept' });
  expect(await gone).toMatchObject({ outcome: 'unknown' });
  broker.off(Produce);
  await kept;
  expect(valuesOf(broker, 'orders')).toEqual(['warm', 'gone', 'kept']);
});

it.each(['timeoutMs', 'signal'] as const)(
  'none of many records is written whose send gave up without room (%s)',
  async (how) => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap, { bufferBytes: 3_000 });
    await r.producer.send({ topic: 'orders', value: 'warm' });
    broker.on(Produce, { delayMs: 300 }, { times: 1 });
    const first = r.producer.send({ topic: 'orders', value: Buffer.alloc(2_000) });
    const sizes = [1_500, ...Array.from({ length: 7 }, () => 20)];
    const messages = sizes.map((size) => ({ value: Buffer.alloc(size) }));
    const limits = how === 'timeoutMs' ? { timeoutMs: 50 } : { signal: AbortSignal.timeout(50) };
    await rejection(r.producer.send({ topic: 'orders', messages }, limits));
    expect(r.producer.bufferedBytes).toBeLessThan(2_200);
    await first;
    await r.producer.send({ topic: 'orders', value: 'last' });
    expect(broker.records('orders', 0)).toHaveLength(3);
  },
);

it('a send of many, some of which are delivered, ends at its own time with their offsets and the errors of the others', async () => {
  await using broker = await TestBroker.start({ brokers: 2, topics: { orders: 2 } });
  await using r = rig(broker.addresses().join(','));
  for (const partition of [0, 1]) broker.moveLeader('orders', partition, partition + 1);
  await r.producer.send({ topic: 'orders', messages: [0, 1].map((partition) => ({ value: 'warm', partition })) });
  broker.on(Produce, 'swallow', {
    always: true,
    when: ({ topicData }) => topicData[0]?.partitionData[0]?.index === 1,
  });
  const messages = [0, 1, 0].map((partition) => ({ value: 'x', partition }));
  const error = await rejection(r.producer.send({ topic: 'orders', messages }, { timeoutMs: 500 }));
  expect(error).toMatchObject({
    code: 'DELIVERY',
    outcome: 'unknown',
    results: [{ offset: 1n }, { error: { outcome: 'unknown', partition: 1 } }, { offset: 2n }],
  });
  expect(String(error)).toMatch(/1 of 3 records failed.*not done within 500 ms/);
  expect(r.producer.bufferedBytes).toBe(0);
});

it('a batch that everybody has left is not sent again', async () => {
  await using broker = await TestBroker.start({ topics: { orders: 1 } });
  await using r = rig(broker.bootstrap);
  await r.producer.send({ topic: 'orders', value: 'warm' });
  let requests = 0;
  broker.on(
    Produce,
    () => {
      requests++;
      return { errorCode: 19 };
    },
    { always: true },
  );
  expect((await timed(r.producer.send({ topic: 'orders', value: 'x' }, { timeoutMs: 100 }))).error).toMatchObject({
    code: 'DELIVERY',
  });
  expect(r.producer.bufferedBytes).toBe(0);
  const until = requests;
  broker.off(Produce);
  await r.producer.send({ topic: 'orders', value: 'next' });
  expect([valuesOf(broker, 'orders'), requests - until <= 1]).toEqual([['warm', 'next'], true]);
});

it('whoever gives up, or is answered, leaves no timer behind', async () => {
  using timers = countedTimers();
  await using broker = await TestBroker.start({ topics: { orders: 1 } });
  const r = rig(broker.bootstrap, { bufferBytes: 1024 });
  await r.producer.send({ topic: 'orders', value: 'x' }, { timeoutMs: 60_000 });
  broker.on(Produce, 'swallow', { always: true });
  r.producer.enqueue({ topic: 'orders', value: 'y'.repeat(900) });
  r.producer.enqueue({ topic: 'orders', value: 'y'.repeat(900) });
  const waits = [
    r.producer.ready({ timeoutMs: 50 }),
    r.producer.flush({ timeoutMs: 50 }),
    r.producer.send({ topic: 'orders', value: 'z'.repeat(900) }, { timeoutMs: 50 }),
  ];
  for (const { error } of await Promise.all(waits.map((wait) => timed<unknown>(wait)))) expect(error).toBeDefined();
  broker.off(Produce);
  broker.killConnections();
  await r.producer.flush();
  expect(r.producer.bufferedBytes).toBe(0);
  await r.producer.close();
  r.cluster.close();
  expect(timers.left).toBe(0);
});

describe('of those whose sends end at the same moment nothing is written in the place of those that leave before them', () => {
  const value = 'x'.repeat(1_500);
  const list = (count: number) => ({ topic: 'orders', messages: numbers(count).map(() => ({ value })) });
  const one = { topic: 'orders', value };
  const later = 400;

  /** What is sent, ends by its time or by a signal; 13 records find room, and have left. */
  const ways: Record<string, (r: Rig, waiting: Waiting) => Promise<unknown>[]> = {
    'a list': ({ producer }, waiting) => [producer.send(list(30), waiting)],
    'two lists': ({ producer }, waiting) => [producer.send(list(20), waiting), producer.send(list(10), waiting)],
    'single ones': ({ producer }, waiting) => numbers(30).map(() => producer.send(one, waiting)),
    'a list and single ones': ({ producer }, waiting) => [
      producer.send(list(20), waiting),
      ...numbers(10).map(() => producer.send(one, waiting)),
    ],
  };
  const ends: Record<string, { options: ProducerOptions; waiting(): Waiting }> = {
    timeoutMs: { options: {}, waiting: () => ({ timeoutMs: later }) },
    signal: { options: {}, waiting: () => ({ signal: AbortSignal.timeout(later) }) },
    deliveryTimeoutMs: { options: { deliveryTimeoutMs: later }, waiting: () => ({}) },
  };
  const cases = Object.keys(ends).flatMap((end) => Object.keys(ways).map((way) => [way, end] as const));

  it.each(cases)('%s, ended by %s', async (way, end) => {
    const [send, limits] = [ways[way], ends[end]];
    if (!send || !limits) throw new RangeError('no such case');
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap, { bufferBytes: 20_000, ...limits.options });
    await r.producer.send({ topic: 'orders', value: 'warm' });
    broker.on(Produce, { handleThen: 'swallow' }, { always: true });
    const sends = send(r, limits.waiting()).map(rejection);
    await expect.poll(() => valuesOf(broker, 'orders').length).toBe(14);
    const errors = await Promise.all(sends);
    for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve));
    await expect.poll(() => r.producer.bufferedBytes).toBe(0);
    const outcomes = errors.flatMap((error) => outcomesOf(error));
    if (end !== 'signal') expect([outcomes.length, outcomes.filter((told) => told === 'no').length]).toEqual([30, 17]);
    expect(errors.map(String).join()).not.toContain('full: 0 records');
    await r.producer.close({ timeoutMs: 50 });
    expect(valuesOf(broker, 'orders').length).toBe(14);
  });
});

function outcomesOf(error: unknown): ('no' | 'unknown' | undefined)[] {
  if (!(error instanceof DeliveryError)) return [];
  if (error.results.length === 0) return [error.outcome];
  return error.results.map((result) => ('error' in result ? outcomesOf(result.error)[0] : undefined));
}
