import { inspect } from 'node:util';
import { TestBroker } from '@hopwire/test-broker';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ConsumerBatch, ConsumerOptions, ConsumerRecord } from '../index.ts';
import { createClient } from '../index.ts';

const WRITTEN = {
  key: 'order-1',
  value: '{"price":1}',
  timestampMs: Date.UTC(2026, 0, 2),
  headers: [
    ['trace', 'abc'],
    ['raw', Buffer.from([0xff])],
  ],
} as const;

async function taken<K, V>(options: ConsumerOptions<K, V>): Promise<[ConsumerRecord<K, V>, ConsumerBatch<K, V>]> {
  await using broker = await TestBroker.start({ topics: { orders: 1 } });
  broker.append('orders', [
    { ...WRITTEN, headers: WRITTEN.headers.map(([name, value]) => [name, Buffer.from(value)]) },
  ]);
  await using kafka = createClient({ brokers: broker.bootstrap });
  await using consumer = kafka.consumer({ topics: ['orders'], startAt: 'earliest', ...options });
  for await (const batch of consumer.batches()) {
    for (const record of batch) return [record.retain(), batch];
  }
  throw new Error('nothing came');
}

describe('a record', () => {
  let record: ConsumerRecord;
  let batch: ConsumerBatch;
  beforeAll(async () => {
    [record, batch] = await taken({});
  });

  it('can be spread: what is known of it are its own fields, and nothing else is', () => {
    const { topic, partition, offset, timestampMs, key, value, headers } = record;
    expect({ ...record }).toEqual({ topic, partition, offset, timestampMs, key, value, headers });
  });

  it('is shown in JSON with its bytes as text where they are text', () => {
    expect(JSON.parse(JSON.stringify(record))).toEqual({
      topic: 'orders',
      partition: 0,
      offset: '0',
      time: '2026-01-02T00:00:00.000Z',
      key: 'order-1',
      value: '{"price":1}',
      headers: [
        ['trace', 'abc'],
        ['raw', { base64: '/w==' }],
      ],
    });
  });

  it('is shown on the console with its fields, and without what it is kept in', () => {
    const shown = inspect(record, { breakLength: Infinity });
    expect(shown).toBe(
      `ConsumerRecord { topic: 'orders', partition: 0, offset: 0n, time: '2026-01-02T00:00:00.000Z', key: 'order-1', ` +
        `value: '{"price":1}', headers: [ [ 'trace', 'abc' ], [ 'raw', <Buffer ff> ] ] }`,
    );
    expect(inspect([record], { depth: 0 })).toContain('ConsumerRecord');
  });

  it('shows what the deserialisers made of it', async () => {
    const [decoded] = await taken({ value: (bytes): unknown => JSON.parse(String(bytes)), key: () => 7 });
    expect(decoded.toJSON()).toMatchObject({ key: 7, value: { price: 1 } });
    expect(inspect(decoded)).toContain('value: { price: 1 }');
  });

  it('and its batch says where it is', () => {
    expect(JSON.stringify(batch)).toBe('{"topic":"orders","partition":0,"offset":"0","nextOffset":"1"}');
    expect(inspect(batch, { breakLength: Infinity })).toContain(
      "ConsumerBatch { topic: 'orders', partition: 0, offset: 0n",
    );
  });
});
