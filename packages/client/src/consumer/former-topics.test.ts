// What was done of a topic is not committed for one that was made anew under its name.
import { Errors, OffsetCommit } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient, type Kafka } from '../kafka.ts';
import { gate, Loop, quiet } from '../testing/loop.ts';
import { inGroup, startWithSixRecords } from '../testing/six-records.ts';
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

const numbers = Array.from({ length: 6 }, (_, i) => ({ value: `${i}` }));

function makeAnew(): void {
  broker.recreateTopic('t');
  broker.append(
    't',
    Array.from({ length: 6 }, (_, i) => ({ value: `new ${i}` })),
  );
}

describe('a topic that is made anew while the body is at work', () => {
  it.each(['at once', 'when the client knows of it'])(
    'does not get the offset that the body commits by hand %s, and is read from its beginning',
    async (when) => {
      const errors: unknown[] = [];
      const consumer = kafka.consumer({ ...inGroup, commit: 'manual', onOutOfRange: 'earliest' });
      const loop = new Loop(consumer, async ({ topic, partition, offset }) => {
        if (offset !== 2n || errors.length > 0) return;
        makeAnew();
        if (when !== 'at once') await expect.poll(() => consumer.position({ topic, partition })).toBe(0n);
        const offsets = [{ topic, partition, offset: offset + 1n }];
        await consumer.commit(offsets).catch((error: unknown) => errors.push(error));
      });
      await expect.poll(() => loop.texts.includes('new 5')).toBe(true);
      expect(errors).toMatchObject([{ code: 'UNKNOWN_TOPIC_ID', topic: 't' }]);
      expect(loop.texts.filter((text) => text.startsWith('new'))).toHaveLength(6);
      expect(broker.committed('g', 't', 0)).toBe(null);
    },
  );

  it('does not get it by name either, once the client knows, where nobody has said how to go on', async () => {
    await using old = await TestBroker.start({ topics: { t: 1 }, maxVersions: { OffsetCommit: 9 } });
    await using own = createClient({ brokers: old.bootstrap, retryBackoffMs: 10, logger: quiet });
    old.append('t', numbers);
    const errors: unknown[] = [];
    const consumer = own.consumer({ ...inGroup, commit: 'manual' });
    const loop = new Loop(consumer, async ({ topic, partition, offset }) => {
      if (offset !== 2n) return;
      old.recreateTopic('t');
      await own.admin().describeTopics(['t']);
      await own.admin().describeTopics(['t']);
      await own.admin().describeTopics(['t']);
      await consumer.commit([{ topic, partition, offset: 3n }]).catch((error: unknown) => errors.push(error));
    });
    await loop.ended;
    expect(errors).toMatchObject([{ code: 'UNKNOWN_TOPIC_ID' }]);
    expect([old.committed('g', 't', 0), loop.failure]).toMatchObject([null, { code: 'TOPIC_RECREATED' }]);
  });

  it('has no lag of the one before', async () => {
    const at = { topic: 't', partition: 0 };
    const lags: unknown[] = [];
    await using own = createClient({
      brokers: broker.bootstrap,
      logger: quiet,
      onEvent: ({ type }) => type === 'reset' && lags.push(consumer.lag(at)),
    });
    const consumer: Consumer = own.consumer({ topics: ['t'], startAt: 'earliest', onOutOfRange: 'earliest' });
    const loop = new Loop(consumer);
    await loop.saw(6);
    broker.recreateTopic('t');
    await own.admin().describeTopics(['t']);
    await expect.poll(() => lags).toEqual([undefined]);
  });

  it('gets no offset of the one before from commits in the background', async () => {
    const { opened: goOn, open: resume } = gate();
    const consumer = kafka.consumer({ ...inGroup, commitIntervalMs: 20, onOutOfRange: 'earliest' });
    const position = () => consumer.position({ topic: 't', partition: 0 });
    let isAnew = false;
    let refused = 0;
    broker.on(OffsetCommit, { errorCode: Errors.COORDINATOR_LOAD_IN_PROGRESS }, { always: true, when: () => !isAnew });
    broker.on(OffsetCommit, 'pass', { always: true, when: () => isAnew && refused++ < 0 });
    const loop = new Loop(consumer, async ({ offset }) => {
      if (offset !== 2n || isAnew) return;
      makeAnew();
      isAnew = true;
      await goOn;
    });
    await expect.poll(() => refused).toBeGreaterThan(0);
    await expect.poll(position).toBe(0n); // the client knows of the new topic
    expect(broker.committed('g', 't', 0) ?? 0n).toBe(0n); // its own beginning, or nothing
    resume();
    await expect.poll(() => loop.texts.includes('new 5')).toBe(true);
    expect(loop.texts.filter((text) => text.startsWith('new'))).toHaveLength(6);
  });
});

describe('a coordinator that has not heard of a topic', () => {
  it('is asked again while other brokers know it', async () => {
    const consumer = kafka.consumer({ ...inGroup, commit: 'manual' });
    broker.on(OffsetCommit, { errorCode: Errors.UNKNOWN_TOPIC_ID }, { times: 3 });
    for await (const record of consumer) if (record.offset === 3n) break;
    await consumer.commit();
    expect(broker.committed('g', 't', 0)).toBe(3n);
  });

  it('is not asked by name, which might be that of another topic', async () => {
    const consumer = kafka.consumer({ ...inGroup, commit: 'manual' });
    const names: string[] = [];
    broker.on(OffsetCommit, 'pass', {
      always: true,
      when: ({ topics }) => topics.some(({ name }) => names.push(name) < 0),
    });
    for await (const record of consumer) if (record.offset === 3n) break;
    await consumer.commit();
    expect(names).toEqual(['']);
  });
});
