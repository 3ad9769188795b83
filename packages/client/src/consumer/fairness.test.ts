// Memory that is shared so that every partition can go on, and an event loop that is shared with everybody else.
import { TestBroker } from '@hopwire/test-broker';
import { afterEach, describe, expect, it } from 'vitest';
import { createClient, type Kafka } from '../kafka.ts';
import { Loop, quiet } from '../testing/loop.ts';

let broker: TestBroker;
let kafka: Kafka;

async function start(topics: Record<string, number>): Promise<void> {
  broker = await TestBroker.start({ topics });
  kafka = createClient({ brokers: broker.bootstrap, retryBackoffMs: 10, logger: quiet });
}

afterEach(async () => {
  await kafka.close();
  await broker.close();
});

const all = (count: number): { topic: string; partition: number; offset: 'earliest' }[] =>
  Array.from({ length: count }, (_, partition) => ({ topic: 't', partition, offset: 'earliest' }));

describe('prefetchBytes', () => {
  it('held by paused partitions does not keep the others from being read to their end', async () => {
    const partitions = 40;
    await start({ t: partitions });
    const value = Buffer.alloc(10_000);
    const free = partitions - 1;
    for (let p = 0; p < partitions; p++) for (let i = 0; i < 20; i++) broker.append('t', [{ value }], p);
    const consumer = kafka.consumer({ prefetchBytes: 1024 * 1024, assign: all(partitions) });
    let read = 0;
    for await (const record of consumer) {
      if (record.partition !== free) consumer.pause([record]);
      else if (++read === 20) break;
    }
    expect(read).toBe(20);
  });

  it('lets a busy partition among 200 idle ones be read about as fast as alone', async () => {
    const rate = async (partitions: number): Promise<number> => {
      await start({ t: partitions });
      const batch = Array.from({ length: 1000 }, () => ({ value: Buffer.alloc(100) }));
      for (let i = 0; i < 100; i++) broker.append('t', batch);
      const consumer = kafka.consumer({ assign: all(partitions), limit: 100_000 });
      let startedAt = 0;
      for await (const _ of consumer) startedAt ||= performance.now();
      const ms = performance.now() - startedAt;
      await kafka.close();
      await broker.close();
      return 100_000 / ms;
    };
    const alone = await rate(1);
    const among = await rate(200);
    expect(among / alone).toBeGreaterThan(0.4);
  });

  it('is not exceeded many times by small leftovers that hold large answers', async () => {
    const cold = 20;
    await start({ hot: 1, cold });
    const value = Buffer.alloc(2_000_000);
    const options = { partitionBytes: 2_100_000, prefetchBytes: 4_000_000 };
    const consumer = kafka.consumer({ topics: ['hot', 'cold'], startAt: 'earliest', ...options });
    const feed = (partition: number): void => {
      broker.append('hot', [{ value }]);
      broker.append('cold', [{ value: 'a' }, { value: 'b' }], partition);
    };
    await consumer.whenAssigned();
    feed(0);
    let paused = 0;
    const pinned = new Set<ArrayBufferLike>();
    for await (const record of consumer) {
      if (record.topic === 'hot') continue;
      consumer.pause([record]);
      if (++paused === cold) break;
      feed(paused);
    }
    consumer.resume(consumer.assignment());
    let left = cold;
    for await (const record of consumer) {
      if (record.topic === 'hot') continue;
      if (record.value) pinned.add(record.value.buffer);
      if (--left === 0) break;
    }
    const held = [...pinned].reduce((sum, { byteLength }) => sum + byteLength, 0);
    expect(held).toBeLessThan(8_000_000);
  });
});

describe('a body that does no I/O', () => {
  it('lets timers run while hundreds of records are handed out', async () => {
    await start({ t: 1 });
    broker.append(
      't',
      Array.from({ length: 300 }, (_, i) => ({ value: String(i) })),
    );
    let fired = 0;
    const timer = setInterval(() => fired++, 5);
    const consumer = kafka.consumer({ assign: all(1), limit: 300 });
    await new Loop(consumer, () => {
      for (const until = performance.now() + 1; performance.now() < until; );
    }).ended;
    clearInterval(timer);
    expect(fired).toBeGreaterThan(15);
  });
});
