// Deserialisers and what is done about records that they throw for.
import { TestBroker } from '@hopwire/test-broker';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ConsumerOptions } from '../index.ts';
import { createClient, type Kafka } from '../kafka.ts';
import { quiet } from '../testing/loop.ts';

let broker: TestBroker;
let kafka: Kafka;

beforeEach(async () => {
  broker = await TestBroker.start({ topics: { t: 1 } });
  kafka = createClient({ brokers: broker.bootstrap, logger: quiet });
  const format = (name: string): [string, string] => ['format', name];
  broker.append('t', [
    { key: 'k', value: '{"a":1}', headers: [format('json')] },
    { value: 'no json', headers: [format('json')] },
    { value: 'text', headers: [format('text')] },
  ]);
});

afterEach(async () => {
  await kafka.close();
  await broker.close();
});

const options = {
  topics: ['t'],
  startAt: 'earliest',
  until: 'end',
  value: (bytes, { headers }): unknown =>
    headers.some(([, format]) => String(format) === 'json') ? JSON.parse(String(bytes)) : String(bytes),
} as const satisfies ConsumerOptions<Buffer | null, unknown>;

async function valuesOf(more: Pick<ConsumerOptions, 'onUndecodable'>): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const record of kafka.consumer({ ...options, ...more })) values.push(record.value);
  return values;
}

it('a deserialiser sees the headers', async () => {
  expect(await valuesOf({ onUndecodable: 'skip' })).toEqual([{ a: 1 }, 'text']);
});

it('a function decides with the error and the record, which it may keep', async () => {
  const kept: unknown[] = [];
  const values = await valuesOf({
    onUndecodable: (error, record) => {
      kept.push([error.code, record.offset, record.text(), record.headers]);
      return 'skip';
    },
  });
  expect(values).toEqual([{ a: 1 }, 'text']);
  expect(kept).toEqual([['UNDECODABLE', 1n, 'no json', [['format', Buffer.from('json')]]]]);
});

it('what the function throws, or returns by mistake, ends the loop', async () => {
  const thrown = (): never => {
    throw new Error('my disk is full');
  };
  await expect(valuesOf({ onUndecodable: thrown })).rejects.toThrow('my disk is full');
  const mistaken: unknown = () => 'sikp';
  const onUndecodable = mistaken as ConsumerOptions['onUndecodable'];
  await expect(valuesOf({ onUndecodable })).rejects.toThrow(/onUndecodable returned.*sikp/);
  await expect(valuesOf({ onUndecodable: () => 'throw' })).rejects.toMatchObject({ code: 'UNDECODABLE', offset: 1n });
});

it('a record has its bytes beside what was made of them', async () => {
  for await (const record of kafka.consumer({ ...options, key: String })) {
    expect([record.key, record.rawKey, record.value, record.rawValue]).toEqual([
      'k',
      Buffer.from('k'),
      { a: 1 },
      Buffer.from('{"a":1}'),
    ]);
    break;
  }
});
