// Where reading begins: first positions are kept for whoever comes next, and what appears later is read from its beginning.
import { TestBroker } from '@hopwire/test-broker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient, type Kafka } from '../kafka.ts';
import { Loop, quiet } from '../testing/loop.ts';

let broker: TestBroker;
let kafka: Kafka;

beforeEach(async () => {
  broker = await TestBroker.start({ topics: { t: 1 }, autoCreateTopics: false });
  kafka = createClient({ brokers: broker.bootstrap, retryBackoffMs: 10, metadataMaxAgeMs: 200, logger: quiet });
});

afterEach(async () => {
  await kafka.close();
  await broker.close();
});

describe('a group that begins at the latest', () => {
  it('does not miss what is written while it is away, although it has read nothing before', async () => {
    broker.append('t', [{ value: 'before' }]);
    const first = kafka.consumer({ groupId: 'g', topics: ['t'] });
    await first.whenAssigned();
    await first.close();
    expect(broker.committed('g', 't')).toBe(1n);
    broker.append('t', [{ value: 'while away' }]);
    expect(await new Loop(kafka.consumer({ groupId: 'g', topics: ['t'] })).saw(1)).toEqual(['while away']);
  });

  it('commits where it begins at once: who takes over before the first interval is over begins there', async () => {
    broker.append('t', [{ value: 'before' }]);
    new Loop(kafka.consumer({ groupId: 'g', topics: ['t'], commitIntervalMs: 60_000 }));
    await expect.poll(() => broker.committed('g', 't')).toBe(1n);
  });

  it.each([
    ['a partition that appears later', () => broker.growTopic('t', 2), 1],
    ['a topic that is made anew', () => broker.recreateTopic('t'), 0],
  ] as const)('commits at once where it begins in %s', async (_, happens, partition) => {
    broker.append('t', [{ value: 'before' }]);
    const options = { groupId: 'g', topics: ['t'], commitIntervalMs: 60_000, heartbeatIntervalMs: 20 };
    new Loop(kafka.consumer(options));
    await expect.poll(() => broker.committed('g', 't')).toBe(1n);
    happens();
    await expect.poll(() => broker.committed('g', 't', partition)).toBe(0n);
  });

  it.each(['g', undefined])('reads partitions that appear later from their beginning (group: %s)', async (groupId) => {
    broker.append('t', [{ value: 'before' }]);
    const consumer = kafka.consumer({ groupId, topics: ['t'], heartbeatIntervalMs: 20 });
    const loop = new Loop(consumer);
    await consumer.whenAssigned();
    broker.growTopic('t', 2);
    broker.append('t', [{ value: 'first of the new one' }], 1);
    expect(await loop.saw(1)).toEqual(['first of the new one']);
  });

  it('reads a topic that appears later from its beginning', async () => {
    const loop = new Loop(kafka.consumer({ topics: ['later'] }));
    while (broker.topicNames().length > 1) await new Promise((resolve) => setImmediate(resolve));
    await kafka.connect();
    broker.createTopic('later');
    broker.append('later', [{ value: 'first' }]);
    expect(await loop.saw(1)).toEqual(['first']);
  });
});

describe('a topic that may not be read', () => {
  it('is told once, does not stop the others, and is read again when the rights come back', async () => {
    broker.createTopic('denied');
    const consumer = kafka.consumer({
      groupId: 'g',
      topics: ['t', 'denied'],
      startAt: 'earliest',
      heartbeatIntervalMs: 20,
    });
    const seen: string[] = [];
    const run = async (): Promise<void> => {
      for (let i = 0; i < 4; i++) {
        const loop = new Loop(consumer, (record) => void seen.push(record.text() ?? ''));
        await loop.ended;
        if (loop.failure) seen.push('ERR');
        else return;
      }
    };
    const until = async (count: number): Promise<void> => {
      while (seen.length < count) await new Promise((resolve) => setImmediate(resolve));
    };
    const running = run();
    await consumer.whenAssigned();
    broker.append('t', [{ value: 'a' }]);
    await until(1);
    broker.deny({ denyTopics: ['denied'] });
    await until(2);
    broker.append('t', [{ value: 'b' }]);
    await until(3);
    broker.deny({ denyTopics: [] });
    broker.append('denied', [{ value: 'c' }]);
    await until(4);
    expect(seen).toEqual(['a', 'ERR', 'b', 'c']);
    await consumer.close();
    await running;
  });
});
