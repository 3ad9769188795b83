// Message sets in and out of the embedded broker, over a socket: Produce 0-2 and Fetch 0-3.
import { Errors, Fetch, MessageSetBuilder, Produce, type ReadRecord, readRecords } from '@hopwire/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestBroker } from './test-broker.ts';
import { RawClient } from './testing/raw-client.ts';
import { batchOf, fetchOf, fetchPartition, produceOf } from './testing/requests.ts';

const T = 1_700_000_000_000;
const TEXT = 'said again and again, '.repeat(10);

let broker: TestBroker;
let client: RawClient;

beforeEach(async () => {
  broker = await TestBroker.start({ topics: { orders: 1 } });
  client = await RawClient.open(broker.bootstrap);
});

afterEach(async () => {
  client.close();
  await broker.close();
});

async function fetchBytes(version: number, offset: bigint, maxBytes = 1_000_000): Promise<Buffer> {
  const answer = await client.ask(
    Fetch,
    version,
    fetchOf('orders', [fetchPartition(0, offset, { partitionMaxBytes: maxBytes })]),
  );
  const partition = answer.responses[0]?.partitions[0];
  expect(partition?.errorCode).toBe(0);
  return partition?.records ?? Buffer.alloc(0);
}

const facts = ({ offset, timestampMs, key, value, batch: { magic, codec } }: ReadRecord): unknown[] => [
  ...[offset, timestampMs, key?.toString() ?? null, value?.toString() ?? null, magic, codec],
];

describe('message sets', () => {
  const ways = ([0, 1, 2] as const).flatMap((version) =>
    (['none', 'gzip', 'snappy', 'lz4'] as const).map((compression) => ({ version, compression })),
  );

  it.each(ways)('written by Produce $version with $compression come back in every format', async (way) => {
    const magic = way.version === 2 ? 1 : 0;
    for (let half = 0; half < 2; half++) {
      const builder = new MessageSetBuilder({ magic });
      for (let i = 0; i < 20; i++) builder.append(T + i, i === 3 ? null : `k${i}`, i === 4 ? null : TEXT);
      const records = builder.seal({ compression: way.compression });
      const answer = await client.ask(Produce, way.version, produceOf('orders', records));
      expect(answer.responses[0]?.partitionResponses[0]).toMatchObject({ errorCode: 0, baseOffset: BigInt(20 * half) });
    }
    for (const [version, format] of [
      [0, 0],
      [1, 0],
      [2, 1],
      [3, 1],
      [4, 2],
    ] as const) {
      const hasTime = magic === 1 && format > 0;
      expect([...readRecords(await fetchBytes(version, 0n))].map(facts)).toEqual(
        Array.from({ length: 40 }, (_, at) => {
          const i = at % 20;
          const content = [i === 3 ? null : `k${i}`, i === 4 ? null : TEXT];
          return [BigInt(at), hasTime ? T + i : -1, ...content, format, way.compression];
        }),
      );
    }
  });

  it.each(['gzip', 'snappy', 'lz4'] as const)('made of batches keep their codec, %s', async (compression) => {
    broker.append('orders', [{ value: 'before' }]);
    const values = Array.from({ length: 10 }, () => TEXT);
    await client.ask(Produce, 9, produceOf('orders', batchOf(values, { compression })));
    for (const [version, format] of [
      [1, 0],
      [3, 1],
    ] as const) {
      const read = [...readRecords(await fetchBytes(version, 4n))].map(facts);
      expect(read.map(([offset, , , value, magic, codec]) => [offset, value, magic, codec])).toEqual(
        values.slice(3).map((value, i) => [BigInt(4 + i), value, format, compression]),
      );
    }
  });

  it('tell the time of the append when the topic has that', async () => {
    broker.createTopic('stamped', 1, { 'message.timestamp.type': 'LogAppendTime' });
    const before = Date.now();
    await client.ask(Produce, 9, produceOf('stamped', batchOf(['x'])));
    const answer = await client.ask(Fetch, 3, fetchOf('stamped', [fetchPartition(0, 0n)]));
    const [record] = readRecords(answer.responses[0]?.partitions[0]?.records ?? null);
    expect(record?.timestampType).toBe('append');
    expect(record?.timestampMs).toBeGreaterThanOrEqual(before);
  });

  it('end within a message where the limit is below version 3; from there the first batch is whole', async () => {
    broker.append('orders', [{ value: TEXT }, { value: TEXT }]);
    const cut = await fetchBytes(2, 0n, 300);
    expect(cut).toHaveLength(300);
    expect([...readRecords(cut)]).toHaveLength(1);
    expect(readRecords(cut).partialBytes).toBeGreaterThan(0);
    expect([...readRecords(await fetchBytes(3, 0n, 300))]).toHaveLength(2);
  });

  it('cannot be made of zstd', async () => {
    await client.ask(Produce, 9, produceOf('orders', batchOf([TEXT, TEXT], { compression: 'zstd' })));
    const answer = await client.ask(Fetch, 3, fetchOf('orders', [fetchPartition(0, 0n)]));
    expect(answer.responses[0]?.partitions[0]?.errorCode).toBe(Errors.UNSUPPORTED_COMPRESSION_TYPE);
  });
});
