// Thousands of partitions: what is asked of each of them costs the same however many there are.
import { ListOffsets } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Consumer } from '../index.ts';
import { createClient, type Kafka } from '../index.ts';
import { counted } from '../producer/testing.ts';
import type { PartitionStart } from '../types.ts';

const COUNT = 8_000;
const MOST_MS = 2_500;

let broker: TestBroker;
let kafka: Kafka;

beforeEach(async () => {
  broker = await TestBroker.start({ topics: { many: COUNT } });
  kafka = createClient({ brokers: [broker.bootstrap] });
});

afterEach(async () => {
  await kafka.close();
  await broker.close();
});

function startsAt(offset: PartitionStart['offset']): PartitionStart[] {
  return Array.from({ length: COUNT }, (_, partition) => ({ topic: 'many', partition, offset }));
}

/** A loop runs. */
async function reader(): Promise<Consumer> {
  const consumer = kafka.consumer({ assign: startsAt('earliest') });
  const loop = consumer[Symbol.asyncIterator]();
  loop.next().catch(() => undefined);
  await consumer.whenAssigned();
  return consumer;
}

/** Milliseconds of the processor's time, which what else the machine does disturbs little. */
async function timeOf(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

it('each is sought by its number', async () => {
  const consumer = await reader();
  const all = startsAt(0n);
  expect(await timeOf(() => Promise.all(all.map((one) => consumer.seek(one))))).toBeLessThan(MOST_MS);
  expect(consumer.position({ topic: 'many', partition: COUNT - 1 })).toBe(0n);
});

it('each is sought by a name, in one request', async () => {
  const consumer = await reader();
  const asked = counted(broker, ListOffsets);
  const all = startsAt('latest');
  expect(await timeOf(() => Promise.all(all.map((one) => consumer.seek(one))))).toBeLessThan(MOST_MS);
  expect(asked.count).toBe(1);
});

it('each is paused and resumed', async () => {
  const consumer = await reader();
  const all = startsAt(0n);
  const pauseEach = (): void => all.forEach((one) => void consumer.pause([one]));
  const resumeEach = (): void => all.forEach((one) => void consumer.resume([one]));
  expect((await timeOf(pauseEach)) + (await timeOf(resumeEach))).toBeLessThan(MOST_MS);
});

it('thousands of calls of assign() take their turn', async () => {
  const consumer = kafka.consumer({ groupId: 'g', assign: [{ topic: 'many', partition: 0, offset: 'committed' }] });
  const loop = consumer[Symbol.asyncIterator]();
  loop.next().catch(() => undefined);
  await consumer.whenAssigned();
  const assign = (_: unknown, i: number): Promise<void> =>
    consumer.assign([{ topic: 'many', partition: i % 4, offset: 'committed' }]);
  const calls = Array.from({ length: 4_000 }, assign);
  expect(await timeOf(() => Promise.all(calls))).toBeLessThan(6_000);
  expect(consumer.assignment()).toEqual([{ topic: 'many', partition: 3 }]);
});
