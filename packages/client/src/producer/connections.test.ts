// Whose connections a producer uses.
import { Produce } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { expect, it } from 'vitest';
import { Producer } from './producer.ts';
import { numbers, rig, timed } from './testing.ts';

it('one to each broker that leads something it writes to, beside the one of metadata; and those are its own', async () => {
  await using broker = await TestBroker.start({ brokers: 3, topics: { orders: 6 } });
  await using r = rig(broker.addresses().join(','));
  const opened = (): number => r.events.filter((e) => e.type === 'connection' && e.state === 'ready').length;
  const spread = (producer: Producer): Promise<unknown> =>
    Promise.all(numbers(60).map((n) => producer.send({ topic: 'orders', value: n, partition: Number(n) % 6 })));
  await spread(r.producer);
  const first = opened();
  expect(first).toBeLessThanOrEqual(3 + 2);
  const other = new Producer(r.cluster);
  await spread(other);
  expect(opened() - first).toBeLessThanOrEqual(3 + 1);
  await other.close();
  await spread(r.producer);
});

it('what one producer waits for, another does not, nor do metadata and producer ids', async () => {
  await using broker = await TestBroker.start({ topics: { slow: 1, fast: 1 } });
  await using r = rig(broker.bootstrap);
  await r.producer.send({ topic: 'slow', value: 'warm' });
  let release = (): void => undefined;
  const holdUntil = new Promise<void>((resolve) => {
    release = resolve;
  });
  broker.on(Produce, { holdUntil }, { when: ({ topicData }) => topicData[0]?.partitionData[0] !== undefined });
  const held = r.producer.send({ topic: 'slow', value: 'held' });
  await new Promise((resolve) => setTimeout(resolve, 30));
  const other = new Producer(r.cluster);
  const both = [other.send({ topic: 'fast', value: 'x' }), r.producer.partitionsFor('fast')];
  for (const { ms, error } of await Promise.all(both.map((call) => timed<unknown>(call)))) {
    expect([error, ms < 1500]).toEqual([undefined, true]);
  }
  release();
  await held;
  await other.close();
});
