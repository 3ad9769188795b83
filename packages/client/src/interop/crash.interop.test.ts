// Kafka is killed under one client, out of which several producers write and several consumers read, and started again on the
// same data: what was acknowledged is there once, and every reader has seen it.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Duplex, Transform } from 'node:stream';
import { because, KAFKA_MODERN, KAFKA_OLD, placesFor, type Target } from '@hopwire/test-broker/harness';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Consumer, createClient, type Kafka, type OpenSocket } from '../index.ts';
import { quiet } from '../testing/loop.ts';

const places = await placesFor([KAFKA_MODERN, KAFKA_OLD]);
const lack = places[0].lacks('plaintext', 'restart');
const named = places.map((place) => [place.name, place] as const);
const topic = 'crash';
const PARTITIONS = 3;
const PRODUCERS = 3;
const LANES = 20;
const BEFORE_THE_KILL = 1_000;
const IN_ALL = 4_000;

/** Values by partition, in their order. */
type Values = Map<number, string[]>;

function note(values: Values, partition: number, value: string): void {
  const known = values.get(partition);
  if (known) known.push(value);
  else values.set(partition, [value]);
}

async function follow(consumer: Consumer, values: Values): Promise<void> {
  for await (const record of consumer) note(values, record.partition, record.text() ?? '');
}

async function readAll(kafka: Kafka, from = topic): Promise<Values> {
  await using consumer = kafka.consumer({ topics: [from], startAt: 'earliest', until: 'end' });
  const values: Values = new Map();
  await follow(consumer, values);
  return values;
}

/** Each partition is written by one producer only, so that its numbers must lie in their order. */
class Writing {
  readonly acknowledged: Values = new Map();
  readonly failures: unknown[] = [];
  next = 0;
  isRestarted = false;

  async lane(kafka: Kafka): Promise<void> {
    const producers = Array.from({ length: PRODUCERS }, () => kafka.producer());
    const write = async (): Promise<void> => {
      while (!this.isRestarted || this.next < IN_ALL) {
        const partition = this.next % PARTITIONS;
        const value = `${this.next++}`;
        const sent = producers[partition]?.send({ topic, partition, value });
        await sent?.then(
          () => note(this.acknowledged, partition, value),
          (error: unknown) => this.failures.push(error),
        );
      }
    };
    await Promise.all(Array.from({ length: LANES }, write));
    await Promise.all(producers.map((producer) => producer.close()));
  }
}

/** Connections on which nothing is heard any more once `isDeaf` is set. */
class Ears {
  isDeaf = false;

  readonly open: OpenSocket = async ({ host, port }) => {
    const socket: Socket = connect(port, host);
    await once(socket, 'connect');
    const heard = new Transform({ transform: (chunk, _, done) => done(null, this.isDeaf ? undefined : chunk) });
    socket.on('error', (error) => heard.destroy(error)); // the broker was killed
    return Duplex.from({ writable: socket, readable: socket.pipe(heard) });
  };
}

describe.skipIf(lack).each(named)(`A crash of %s${because(lack)}`, (_, place) => {
  let target: Target;
  beforeAll(async () => {
    target = await place.start();
  });
  afterAll(() => target?.close());

  it('every acknowledged record is read once and in order, during and after a kill and a restart', async () => {
    await using kafka = createClient({ brokers: [target.bootstrap()], logger: quiet });
    await kafka.admin().createTopics([{ topic, partitions: PARTITIONS }]);
    const own = { topics: [topic], startAt: 'earliest' as const };
    const member = { ...own, groupId: 'g', sessionTimeoutMs: 6_000, heartbeatIntervalMs: 300 };
    const [alone, shared]: [Values, Values] = [new Map(), new Map()];
    const readers = [kafka.consumer(own), kafka.consumer(member), kafka.consumer(member)];
    const loops = readers.map((consumer, i) => follow(consumer, i === 0 ? alone : shared));
    await Promise.all(readers.map((consumer) => consumer.whenAssigned()));

    const writing = new Writing();
    const written = writing.lane(kafka);
    await expect.poll(() => writing.next, { timeout: 30_000 }).toBeGreaterThan(BEFORE_THE_KILL);
    await target.control?.kill();
    await target.control?.start();
    writing.isRestarted = true;
    await written;
    expect(writing.failures).toEqual([]);

    const found = await readAll(kafka);
    const size = (values: Values): number => [...values.values()].reduce((sum, { length }) => sum + length, 0);
    await expect.poll(() => size(alone), { timeout: 30_000 }).toBe(size(found));
    await Promise.all(readers.map((consumer) => consumer.close()));
    await Promise.all(loops);
    for (const [partition, values] of writing.acknowledged) {
      const present = found.get(partition) ?? [];
      const inOrder = [...new Set(present)].sort((a, b) => Number(a) - Number(b));
      expect(present).toEqual(inOrder);
      expect(values.filter((value) => !inOrder.includes(value))).toEqual([]);
      expect(alone.get(partition)).toEqual(present);
      const handled = new Set(shared.get(partition));
      expect(present.filter((value) => !handled.has(value))).toEqual([]);
    }
  });

  it('batches whose answers were lost with the broker are there once and in order', async () => {
    const ears = new Ears();
    await using kafka = createClient({ brokers: [target.bootstrap()], logger: quiet, openSocket: ears.open });
    await using other = createClient({ brokers: [target.bootstrap()], logger: quiet });
    await kafka.admin().createTopics([{ topic: 'lost', partitions: 1 }]);
    const values = ['a', 'b', 'c', 'd', 'e'].map((letter) => letter.repeat(200));
    await using producer = kafka.producer({ batchBytes: 256 });
    await producer.send({ topic: 'lost', value: 'before' });
    ears.isDeaf = true;
    const sends = values.map((value) => producer.send({ topic: 'lost', value }));
    const written = async (): Promise<number | undefined> => (await readAll(other, 'lost')).get(0)?.length;
    await expect.poll(written, { timeout: 30_000 }).toBe(1 + values.length);
    await target.control?.kill();
    ears.isDeaf = false;
    await target.control?.start();
    await Promise.all(sends);
    expect((await readAll(other, 'lost')).get(0)).toEqual(['before', ...values]);
  });
});
