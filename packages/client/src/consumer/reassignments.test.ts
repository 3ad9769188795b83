// A reader that is given other partitions while it works: what it has done of the former ones is committed, all of it.
import { OffsetCommit } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient, type Kafka } from '../kafka.ts';
import { gate, Loop, quiet } from '../testing/loop.ts';

let broker: TestBroker;
let kafka: Kafka;

beforeEach(async () => {
  broker = await TestBroker.start({ topics: { t: 2 } });
  kafka = createClient({ brokers: broker.bootstrap, retryBackoffMs: 10, logger: quiet });
  broker.append(
    't',
    Array.from({ length: 400 }, (_, i) => ({ value: `${i}` })),
  );
});

afterEach(async () => {
  await kafka.close({ timeoutMs: 200 });
  await broker.close();
});

const nap = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const first = { topic: 't', partition: 0, offset: 'committed' } as const;
const second = { topic: 't', partition: 1, offset: 'committed' } as const;

describe.each([50, 300])('while its commit is answered after %i ms', (delayMs) => {
  /** Bodies of a millisecond; the commits of `assign()` take their time. */
  async function working() {
    const assign = [first];
    const consumer = kafka.consumer({
      groupId: 'g',
      assign,
      startAt: 'earliest',
      maxWaitMs: 20,
      commitIntervalMs: 60_000,
    });
    const loop = new Loop(consumer, () => nap(1));
    await loop.saw(20);
    broker.on(OffsetCommit, { delayMs }, { always: true });
    return { consumer, loop };
  }

  it('assign() hands out nothing, and leaves nothing that is done uncommitted', async () => {
    const { consumer, loop } = await working();
    await consumer.assign([second]);
    expect(broker.committed('g', 't', 0)).toBe(BigInt(loop.texts.length));
  });

  it('the same partition goes on where it was', async () => {
    const { consumer, loop } = await working();
    await consumer.assign([first]);
    await loop.saw(100);
    expect(loop.texts.slice(0, 100)).toEqual(Array.from({ length: 100 }, (_, i) => `${i}`));
  });

  it('two calls take their turn, and nothing is done between them', async () => {
    const { consumer, loop } = await working();
    await Promise.all([consumer.assign([second]), consumer.assign([first])]);
    await loop.saw(100);
    expect(loop.texts.slice(0, 100)).toEqual(Array.from({ length: 100 }, (_, i) => `${i}`));
  });
});

it('a call that runs out of time lets the loop go on', async () => {
  const consumer = kafka.consumer({ groupId: 'g', assign: [first], startAt: 'earliest', commitIntervalMs: 60_000 });
  const loop = new Loop(consumer, () => nap(1));
  await loop.saw(20);
  const { opened: holdUntil, open } = gate();
  broker.on(OffsetCommit, { holdUntil }, { always: true });
  await expect(consumer.assign([second], { timeoutMs: 100 })).rejects.toThrow('nothing has changed');
  const seen = loop.texts.length;
  await loop.saw(seen + 20);
  expect(loop.texts.slice(0, seen + 20)).toEqual(Array.from({ length: seen + 20 }, (_, i) => `${i}`));
  open();
});

it('a call from within the body does not wait for it', async () => {
  const consumer = kafka.consumer({ groupId: 'g', assign: [first], startAt: 'earliest' });
  let calls = 0;
  const loop = new Loop(consumer, async () => {
    if (loop.texts.length === 10 && ++calls === 1) await consumer.assign([first]);
  });
  await loop.saw(12);
  expect(loop.texts.slice(0, 12)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '9', '10']);
});

it.each(['before', 'beside'])('a partition that stays is paused as it was, %s the call', async (when) => {
  const consumer = kafka.consumer({ groupId: 'g', assign: [first], startAt: 'earliest', maxWaitMs: 20 });
  const loop = new Loop(consumer);
  await loop.saw(200);
  if (when === 'before') consumer.pause([first]);
  const assigned = consumer.assign([first, second]);
  if (when === 'beside') consumer.pause([first]);
  await assigned;
  const seen = loop.texts.length;
  for (const partition of [0, 1]) broker.append('t', [{ value: 'more' }], partition);
  await expect.poll(() => loop.records.at(-1)).toMatchObject({ partition: 1 });
  expect(loop.records.slice(seen).filter(({ partition }) => partition === 0)).toEqual([]);
  consumer.resume([first]);
  await expect.poll(() => loop.records.slice(seen).some(({ partition }) => partition === 0)).toBe(true);
});

it('thousands of partitions are assigned in linear time, and stay paused', async () => {
  broker.createTopic('many', 8_000);
  const all = Array.from({ length: 8_000 }, (_, partition) => ({
    topic: 'many',
    partition,
    offset: 'earliest' as const,
  }));
  const consumer = kafka.consumer({ assign: all });
  await consumer.whenAssigned();
  consumer.pause(all);
  const startedAt = performance.now();
  await consumer.assign(all);
  expect(performance.now() - startedAt).toBeLessThan(1_500);
});
