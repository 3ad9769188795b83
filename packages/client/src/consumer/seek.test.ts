// Seeks whose place has to be looked up, and what happens to their partition until that is known.
import { ListOffsets, OffsetCommit, OffsetFetch } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient, type Kafka } from '../kafka.ts';
import { counted } from '../producer/testing.ts';
import { Loop, quiet } from '../testing/loop.ts';

const COUNT = 400;

let broker: TestBroker;
let kafka: Kafka;

beforeEach(async () => {
  broker = await TestBroker.start({ topics: { t: 2 } });
  kafka = createClient({ brokers: broker.bootstrap, retryBackoffMs: 10, logger: quiet });
  const records = Array.from({ length: COUNT }, (_, i) => ({ value: `${i}` }));
  broker.append('t', records, 0);
});

afterEach(async () => {
  await kafka.close({ timeoutMs: 200 });
  await broker.close();
});

const place = { topic: 't', partition: 0 } as const;
const first = { ...place, offset: 'committed' } as const;
const outcomeOf = (seek: Promise<void>): Promise<string> =>
  seek.then(
    () => 'done',
    (error: unknown) => String(error),
  );

/** All is read and done, nothing is committed yet. */
async function reader(more: object = {}) {
  const consumer = kafka.consumer({
    groupId: 'g',
    assign: [first],
    startAt: 'earliest',
    commitIntervalMs: 60_000,
    ...more,
  });
  const loop = new Loop(consumer, () => undefined);
  await loop.saw(COUNT);
  await expect.poll(() => consumer.position(place)).toBe(BigInt(COUNT));
  return { consumer, loop };
}

describe('a seek that is looked up when its partition goes', () => {
  it('by assign(): is told, and what was done is committed', async () => {
    const { consumer, loop } = await reader();
    broker.on(ListOffsets, 'swallow', { always: true });
    const seek = outcomeOf(consumer.seek({ ...place, offset: 'latest' }));
    await consumer.assign([first]);
    expect(await seek).toMatch(/RangeError.*taken away/);
    expect(broker.committed('g', 't', 0)).toBe(BigInt(COUNT));
    expect(consumer.position(place)).toBe(BigInt(COUNT));
    expect(loop.texts).toHaveLength(COUNT);
  });

  it('in a rebalance: is told, and what was done is committed', async () => {
    const consumer = kafka.consumer({ groupId: 'g', topics: ['t'], startAt: 'earliest', commitIntervalMs: 60_000 });
    const loop = new Loop(consumer, () => undefined);
    await loop.saw(COUNT);
    await expect.poll(() => consumer.position(place)).toBe(BigInt(COUNT));
    broker.on(ListOffsets, 'swallow', { times: 1 });
    const seek = outcomeOf(consumer.seek({ ...place, offset: 'latest' }, { timeoutMs: 20_000 }));
    const other = new Loop(kafka.consumer({ groupId: 'g', topics: ['t'], startAt: 'earliest' }), () => undefined);
    expect(await seek).toMatch(/RangeError.*taken away/);
    await expect.poll(() => broker.committed('g', 't', 0)).toBe(BigInt(COUNT));
    broker.append('t', [{ value: 'more' }], 0);
    await expect.poll(() => [...loop.texts, ...other.texts].filter((text) => text === 'more')).toEqual(['more']);
    expect(loop.texts.length + other.texts.length).toBe(COUNT + 1);
  });
});

it('while a seek is looked up what was done is committed', async () => {
  const { consumer } = await reader({ commitIntervalMs: 20 });
  broker.append('t', [{ value: 'one' }], 0);
  broker.on(ListOffsets, { delayMs: 300 });
  await expect.poll(() => consumer.position(place)).toBe(BigInt(COUNT + 1));
  const commits = counted(broker, OffsetCommit);
  const seek = consumer.seek({ ...place, offset: 'earliest' });
  await expect.poll(() => broker.committed('g', 't', 0)).toBe(BigInt(COUNT + 1));
  await seek;
  expect(commits.count).toBeLessThan(4); // it is committed once, not at each interval
  await expect.poll(() => broker.committed('g', 't', 0)).not.toBe(BigInt(COUNT + 1));
});

describe('of two seeks that are looked up', () => {
  it('the first one holds when the second is given up', async () => {
    const { consumer, loop } = await reader();
    broker.on(ListOffsets, { delayMs: 150 });
    broker.on(ListOffsets, { delayMs: 150 });
    const one = consumer.seek({ ...place, offset: 'earliest' });
    const two = consumer.seek({ ...place, offset: { timestampMs: Date.now() } }, { timeoutMs: 50 });
    await expect(two).rejects.toMatchObject({ code: 'TIMEOUT' });
    await one;
    await loop.saw(COUNT * 2);
    expect(loop.texts.slice(COUNT, COUNT + 3)).toEqual(['0', '1', '2']);
  });

  it('reading goes on where it was when both are given up, in any order', async () => {
    const { consumer, loop } = await reader();
    for (const [one, two] of [
      [30, 60],
      [60, 30],
    ]) {
      broker.on(ListOffsets, 'swallow', { always: true });
      const seeks = [one, two].map((timeoutMs) => consumer.seek({ ...place, offset: 'earliest' }, { timeoutMs }));
      for (const end of await Promise.allSettled(seeks)) expect(end.status).toBe('rejected');
      broker.off(ListOffsets);
      broker.append('t', [{ value: 'more' }], 0);
      await loop.saw(loop.texts.length + 1);
    }
    expect(loop.texts.slice(COUNT)).toEqual(['more', 'more']);
  });
});

it('what is looked up as committed is committed next: another commit may have come meanwhile', async () => {
  const { consumer } = await reader({ commit: 'manual' });
  await consumer.commit([{ ...place, offset: 50n }]);
  broker.on(OffsetFetch, { delayMs: 100 });
  const seek = consumer.seek({ ...place, offset: 'committed' });
  await consumer.commit();
  await seek;
  const position = consumer.position(place);
  await consumer.commit();
  expect(broker.committed('g', 't', 0)).toBe(position);
});

describe('a place that is sought while its partition is given back', () => {
  it('during its last commit is committed', async () => {
    const { consumer } = await reader();
    broker.on(OffsetCommit, () => {
      void consumer.seek({ ...place, offset: 123n });
      return { delayMs: 50 };
    });
    await consumer.close();
    expect(broker.committed('g', 't', 0)).toBe(123n);
  });

  it('is refused once it could not be committed any more', async () => {
    const { consumer } = await reader();
    const seeks: Promise<string>[] = [];
    const seek = (): { delayMs: number } => {
      const offset = BigInt(100 + seeks.length);
      seeks.push(outcomeOf(consumer.seek({ ...place, offset })));
      return { delayMs: 20 };
    };
    broker.on(OffsetCommit, seek, { always: true });
    await consumer.close();
    const ends = await Promise.all(seeks);
    expect(ends.at(-1)).toMatch(/RangeError.*before it could be sought/);
    expect(broker.committed('g', 't', 0)).toBe(BigInt(99 + ends.filter((end) => end === 'done').length));
  });

  it.each(['onRevoked', 'the last commit'])('in a rebalance, during %s, is committed', async (when) => {
    const seek = (): Promise<void> => consumer.seek({ ...place, offset: 123n });
    const onRevoked = when === 'onRevoked' ? seek : (): void => undefined;
    const consumer = kafka.consumer({
      groupId: 'g',
      topics: ['t'],
      startAt: 'earliest',
      commitIntervalMs: 60_000,
      onRevoked,
    });
    const loop = new Loop(consumer, () => undefined);
    await loop.saw(COUNT);
    if (when !== 'onRevoked') {
      broker.on(OffsetCommit, () => {
        void seek();
        return { delayMs: 50 };
      });
    }
    await consumer.close();
    expect(broker.committed('g', 't', 0)).toBe(123n);
  });
});

it('what is called just after assign() is about what that assigns', async () => {
  const { consumer, loop } = await reader();
  broker.on(OffsetCommit, { delayMs: 100 });
  const assigned = consumer.assign([
    { ...place, offset: 'earliest' },
    { ...place, partition: 1, offset: 'earliest' },
  ]);
  const all = consumer.whenAssigned();
  await consumer.seek({ ...place, offset: 390n });
  expect(await all).toHaveLength(2);
  await assigned;
  await loop.saw(COUNT + 10);
  expect(loop.texts.slice(-10)).toEqual(Array.from({ length: 10 }, (_, i) => `${390 + i}`));
});

it('many seeks of one partition ask once', async () => {
  const { consumer } = await reader();
  const asked = counted(broker, ListOffsets);
  await Promise.all(Array.from({ length: 1_000 }, () => consumer.seek({ ...place, offset: 'latest' })));
  expect(asked.count).toBe(1);
});
