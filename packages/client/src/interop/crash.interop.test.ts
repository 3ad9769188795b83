// Kafka is killed under a producing client and started again on the same data: what was acknowledged is there once.
import { because, KAFKA_MODERN, placesFor, type Target } from '@hopwire/test-broker/harness';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient, type Kafka } from '../index.ts';

const [place] = await placesFor([KAFKA_MODERN]);
const lack = place.lacks('plaintext', 'restart');
const topic = 'crash';
const PARTITIONS = 3;

async function read(kafka: Kafka): Promise<Map<number, string[]>> {
  await using consumer = kafka.consumer({ topics: [topic], startAt: 'earliest', until: 'end' });
  const values = new Map<number, string[]>();
  for await (const record of consumer)
    values.set(record.partition, [...(values.get(record.partition) ?? []), String(record.value)]);
  return values;
}

describe.skipIf(lack)(`A crash of ${place.name}${because(lack)}`, () => {
  let target: Target;
  beforeAll(async () => {
    target = await place.start();
  });
  afterAll(() => target?.close());

  it('every acknowledged record is read back once and in order after the broker was killed and restarted', async () => {
    await using kafka = createClient({ brokers: [target.bootstrap()] });
    await kafka.admin().createTopics([{ topic, partitions: PARTITIONS }]);
    await using producer = kafka.producer();
    const acknowledged = new Map<number, string[]>();
    let next = 0;
    const failures: unknown[] = [];
    const produceUntil = async (done: () => boolean): Promise<void> => {
      while (!done()) {
        const partition = next % PARTITIONS;
        const value = `m${next++}`;
        await producer.send({ topic, partition, value }).then(
          () => acknowledged.set(partition, [...(acknowledged.get(partition) ?? []), value]),
          (error: unknown) => failures.push(error),
        );
      }
    };
    let restarted = false;
    const lanes = Array.from({ length: 20 }, () => produceUntil(() => restarted && next > 4000));
    while (next < 1000) await producer.send({ topic, partition: 0, value: 'beat' });
    await target.control?.kill();
    await target.control?.start();
    restarted = true;
    await Promise.all(lanes);
    expect(failures).toEqual([]);
    const found = await read(kafka);
    for (const [partition, values] of acknowledged) {
      const present = (found.get(partition) ?? []).filter((value) => value !== 'beat');
      expect(present.length).toBe(new Set(present).size);
      expect(values.filter((value) => !present.includes(value))).toEqual([]);
      // Sent in order of their numbers, and so they must lie.
      const numbers = present.map((value) => Number(value.slice(1)));
      expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    }
  });
});
