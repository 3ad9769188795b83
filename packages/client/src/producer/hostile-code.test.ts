// User code that a producer calls, and bytes that users keep: whatever they do, no record is lost and nothing ends.
import { Errors, Produce } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { describe, expect, it } from 'vitest';
import type { Partitioner } from '../options.ts';
import { counted, numbers, refusal, rejection, rig, valuesOf } from './testing.ts';

describe('a partitioner', () => {
  it.each([
    ['throws', () => thrown(), /no idea/],
    ['throws nothing', () => thrown(null), /not an Error was thrown/],
    ['says NaN', () => Number.NaN, /partition NaN/],
    ['says a string', () => '0', /must return a number at once, not a string/],
    ['says a promise', async () => 0, /not a Promise/],
    ['says a promise that rejects', async () => thrown(), /not a Promise/],
    ['says nothing', () => undefined, /not undefined/],
    ['says one that is not there', () => 9, /partition 9, the topic has 0 to 0/],
  ])('that %s fails its record alone, known topic or not', async (_what, partitioner, message) => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    const mixed = (info: Parameters<Partitioner>[0]): unknown => (info.key ? partitioner() : 0);
    await using r = rig(broker.bootstrap, { partitioner: mixed as Partitioner });
    for (let round = 0; round < 2; round++) {
      const sends = [undefined, 'bad', undefined].map((key) => r.producer.send({ topic: 'orders', key, value: 'x' }));
      const [good, bad, alsoGood] = await Promise.allSettled(sends);
      expect([good?.status, bad?.status, alsoGood?.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(bad?.status === 'rejected' ? String(asText(bad.reason)) : '').toMatch(message);
    }
    expect([broker.records('orders').length, r.producer.bufferedBytes]).toEqual([4, 0]);
  });

  it('may send, for ever if it must: nothing is lost, and the event loop goes on', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    const inner: Promise<unknown>[] = [];
    const r = rig(broker.bootstrap, {
      partitioner: () => {
        if (inner.length < 200) inner.push(r.producer.send({ topic: 'orders', value: 'inner' }));
        return 0;
      },
    });
    await r.producer.send({ topic: 'orders', value: 'outer' });
    await r.producer.send({ topic: 'orders', value: 'outer' });
    await expect.poll(() => inner.length).toBe(200);
    await Promise.all(inner);
    expect([broker.records('orders').length, r.producer.bufferedBytes]).toEqual([202, 0]);
    await r[Symbol.asyncDispose]();
  });

  it('that aborts the send it is asked for withdraws its records', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    const abort = new AbortController();
    await using r = rig(broker.bootstrap, {
      partitioner: ({ key }) => {
        if (String(key) === 'stop') abort.abort(new Error('stop'));
        return 0;
      },
    });
    await r.producer.send({ topic: 'orders', value: 'warm' });
    const messages = [{ value: 'a' }, { key: 'stop', value: 'b' }, { value: 'c' }];
    expect(String(await rejection(r.producer.send({ topic: 'orders', messages }, { signal: abort.signal })))).toBe(
      'Error: stop',
    );
    await r.producer.flush();
    expect([valuesOf(broker, 'orders'), r.producer.bufferedBytes]).toEqual([['warm'], 0]);
  });
});

it.each([
  ['an observer', { onEvent: () => thrown() }],
  ['a logger', { logger: { debug: thrown, info: thrown, warn: thrown, error: thrown }, onEvent: undefined }],
])('%s that throws stops nothing', async (_who, client) => {
  await using broker = await TestBroker.start({ topics: { orders: 1 } });
  await using r = rig(broker.bootstrap, {}, client);
  broker.on(Produce, (q) => refusal(q, Errors.INVALID_RECORD));
  r.producer.enqueue({ topic: 'orders', value: 'lost' });
  await r.producer.flush();
  expect((await r.producer.send({ topic: 'orders', value: 'x' })).offset).toBe(0n);
  expect(r.producer.bufferedBytes).toBe(0);
});

it('what was given may be used again as soon as send or enqueue returns, wherever the record is', async () => {
  await using broker = await TestBroker.start({ topics: { orders: 1 } });
  await using r = rig(broker.bootstrap, { bufferBytes: 1024 });
  const bytes = Buffer.alloc(4);
  const filled = (text: string): Buffer => {
    bytes.write(text);
    return bytes;
  };
  const sends: Promise<unknown>[] = [];
  const send = (text: string, more: object = {}): void => {
    const headers = [['h', filled(text)]] as const;
    sends.push(r.producer.send({ topic: 'orders', key: filled(text), value: filled(text), headers, ...more }));
    filled('XXXX');
  };
  r.producer.enqueue({ topic: 'orders', value: filled('held') });
  filled('XXXX');
  send('late'); // its topic is not known either
  await Promise.all(sends);
  send('now1'); // straight into its batch
  sends.push(r.producer.send({ topic: 'orders', value: Buffer.alloc(900, 'f') }));
  send('line'); // no room
  await Promise.all(sends);
  expect(valuesOf(broker, 'orders').map((value) => value.slice(0, 4))).toEqual([
    'held',
    'late',
    'now1',
    'ffff',
    'line',
  ]);
  const line = broker.records('orders').at(-1);
  expect([line?.key, line?.headers[0]?.[1]].map(String)).toEqual(['line', 'line']);
});

it('a record that cannot be written fails alone, and leaves no empty batch behind', async () => {
  await using broker = await TestBroker.start({ topics: { orders: 1 } });
  await using r = rig(broker.bootstrap);
  await r.producer.send({ topic: 'orders', value: 'warm' });
  const moody = Object.defineProperty(['h', 'x'], 1, { get: moods() });
  const values = ['g1', 'bad', 'g2'];
  const sends = values.map((value) =>
    r.producer.send({ topic: 'orders', value, ...(value === 'bad' && { headers: [['\ud800', 'y']] }) }),
  );
  sends.push(r.producer.send({ topic: 'orders', value: 'moody', headers: [moody as never] }));
  const results = await Promise.allSettled(sends);
  expect(results.slice(0, 3).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(valuesOf(broker, 'orders').slice(0, 3)).toEqual(['warm', 'g1', 'g2']);
  expect(r.producer.bufferedBytes).toBe(0);
});

it('records that nobody waits for are told of in the log once, and then rarely, with their number', async () => {
  await using broker = await TestBroker.start({ topics: { secret: 1 }, denyTopics: ['secret'] });
  const lines: unknown[] = [];
  const quiet = (): void => undefined;
  const error = (message: string, fields?: object): void => void lines.push({ message, ...fields });
  const r = rig(broker.bootstrap, {}, { logger: { debug: quiet, info: quiet, warn: quiet, error } });
  for (const value of numbers(500)) r.producer.enqueue({ topic: 'secret', value });
  await r.producer.flush();
  expect(lines).toMatchObject([{ message: 'records were not delivered', records: 1 }]);
  await r[Symbol.asyncDispose]();
  expect(lines.at(-1)).toMatchObject({ records: 499, error: expect.stringMatching(/TOPIC_AUTHORIZATION_FAILED/) });
});

describe('a record that the broker hangs up on', () => {
  it('because of its size fails soon, with the reason, and no other partition suffers', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 2 } });
    await using r = rig(broker.bootstrap, { maxRequestBytes: 10_000 });
    await r.producer.send({ topic: 'orders', value: 'warm', partition: 1 });
    broker.on(Produce, 'kill', {
      always: true,
      when: ({ topicData }) => topicData.some((t) => t.partitionData.some((p) => (p.records?.length ?? 0) > 50_000)),
    });
    const large = rejection(r.producer.send({ topic: 'orders', value: 'x'.repeat(60_000), partition: 0 }));
    const behind = r.producer.send({ topic: 'orders', value: 'behind', partition: 0 });
    const retried = (): number =>
      r.events.filter((e) => e.type === 'batch' && e.partition === 1 && e.outcome === 'retrying').length;
    for (let i = 0; i < 20; i++) await r.producer.send({ topic: 'orders', value: 'other', partition: 1 });
    expect(await large).toMatchObject({
      code: 'DELIVERY',
      message: expect.stringMatching(/60\d\d\d bytes is too large.*socket\.request\.max\.bytes/),
    });
    await behind;
    expect([valuesOf(broker, 'orders', 0), retried()]).toEqual([['behind'], 0]);
    expect(r.producer.bufferedBytes).toBe(0);
  });

  it('for another reason is sent again', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap, { maxRequestBytes: 10_000 });
    broker.on(Produce, 'kill', { times: 3 });
    const produced = counted(broker, Produce);
    expect((await r.producer.send({ topic: 'orders', value: 'x'.repeat(60_000) })).offset).toBe(0n);
    expect(produced.count).toBe(1);
  });
});

function thrown(what: unknown = new Error('no idea')): never {
  throw what;
}

function asText(reason: unknown): string {
  return reason instanceof Error ? reason.message : `not an Error was thrown: ${String(reason)}`;
}

/** Text at first, then something else. */
function moods(): () => unknown {
  let asked = 0;
  return () => (asked++ === 0 ? 'x' : 7);
}
