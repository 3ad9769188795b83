// The end of `until: 'end'`, when topics change under a reader.
import type { TestBroker } from '@hopwire/test-broker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient, type Kafka } from '../kafka.ts';
import type { ConsumerOptions } from '../options.ts';
import { gate, Loop, quiet } from '../testing/loop.ts';
import { inGroup, startWithSixRecords } from '../testing/six-records.ts';
import type { TopicPartition } from '../types.ts';
import type { Consumer } from './consumer.ts';

let broker: TestBroker;
let kafka: Kafka;

beforeEach(async () => {
  ({ broker, kafka } = await startWithSixRecords());
});

afterEach(async () => {
  await kafka.close({ timeoutMs: 200 });
  await broker.close();
});

/** Of both topics, to their ends. */
function readerOf({ assign, ...options }: Omit<ConsumerOptions, 'assign'> & { assign?: readonly string[] }): Consumer {
  const starts = assign?.map((topic) => ({ topic, partition: 0, offset: 'earliest' as const }));
  const what = starts ? { topics: undefined, assign: starts } : { topics: ['t', 'other'] };
  return kafka.consumer({ ...inGroup, ...options, ...what, until: 'end' });
}

describe("until: 'end'", () => {
  it('is reached also where the topic was made anew with fewer partitions', async () => {
    broker.createTopic('two', 2);
    for (const partition of [0, 1]) broker.append('two', [{ value: 'a' }, { value: 'b' }], partition);
    const assign = [0, 1].map((partition) => ({ topic: 'two', partition, offset: 'earliest' as const }));
    const consumer = kafka.consumer({ assign, until: 'end', onOutOfRange: 'earliest', maxWaitMs: 20 });
    const loop = new Loop(consumer, async () => {
      if (loop.texts.length !== 1) return;
      broker.deleteTopic('two');
      broker.createTopic('two', 1);
      await kafka.admin().describeTopics(['two']);
    });
    await loop.ended;
    expect(loop.failure).toBeNull();
  });

  it.each([
    ['a member', {}],
    ['a reader of partitions', { topics: undefined, assign: [{ topic: 't', partition: 0, offset: 'committed' }] }],
  ] as const)('is reached by %s also where the group has committed what was cut away', async (_what, how) => {
    await new Loop(kafka.consumer({ ...inGroup, until: 'end' })).ended;
    await kafka.close();
    expect(broker.committed('g', 't')).toBe(6n);
    kafka = createClient({ brokers: broker.bootstrap, logger: quiet });
    broker.truncate('t', 0, 4n);
    const loop = new Loop(kafka.consumer({ ...inGroup, onOutOfRange: 'earliest', ...how, until: 'end' }));
    await loop.ended;
    expect([loop.failure, loop.texts]).toEqual([null, []]);
  });

  it.each(['none', 'earliest'] as const)(
    'is not reached in silence by a seek to what was cut away (%s)',
    async (policy) => {
      const consumer = kafka.consumer({ ...inGroup, until: 'end', commit: 'manual', onOutOfRange: policy });
      const at = { topic: 't', partition: 0 };
      const loop = new Loop(consumer, async () => {
        if (loop.texts.length !== 2) return;
        await consumer.commit([{ ...at, offset: 5n, leaderEpoch: 0 }]);
        broker.truncate('t', 0, 3n);
        await consumer.seek({ ...at, offset: 'committed' });
      });
      await loop.ended;
      if (policy === 'none') expect(loop.failure).toMatchObject({ code: 'LOG_TRUNCATION', divergingOffset: 0n });
      else expect([loop.failure, consumer.position(at)]).toEqual([null, 0n]);
    },
  );

  it('is no end while a rebalance may bring what others have not read', async () => {
    broker.createTopic('pair', 2);
    for (const partition of [0, 1]) broker.append('pair', [{ value: 'a' }, { value: 'b' }], partition);
    const pauses = { onAssigned: (came: readonly TopicPartition[]): void => other.pause(came) };
    const other: Consumer = kafka.consumer({ ...inGroup, topics: ['pair'], ...pauses });
    new Loop(other);
    await other.whenAssigned();
    const reader = kafka.consumer({ ...inGroup, topics: ['pair'], until: 'end', maxBytes: 100 });
    const loop = new Loop(reader, async () => {
      if (loop.texts.length !== 2) return;
      const closed = other.close();
      await closed;
      await new Promise((resolve) => setTimeout(resolve, 300));
    });
    await loop.ended;
    expect(loop.texts.length).toBe(4);
  });

  it('is where the log ends after it was cut to before what was read', async () => {
    broker.createTopic('cut');
    for (const value of 'abcdefghijkl') broker.append('cut', [{ value }]);
    const sizes = { maxBytes: 100, prefetchBytes: 200 };
    const starts = { topics: ['cut'], startAt: 'earliest', onOutOfRange: 'nearest' } as const;
    const consumer = kafka.consumer({ ...starts, ...sizes, until: 'end', maxWaitMs: 20 });
    const loop = new Loop(consumer, () => {
      if (loop.texts.length === 6) broker.truncate('cut', 0, 2n);
    });
    await loop.ended;
    expect(loop.failure).toBeNull();
    expect(loop.texts.slice(0, 6).join('')).toBe('abcdef');
  });

  it.each([
    ['a reader of topics', { groupId: undefined }],
    ['a member of a group', {}],
    ['a reader of partitions', { groupId: undefined, topics: undefined, assign: ['t', 'other'] }],
  ] as const)('is reached by %s also where a topic was deleted that had been read', async (_what, options) => {
    broker.createTopic('other');
    broker.append('other', [{ value: 'x' }]);
    const consumer = readerOf(options);
    const loop = new Loop(consumer, async () => {
      if (loop.texts.length !== 7) return;
      broker.deleteTopic('other');
      for (let i = 0; i < 40; i++) {
        await kafka
          .admin()
          .describeTopics(['other'])
          .catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, 60));
      }
    });
    await loop.ended;
    expect([loop.failure, loop.texts.length]).toEqual([null, 7]);
  });

  it.each([
    ['a reader of topics', { groupId: undefined }],
    ['a member of a group', {}],
    ['a reader of partitions', { groupId: undefined, topics: undefined, assign: ['t', 'other'] }],
  ] as const)(
    'is no end for %s where a topic was deleted before it was read: that is an error',
    async (_what, options) => {
      broker.createTopic('other');
      for (let i = 0; i < 100; i++) broker.append('other', [{ value: 'x' }]);
      const consumer = readerOf({ ...options, maxBytes: 100, prefetchBytes: 200 });
      const loop = new Loop(consumer, () => {
        if (loop.texts.length === 1) broker.deleteTopic('other');
      });
      await loop.ended;
      expect(loop.failure).toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION', topic: 'other' });
      expect(loop.texts.filter((text) => text !== 'x')).toEqual(['0', '1', '2', '3', '4', '5']);
    },
  );

  it('is reached after a rebalance, too, where a topic was deleted that had been read', async () => {
    broker.createTopic('other');
    broker.append('other', [{ value: 'x' }]);
    const { opened: holdUntil, open: goOn } = gate();
    const consumer = kafka.consumer({ ...inGroup, topics: ['t', 'other'], until: 'end', maxBytes: 100 });
    const loop = new Loop(consumer, async () => {
      if (loop.texts.length !== 6 || !loop.texts.includes('x')) return;
      await consumer.commit();
      broker.deleteTopic('other');
      for (const memberId of broker.group('g')?.memberIds ?? []) broker.expireMember('g', memberId);
      await holdUntil;
    });
    await loop.saw(6);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    goOn();
    await loop.ended;
    expect([loop.failure, new Set(loop.texts).size]).toEqual([null, 7]);
  });

  it('is no end after a rebalance either, where a topic was deleted before it was read', async () => {
    broker.createTopic('other');
    for (let i = 0; i < 100; i++) broker.append('other', [{ value: 'x' }]);
    const { opened: holdUntil, open: goOn } = gate();
    const sizes = { maxBytes: 100, prefetchBytes: 200 };
    const consumer = kafka.consumer({ ...inGroup, topics: ['t', 'other'], until: 'end', ...sizes });
    const loop = new Loop(consumer, async () => {
      if (!loop.texts.includes('x') || !broker.topicNames().includes('other')) return;
      broker.deleteTopic('other');
      await holdUntil;
    });
    while (broker.topicNames().includes('other')) await loop.saw(loop.texts.length + 1);
    for (let round = 0; round < 2; round++) {
      for (const memberId of broker.group('g')?.memberIds ?? []) broker.expireMember('g', memberId);
      if (round === 0) goOn();
      await new Promise((resolve) => setTimeout(resolve, 700));
    }
    await loop.ended;
    expect(loop.failure).toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION', topic: 'other' });
  });
});
