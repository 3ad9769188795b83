// Several of everything out of one client, against real Kafka that is killed and restarted: three members of one group, two
// of another, a reader without a group, three producers and an admin.
import { because, KAFKA_MODERN, KAFKA_OLD, placesFor, type Target } from '@hopwire/test-broker/harness';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Consumer, createClient, type Kafka } from '../index.ts';
import { quiet } from '../testing/loop.ts';

const places = await placesFor([KAFKA_MODERN, KAFKA_OLD]);
const lack = places[0].lacks('plaintext', 'restart');
const named = places.map((place) => [place.name, place] as const);
const PARTITIONS = 6;
const WAIT = { timeout: 60_000, interval: 50 };

/** What one reader, or all members of one group together, have handled. */
class Handled {
  /** In the order of handling, by partition. */
  readonly offsets = new Map<number, bigint[]>();
  readonly values = new Set<string>();
  readonly #ended: Promise<void>[] = [];
  readonly #busy = new Map<number, Consumer>();
  /** Partitions that two members were handling at the same time. */
  readonly collisions: number[] = [];

  follow(consumer: Consumer): void {
    this.#ended.push(this.#run(consumer));
  }

  ended(): Promise<unknown> {
    return Promise.all(this.#ended);
  }

  async #run(consumer: Consumer): Promise<void> {
    for await (const record of consumer) {
      const { partition, offset } = record;
      const other = this.#busy.get(partition);
      if (other !== undefined && other !== consumer) this.collisions.push(partition);
      this.#busy.set(partition, consumer);
      this.offsets.set(partition, [...(this.offsets.get(partition) ?? []), offset]);
      this.values.add(record.text() ?? '');
      if (offset % 50n === 0n) await new Promise((resolve) => setImmediate(resolve));
      if (this.#busy.get(partition) === consumer) this.#busy.delete(partition);
    }
  }
}

/** Three producers in turn, each value sent once. */
async function produce(kafka: Kafka, topic: string, prefix: string, count: number): Promise<string[]> {
  const producers = [kafka.producer(), kafka.producer(), kafka.producer()];
  const values = Array.from({ length: count }, (_, i) => `${prefix}${i}`);
  await Promise.all(
    values.map((value, i) => producers[i % 3]?.send({ topic, partition: i % PARTITIONS, value }) ?? Promise.resolve()),
  );
  await Promise.all(producers.map((producer) => producer.close()));
  return values;
}

describe.skipIf(lack).each(named)(`One client on %s${because(lack)}`, (_, place) => {
  let target: Target;
  beforeAll(async () => {
    target = await place.start();
  });
  afterAll(() => target?.close());

  it('every acknowledged record reaches each group and reader, through a kill, an outage and a polite restart', async () => {
    const topic = 'several';
    await using kafka = createClient({ brokers: [target.bootstrap()], logger: quiet });
    await kafka.admin().createTopics([{ topic, partitions: PARTITIONS }]);
    const member = (groupId: string): Consumer =>
      kafka.consumer({
        groupId,
        topics: [topic],
        startAt: 'earliest',
        sessionTimeoutMs: 6_000,
        heartbeatIntervalMs: 300,
        commitIntervalMs: 200,
      });
    const groups = { three: new Handled(), two: new Handled() };
    const members = [member('three'), member('three'), member('three'), member('two'), member('two')];
    for (const [i, consumer] of members.entries()) groups[i < 3 ? 'three' : 'two'].follow(consumer);
    const alone = new Handled();
    const reader = kafka.consumer({ topics: [topic], startAt: 'earliest' });
    alone.follow(reader);
    await Promise.all([...members, reader].map((consumer) => consumer.whenAssigned()));

    const sent = await produce(kafka, topic, 'calm', 3_000);
    const underKill = produce(kafka, topic, 'kill', 3_000);
    await target.control?.kill();
    await target.control?.start();
    sent.push(...(await underKill));
    await target.control?.stop();
    const underOutage = produce(kafka, topic, 'outage', 3_000);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await target.control?.start();
    sent.push(...(await underOutage));

    for (const handled of [groups.three, groups.two, alone]) {
      await expect.poll(() => sent.filter((value) => !handled.values.has(value)).length, WAIT).toBe(0);
      expect(handled.collisions).toEqual([]);
    }
    for (const offsets of alone.offsets.values()) {
      expect(offsets).toEqual(Array.from({ length: offsets.length }, (_, i) => BigInt(i)));
    }
    await Promise.all([...members, reader].map((consumer) => consumer.close()));
    await Promise.all([groups.three.ended(), groups.two.ended(), alone.ended()]);
    const committed = await kafka.admin().committedOffsets('three');
    const total = committed.reduce((sum, one) => sum + ('ok' in one ? Number(one.ok.offset) : 0), 0);
    expect(total).toBe(sent.length);
  });
});
