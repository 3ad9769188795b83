// A committed offset names the leader epoch of the record before it (KIP-320): a wrong one looks like a cut log to whoever goes on.
import { TestBroker } from '@hopwire/test-broker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KafkaEvent } from '../events.ts';
import { createClient, type Kafka } from '../kafka.ts';
import type { ConsumerOptions } from '../options.ts';
import { Loop, quiet } from '../testing/loop.ts';
import type { TopicPartitionOffset } from '../types.ts';
import type { Consumer } from './consumer.ts';

let broker: TestBroker;
let kafka: Kafka;
let committed: TopicPartitionOffset[];

beforeEach(async () => {
  committed = [];
  const onEvent = (event: KafkaEvent): void => {
    if (event.type === 'commit') committed.push(...event.offsets);
  };
  broker = await TestBroker.start({ brokers: 2, topics: { t: 1 } });
  kafka = createClient({ brokers: broker.bootstrap, retryBackoffMs: 10, logger: quiet, onEvent });
  append(0);
  const leader = broker.leaderOf('t', 0);
  broker.moveLeader('t', 0, leader === 1 ? 2 : 1);
  append(20);
});

afterEach(async () => {
  await kafka.close({ timeoutMs: 200 });
  await broker.close();
});

/** Batches of five records, twenty in all. */
function append(from: number): void {
  for (let first = from; first < from + 20; first += 5) {
    broker.append(
      't',
      Array.from({ length: 5 }, (_, i) => ({ value: `${first + i}` })),
    );
  }
}

const inGroup: ConsumerOptions = { groupId: 'g', topics: ['t'], startAt: 'earliest', maxWaitMs: 20 };

type Leave = (consumer: Consumer) => Promise<void>;

const ways: Record<string, Leave> = {
  'a break': async (consumer) => {
    for await (const record of consumer) if (record.offset === 30n) break;
  },
  'an error of the body': async (consumer) => {
    const body = async (): Promise<void> => {
      for await (const record of consumer) if (record.offset === 30n) throw new TypeError('of the body');
    };
    await body().catch(() => undefined);
  },
  'a break within a batch of which some is marked': async (consumer) => {
    for await (const batch of consumer.batches()) {
      const marked = batch.records().filter(({ offset }) => offset < 30n);
      for (const record of marked) consumer.markDone(record);
      if (batch.nextOffset > 30n) break;
    }
  },
  'a commit by the body': async (consumer) => {
    for await (const record of consumer) {
      if (record.offset !== 30n) continue;
      await consumer.commit();
      break;
    }
  },
};

describe('after a leader has changed', () => {
  it.each(Object.entries(ways))('the next member goes on behind %s', async (_, leave) => {
    const first = kafka.consumer(inGroup);
    await leave(first);
    await first.close();
    expect(broker.committed('g', 't', 0)).toBe(30n);
    const epochs = committed.filter(({ offset }) => offset > 20n).map(({ leaderEpoch }) => leaderEpoch);
    expect([...new Set(epochs)]).toEqual([1]);
    const next = new Loop(kafka.consumer(inGroup));
    expect((await next.saw(10))[0]).toBe('30');
    expect([next.failure, next.texts.length]).toEqual([undefined, 10]);
  });

  it.each(Object.entries(ways))('the next member hears of a log that was cut behind %s', async (_, leave) => {
    const first = kafka.consumer(inGroup);
    await leave(first);
    await first.close();
    broker.truncate('t', 0, 25n);
    append(25);
    const next = new Loop(kafka.consumer({ ...inGroup, onOutOfRange: 'none' }));
    await expect.poll(() => next.failure).toMatchObject({ name: 'LogTruncationError' });
  });

  it('what is committed in the middle of a fetch of one epoch names it', async () => {
    const assign = [{ topic: 't', partition: 0, offset: 22n }];
    const consumer = kafka.consumer({ groupId: 'g', assign, commit: 'manual', maxWaitMs: 20 });
    for await (const record of consumer) {
      if (record.offset !== 30n) continue;
      await consumer.commit();
      break;
    }
    expect(committed).toMatchObject([{ offset: 30n, leaderEpoch: 1 }]);
  });
});
