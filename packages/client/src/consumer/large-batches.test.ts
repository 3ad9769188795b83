// A batch that unpacks to more than `maxBatchBytes`, in the middle of a topic: one place that `onCorrupt` decides about.
import { BatchBuilder, Produce } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient, type Kafka } from '../kafka.ts';
import { Loop, quiet } from '../testing/loop.ts';
import { inGroup } from '../testing/six-records.ts';

const MiB = 1024 * 1024;

let broker: TestBroker;
let kafka: Kafka;
let warned: string[];

/** Stored as the producer has packed it. */
async function store(values: readonly (string | Buffer)[]): Promise<void> {
  const builder = new BatchBuilder();
  for (const value of values) builder.append(0, null, Buffer.from(value));
  const records = builder.seal({ compression: 'gzip' });
  const topicData = [{ name: 't', topicId: broker.topicId('t'), partitionData: [{ index: 0, records }] }];
  const request = { transactionalId: null, acks: -1, timeoutMs: 1_000, topicData };
  await kafka.request(Produce, request, { broker: 1 });
}

beforeEach(async () => {
  broker = await TestBroker.start({ topics: { t: 1 } });
  warned = [];
  const logger = { ...quiet, warn: (line: string) => void warned.push(line) };
  kafka = createClient({ brokers: broker.bootstrap, logger });
  await store(['0', '1']);
  await store(['2', Buffer.alloc(3 * MiB), '4']);
  await store(['5', '6']);
});

afterEach(async () => {
  await kafka.close();
  await broker.close();
});

const options = { ...inGroup, maxBatchBytes: MiB } as const;

describe('with skip', () => {
  it('the loop goes on behind it, the log says what was left out, and a restart does not stop there', async () => {
    const consumer = kafka.consumer({ ...options, onCorrupt: 'skip' });
    const loop = new Loop(consumer);
    expect(await loop.saw(4)).toEqual(['0', '1', '5', '6']);
    await consumer.close();
    expect(warned).toEqual([expect.stringMatching(/skipped .*offset 2 .*unpacks to more than the 1048576 bytes/)]);
    expect(broker.committed('g', 't')).toBe(7n);
  });

  it('batches() give what can be read, however often they are read', async () => {
    const consumer = kafka.consumer({ ...options, onCorrupt: 'skip' });
    const texts: (string | null)[] = [];
    for await (const batch of consumer.batches()) {
      expect([...batch].length).toBe([...batch].length);
      texts.push(...batch.records().map((record) => record.text()));
      if (batch.nextOffset === 7n) break;
    }
    expect(texts).toEqual(['0', '1', '5', '6']);
    expect(warned).toHaveLength(1);
  });

  it('the limit counts what was handed out', async () => {
    const consumer = kafka.consumer({ ...options, onCorrupt: 'skip', limit: 3 });
    const loop = new Loop(consumer);
    await loop.ended;
    expect(loop.texts).toEqual(['0', '1', '5']);
  });
});

it('with throw it ends the loop, which comes to the same place again', async () => {
  const consumer = kafka.consumer(options);
  for (const texts of [['0', '1'], []]) {
    const loop = new Loop(consumer);
    await loop.ended;
    expect([loop.texts, loop.failure]).toMatchObject([texts, { code: 'CORRUPT_BATCH', offset: 2n }]);
  }
  await consumer.seek({ topic: 't', partition: 0, offset: 5n });
  expect(await new Loop(consumer).saw(2)).toEqual(['5', '6']);
});
