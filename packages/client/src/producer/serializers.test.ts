// The caller's functions that make bytes of keys and values.
import { TestBroker } from '@hopwire/test-broker';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createClient, type Kafka } from '../kafka.ts';
import type { ProducerOptions } from '../options.ts';
import { quiet } from '../testing/loop.ts';
import type { Producer } from './producer.ts';

interface Order {
  readonly id: number;
}

let broker: TestBroker;
let kafka: Kafka;
const options = {
  key: (id) => `order-${id}`,
  value: (order) => JSON.stringify(order),
} as const satisfies ProducerOptions<number, Order>;

beforeEach(async () => {
  broker = await TestBroker.start({ topics: { orders: 1 } });
  kafka = createClient({ brokers: broker.bootstrap, logger: quiet });
});

afterEach(async () => {
  await kafka.close();
  await broker.close();
});

/** Key and value of all that was written, as text. */
async function written(): Promise<unknown[]> {
  const seen: unknown[] = [];
  for await (const { key, value } of kafka.consumer({ topics: ['orders'], startAt: 'earliest', until: 'end' })) {
    seen.push([key?.toString() ?? null, value?.toString() ?? null]);
  }
  return seen;
}

it('send, enqueue and streams write what the functions make', async () => {
  const producer: Producer<number, Order> = kafka.producer(options);
  await producer.send({ topic: 'orders', key: 1, value: { id: 1 } });
  await producer.send({ topic: 'orders', messages: [{ key: 2, value: { id: 2 } }, { value: { id: 3 } }] });
  producer.enqueue({ topic: 'orders', key: 0, value: { id: 4 } });
  const writer = producer.writable().getWriter();
  await writer.write({ topic: 'orders', key: 5, value: { id: 5 } });
  await writer.close();
  expect(await written()).toEqual([
    ['order-1', '{"id":1}'],
    ['order-2', '{"id":2}'],
    [null, '{"id":3}'],
    ['order-0', '{"id":4}'],
    ['order-5', '{"id":5}'],
  ]);
});

it('a function may use one buffer for all records', async () => {
  const shared = Buffer.alloc(8);
  const value = (order: Order): Buffer => shared.subarray(0, shared.write(`no ${order.id}`));
  const producer = kafka.producer({ value });
  await producer.send({ topic: 'orders', messages: [{ value: { id: 1 } }, { value: { id: 2 } }] });
  const sent = [3, 4].map((id) => producer.send({ topic: 'orders', value: { id } }));
  producer.enqueue({ topic: 'orders', value: { id: 5 } });
  await Promise.all(sent);
  await producer.flush();
  expect(await written()).toEqual([1, 2, 3, 4, 5].map((id) => [null, `no ${id}`]));
});

it('null stays null: no key, and a tombstone', async () => {
  const key = vi.fn(String);
  const value = vi.fn(String);
  await kafka.producer({ key, value }).send({ topic: 'orders', key: null, value: null });
  expect(await written()).toEqual([[null, null]]);
  expect([key.mock.calls, value.mock.calls]).toEqual([[], []]);
});

it('a function is told the topic, and where only the value has one the key is written as it is', async () => {
  const value = (order: Order, { topic }: { topic: string }): string => `${topic}: ${order.id}`;
  await kafka.producer({ value }).send({ topic: 'orders', key: 'as it is', value: { id: 7 } });
  expect(await written()).toEqual([['as it is', 'orders: 7']]);
});

it('the partitioner sees the bytes of the key', async () => {
  const partitioner = vi.fn(() => 0);
  await kafka.producer({ ...options, partitioner }).send({ topic: 'orders', key: 9, value: { id: 9 } });
  expect(partitioner).toHaveBeenCalledWith({ topic: 'orders', key: Buffer.from('order-9'), partitions: 1 });
});

it.each([
  ['a number', () => 4, 'a number'],
  ['nothing', () => undefined, 'undefined'],
  ['an object', () => ({ id: 1 }), 'an object'],
  ['a promise', async () => 'later', 'a Promise; await it before you send'],
  ['a promise that rejects', () => Promise.reject(new Error('no')), 'a Promise; await it before you send'],
])('%s in place of bytes is refused with the place, and nothing of the send is written', async (_, wrong, named) => {
  const value = (order: Order): string => (order.id === 2 ? (wrong() as never) : String(order.id));
  const producer = kafka.producer({ value });
  const messages = [{ value: { id: 1 } }, { value: { id: 2 } }];
  const refusal = `messages[1].value: the producer's option value must return a string, a Uint8Array or null, not ${named}`;
  await expect(producer.send({ topic: 'orders', messages })).rejects.toThrow(new TypeError(refusal));
  expect(await written()).toEqual([]);
});

it.each([
  ['an Error', new RangeError('no such schema')],
  ['something else', 'no such schema'],
  ['nothing at all', undefined],
])('when a function throws %s, send rejects with the place and the cause', async (_, thrown) => {
  const key = (_: number): never => {
    throw thrown;
  };
  const producer = kafka.producer({ key });
  const failure = producer.send({ topic: 'orders', key: 1, value: 'v' });
  await expect(failure).rejects.toMatchObject({ message: /^key: the producer's option key threw: /, cause: thrown });
  expect(() => producer.enqueue({ topic: 'orders', key: 1, value: 'v' })).toThrow(/option key threw/);
});

it('without a key nothing of the key is asked for', async () => {
  const key = vi.fn(String);
  await kafka.producer({ key }).send({ topic: 'orders', value: 'v' });
  expect(key).not.toHaveBeenCalled();
});

it('what is no function is refused', () => {
  expect(() => kafka.producer({ value: 'json' as never })).toThrow('value must be a function');
});
