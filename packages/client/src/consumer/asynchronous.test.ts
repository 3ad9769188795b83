// Deserialisers that answer with promises.
import { setTimeout as delay } from 'node:timers/promises';
import { TestBroker } from '@hopwire/test-broker';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ConsumerOptions } from '../index.ts';
import { createClient, type Kafka } from '../kafka.ts';
import { quiet } from '../testing/loop.ts';

let broker: TestBroker;
let kafka: Kafka;

beforeEach(async () => {
  broker = await TestBroker.start({ topics: { t: 1 } });
  kafka = createClient({ brokers: broker.bootstrap, logger: quiet });
  broker.append(
    't',
    ['1', '2', 'bad', '4', '5'].map((value) => ({ key: `k${value}`, value })),
  );
});

afterEach(async () => {
  await kafka.close();
  await broker.close();
});

const base = { topics: ['t'], startAt: 'earliest', until: 'end' } as const satisfies ConsumerOptions;

async function numberOf(bytes: Buffer | null): Promise<number> {
  await delay(1);
  const number = Number(bytes);
  if (Number.isNaN(number)) throw new RangeError(`${bytes} is no number`);
  return number;
}

async function read(options: ConsumerOptions<unknown, number>): Promise<unknown[]> {
  const values: unknown[] = [];
  await using consumer = kafka.consumer({ ...base, ...options });
  for await (const { offset, value } of consumer) values.push([Number(offset), value]);
  return values;
}

const GOOD = [
  [0, 1],
  [1, 2],
  [3, 4],
  [4, 5],
];

it('the loop gets what the promises of key and value resolve to, record by record in order', async () => {
  broker.append('t', [{ key: 'last', value: '6' }]);
  const consumer = kafka.consumer({
    ...base,
    key: async (bytes) => String(bytes),
    value: async (bytes, { offset }) => (offset === 2n ? 3 : numberOf(bytes)),
  });
  const seen: [string, number][] = [];
  for await (const record of consumer) seen.push([record.key, record.value]);
  expect(seen.map(([, value]) => value)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(seen.map(([key]) => key)).toEqual(['k1', 'k2', 'kbad', 'k4', 'k5', 'last']);
});

it('some records may be decoded at once, and others later', async () => {
  const value = (bytes: Buffer | null): number | Promise<number> => (String(bytes) < '3' ? 0 : numberOf(bytes));
  expect(await read({ value, onUndecodable: 'skip' })).toEqual([[0, 0], [1, 0], ...GOOD.slice(2)]);
});

it('a rejection ends the loop with the place, and everything before is done', async () => {
  const consumer = kafka.consumer({ ...base, groupId: 'g', value: numberOf });
  const values: number[] = [];
  const loop = (async () => {
    for await (const { value } of consumer) values.push(value);
  })();
  await expect(loop).rejects.toMatchObject({ code: 'UNDECODABLE', offset: 2n, cause: { message: 'bad is no number' } });
  expect(values).toEqual([1, 2]);
  await consumer.commit();
  expect(await consumer.committed([{ topic: 't', partition: 0 }])).toMatchObject([{ offset: 2n }]);
});

it('a record that is left out does not count for the limit, and the group goes on behind it', async () => {
  const options = { groupId: 'g', value: numberOf, onUndecodable: 'skip' } as const;
  expect(await read({ ...options, limit: 3 })).toEqual(GOOD.slice(0, 3));
  broker.append('t', [{ value: 'bad, the last one' }]);
  expect(await read(options)).toEqual(GOOD.slice(3));
  expect(await read(options)).toEqual([]);
});

it('when key and value both reject, the first is told and nothing is unhandled', async () => {
  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  const rejects = async (): Promise<never> => {
    throw new Error('no');
  };
  await expect(read({ key: rejects, value: rejects })).rejects.toMatchObject({
    message: expect.stringContaining('the key'),
  });
  const throws = (): never => {
    throw new Error('at once');
  };
  await expect(read({ key: rejects, value: throws })).rejects.toMatchObject({ code: 'UNDECODABLE' });
  await delay(0);
  process.off('unhandledRejection', unhandled);
  expect(unhandled).not.toHaveBeenCalled();
});

it('a batch is read with `for await`, and says so where it is not', async () => {
  const consumer = kafka.consumer({ ...base, value: numberOf, onUndecodable: 'skip' });
  const values: number[] = [];
  for await (const batch of consumer.batches()) {
    expect(() => batch.records()).toThrow('for await');
    for await (const { value } of batch) values.push(value);
  }
  expect(values).toEqual([1, 2, 4, 5]);
});

it('a batch whose deserialisers answer at once may be read either way', async () => {
  for await (const batch of kafka.consumer({ ...base, value: String }).batches()) {
    const values: string[] = [];
    for await (const { value } of batch) values.push(value);
    expect(values).toEqual(batch.records().map(({ value }) => value));
  }
});

it('one that never answers holds neither close() nor the loop beyond the time that close() has', async () => {
  const value = vi.fn((): Promise<never> => new Promise(() => undefined));
  const consumer = kafka.consumer({ ...base, groupId: 'g', value });
  const loop = (async () => {
    for await (const record of consumer) throw new Error(`got ${record.offset}`);
  })();
  await vi.waitFor(() => expect(value).toHaveBeenCalled());
  await consumer.close({ timeoutMs: 100 });
  await loop;
});

it('what was sought, or paused, meanwhile is not handed out after that', async () => {
  const waiting: (() => void)[] = [];
  const value = (bytes: Buffer | null): Promise<string> =>
    new Promise((resolve) => waiting.push(() => resolve(String(bytes))));
  const consumer = kafka.consumer({ topics: ['t'], startAt: 'earliest', value });
  const records = consumer[Symbol.asyncIterator]();
  const first = records.next();
  await vi.waitFor(() => expect(waiting).toHaveLength(1));
  await consumer.seek({ topic: 't', partition: 0, offset: 3n });
  waiting.shift()?.();
  await vi.waitFor(() => expect(waiting).toHaveLength(1));
  consumer.pause([{ topic: 't', partition: 0 }]);
  waiting.shift()?.();
  await delay(20);
  consumer.resume([{ topic: 't', partition: 0 }]);
  await vi.waitFor(() => expect(waiting).toHaveLength(1));
  waiting.shift()?.();
  expect((await first).value).toMatchObject({ offset: 3n, value: '4' });
  await records.return?.();
  await consumer.close();
});

/** A consumer whose deserialiser waits for the test, record by record. */
function held(options: ConsumerOptions = {}) {
  const waiting: PromiseWithResolvers[] = [];
  const value = (bytes: Buffer | null): Promise<string> =>
    new Promise((resolve, reject) => waiting.push({ resolve: () => resolve(String(bytes)), reject }));
  const consumer = kafka.consumer({ startAt: 'earliest', ...options, value });
  const pending = async (): Promise<PromiseWithResolvers> => {
    await vi.waitFor(() => expect(waiting).toHaveLength(1));
    return waiting.shift() ?? { resolve: () => undefined, reject: () => undefined };
  };
  return { consumer, pending };
}

interface PromiseWithResolvers {
  resolve(): void;
  reject(error: Error): void;
}

it('what was assigned away meanwhile is not handed out', async () => {
  await kafka.admin().createTopics([{ topic: 'u', partitions: 1 }]);
  broker.append('u', [{ value: 'other' }]);
  const { consumer, pending } = held({ assign: [{ topic: 't', partition: 0, offset: 0n }] });
  const records = consumer[Symbol.asyncIterator]();
  const first = records.next();
  const old = await pending();
  await consumer.assign([{ topic: 'u', partition: 0, offset: 0n }]);
  old.resolve();
  (await pending()).resolve();
  expect((await first).value).toMatchObject({ topic: 'u', value: 'other' });
  await records.return?.();
});

it.each([false, true])(
  'a seek in the deserialiser counts, and its record is not handed out (async: %s)',
  async (later) => {
    let hasSought = false;
    const consumer = kafka.consumer({
      assign: [{ topic: 't', partition: 0, offset: 2n }],
      value: (bytes, { offset }): string | Promise<string> => {
        if (!hasSought && offset === 2n) void consumer.seek({ topic: 't', partition: 0, offset: 4n });
        hasSought = true;
        return later ? Promise.resolve(String(bytes)) : String(bytes);
      },
    });
    for await (const { offset, value } of consumer) {
      expect([offset, value]).toEqual([4n, '5']);
      break;
    }
    expect(consumer.position({ topic: 't', partition: 0 })).toBe(4n);
  },
);

it.each(['seek', 'pause', 'close'] as const)('what is rejected after a %s is told to nobody', async (change) => {
  const onUndecodable = vi.fn(() => 'skip' as const);
  const { consumer, pending } = held({ assign: [{ topic: 't', partition: 0, offset: 0n }], onUndecodable });
  const values: string[] = [];
  const loop = (async () => {
    for await (const { value } of consumer) values.push(String(value));
  })();
  const first = await pending();
  let closed: Promise<void> | undefined;
  if (change === 'seek') await consumer.seek({ topic: 't', partition: 0, offset: 3n });
  else if (change === 'pause') consumer.pause([{ topic: 't', partition: 0 }]);
  else closed = consumer.close();
  first.reject(new Error('too late'));
  await delay(20);
  if (change === 'pause') consumer.resume([{ topic: 't', partition: 0 }]);
  if (change !== 'close') {
    (await pending()).resolve();
    await vi.waitFor(() => expect(values).toHaveLength(1));
  }
  await (closed ?? consumer.close({ timeoutMs: 100 }));
  await loop;
  expect(values).toEqual(change === 'close' ? [] : [change === 'seek' ? '4' : '1']);
  expect(onUndecodable).not.toHaveBeenCalled();
});

it('a batch whose record is never ready ends when its partition is taken away', async () => {
  const { consumer, pending } = held({ assign: [{ topic: 't', partition: 0, offset: 0n }] });
  const loop = (async () => {
    for await (const batch of consumer.batches()) for await (const record of batch) expect(record).toBeUndefined();
  })();
  await pending();
  await consumer.close({ timeoutMs: 100 });
  await loop;
});

it('what is rejected after the loop was left is told to nobody', async () => {
  const { consumer, pending } = held({ assign: [{ topic: 't', partition: 0, offset: 0n }] });
  const records = consumer[Symbol.asyncIterator]();
  const first = records.next();
  const { reject } = await pending();
  await records.return?.();
  reject(new Error('too late'));
  expect(await first).toEqual({ done: true, value: undefined });
});
