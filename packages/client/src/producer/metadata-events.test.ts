// What the producer does when it learns that the cluster has changed, and that it learns it.
import { Errors, InitProducerId, Metadata, Produce, type ProduceRequest } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { describe, expect, it } from 'vitest';
import { counted, numbers, refusal, rejection, rig, timed, valuesOf } from './testing.ts';

/** So that whoever waits for a back-off is seen to wait. */
const SLOW = { retryBackoffMs: 20_000, retryBackoffMaxMs: 20_000 };

describe('a partition that found its leader', () => {
  it('does not wait for its back-off: the answer came from the old leader', async () => {
    await using broker = await TestBroker.start({ brokers: 2, topics: { orders: 1 } });
    await using r = rig(broker.addresses().join(','), {}, SLOW);
    await r.producer.send({ topic: 'orders', value: 'before' });
    broker.moveLeader('orders', 0, 3 - broker.leaderOf('orders'));
    expect((await timed(r.producer.send({ topic: 'orders', value: 'after' }))).ms).toBeLessThan(3000);
    expect(valuesOf(broker, 'orders')).toEqual(['before', 'after']);
  });

  it('does not wait for its back-off: the old leader has gone', async () => {
    await using broker = await TestBroker.start({ brokers: 3, topics: { orders: 1 } });
    await using r = rig(broker.addresses().join(','), {}, SLOW);
    await r.producer.send({ topic: 'orders', value: 'before' });
    await broker.stopNode(broker.leaderOf('orders'));
    expect((await timed(r.producer.send({ topic: 'orders', value: 'after' }))).ms).toBeLessThan(3000);
    expect(valuesOf(broker, 'orders')).toEqual(['before', 'after']);
  });

  it('after a time without any is written to at once, with everything that waited, in order', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap, { lingerMs: 0 });
    await r.producer.send({ topic: 'orders', value: 'before' });
    const without = answersWith(broker, { errorCode: Errors.LEADER_NOT_AVAILABLE, leaderId: -1, leaderEpoch: 900 });
    broker.on(Produce, (q) => refusal(q, Errors.NOT_LEADER_OR_FOLLOWER), { always: true });
    const sends = numbers(5).map((value) => r.producer.send({ topic: 'orders', value }));
    await expect.poll(() => without.count).toBeGreaterThan(2);
    broker.off();
    answersWith(broker, { leaderEpoch: 901 });
    expect((await timed(Promise.all(sends))).ms).toBeLessThan(1500);
    expect(valuesOf(broker, 'orders')).toEqual(['before', ...numbers(5)]);
  });
});

describe('while something waits for a leader', () => {
  it('metadata is asked for every 100 to 500 ms, by all partitions and topics together', async () => {
    await using broker = await TestBroker.start({ topics: {}, autoCreateTopics: false });
    await using r = rig(broker.bootstrap);
    const asked = counted(broker, Metadata);
    const sends = numbers(50).map((n) =>
      rejection(r.producer.send({ topic: `missing-${n}`, value: 'x' }, { timeoutMs: 1500 })),
    );
    await Promise.all(sends);
    expect(asked.count).toBeGreaterThanOrEqual(3);
    expect(asked.count).toBeLessThanOrEqual(20);
  });

  it('a record that comes while the answer is told begins a question of its own', async () => {
    await using broker = await TestBroker.start({ topics: { secret: 1 }, denyTopics: ['secret'] });
    await using r = rig(broker.bootstrap, { deliveryTimeoutMs: 5000 });
    const times: number[] = [];
    for (let i = 0; i < 4; i++) {
      const { ms, error } = await timed(r.producer.send({ topic: 'secret', value: 'x' }));
      times.push(ms);
      expect(error).toMatchObject({ cause: { code: 'TOPIC_AUTHORIZATION_FAILED' } });
    }
    expect(Math.max(...times)).toBeLessThan(1500);
    broker.deny({ denyTopics: [] });
    expect((await r.producer.send({ topic: 'secret', value: 'x' })).offset).toBe(0n);
  });

  it('one refused topic holds up no other', async () => {
    await using broker = await TestBroker.start({ topics: { secret: 1, open: 1 }, denyTopics: ['secret'] });
    await using r = rig(broker.bootstrap);
    const [refused, sent] = await Promise.all([
      rejection(r.producer.send({ topic: 'secret', value: 'x' })),
      r.producer.send({ topic: 'open', value: 'x' }),
    ]);
    expect([refused, sent]).toMatchObject([{ outcome: 'no' }, { offset: 0n }]);
  });
});

describe('what a broker says in passing', () => {
  it.each([Errors.UNKNOWN_SERVER_ERROR, Errors.LEADER_NOT_AVAILABLE, Errors.UNKNOWN_TOPIC_OR_PARTITION])(
    'of a topic (%i) is waited out by records that are held and by batches',
    async (errorCode) => {
      await using broker = await TestBroker.start({ topics: { known: 1, fresh: 1 } });
      await using r = rig(broker.bootstrap);
      await r.producer.send({ topic: 'known', value: 'before' });
      const said = { count: 0 };
      broker.on(
        Metadata,
        (request) => {
          said.count++;
          const topics = (request.topics ?? []).map(({ name, topicId }) => ({
            errorCode,
            name,
            topicId,
            isInternal: false,
            partitions: [],
            topicAuthorizedOperations: -2147483648,
          }));
          const brokers = [{ nodeId: 1, host: '127.0.0.1', port: portOf(broker.bootstrap), rack: null }];
          return {
            answer: {
              throttleTimeMs: 0,
              brokers,
              clusterId: 'x',
              controllerId: 1,
              topics,
              clusterAuthorizedOperations: -2147483648,
              errorCode: 0,
            },
          };
        },
        { always: true },
      );
      broker.on(Produce, (q) => refusal(q, Errors.NOT_LEADER_OR_FOLLOWER));
      const sends = ['known', 'fresh'].map((topic) => r.producer.send({ topic, value: 'x' }));
      await expect.poll(() => said.count).toBeGreaterThan(2);
      broker.off(Metadata);
      expect((await Promise.all(sends)).map(({ topic }) => topic)).toEqual(['known', 'fresh']);
    },
  );

  it('instead of a producer id (UNKNOWN_SERVER_ERROR) is waited out', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap);
    broker.on(InitProducerId, { errorCode: Errors.UNKNOWN_SERVER_ERROR }, { times: 3 });
    expect((await r.producer.send({ topic: 'orders', value: 'x' })).offset).toBe(0n);
  });

  it('is the reason that is told at the deadline', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap, { deliveryTimeoutMs: 300 });
    broker.on(InitProducerId, { errorCode: Errors.UNKNOWN_SERVER_ERROR }, { always: true });
    const error = await rejection(r.producer.send({ topic: 'orders', value: 'x' }));
    expect(error).toMatchObject({ code: 'DELIVERY', outcome: 'no', cause: { code: 'UNKNOWN_SERVER_ERROR' } });
  });
});

describe('a topic with more partitions than was known', () => {
  it('takes a record for one of them, by send and by enqueue', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap);
    await r.producer.send({ topic: 'orders', value: 'x', partition: 0 });
    broker.growTopic('orders', 4);
    expect((await r.producer.send({ topic: 'orders', value: 'a', partition: 2 })).partition).toBe(2);
    broker.growTopic('orders', 6);
    r.producer.enqueue({ topic: 'orders', value: 'b', partition: 5 });
    r.producer.enqueue({ topic: 'orders', value: 'c', partition: 5 });
    await r.producer.flush();
    expect(valuesOf(broker, 'orders', 5)).toEqual(['b', 'c']);
    expect((await r.producer.partitionsFor('orders')).length).toBe(6);
  });

  it('refuses one that is not there when brokers have said so for five seconds, and others do not wait for that', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 2 } });
    await using r = rig(broker.bootstrap);
    await r.producer.send({ topic: 'orders', value: 'x', partition: 0 });
    let isRefused = false;
    const refused = rejection(r.producer.send({ topic: 'orders', value: 'x', partition: 7 })).finally(() => {
      isRefused = true;
    });
    await r.producer.send({ topic: 'orders', value: 'y', partition: 1 });
    expect(isRefused).toBe(false);
    expect(String(await refused)).toMatch(/partition 7, the topic has 0 to 1/);
  });

  it('waits for one that its brokers do not know yet, by send and by enqueue', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap);
    await r.producer.send({ topic: 'orders', value: 'x', partition: 0 });
    const asked = counted(broker, Metadata);
    const sent = r.producer.send({ topic: 'orders', value: 'a', partition: 2 });
    r.producer.enqueue({ topic: 'orders', value: 'b', partition: 2 });
    await expect.poll(() => asked.count, { timeout: 4_000 }).toBeGreaterThan(3);
    broker.growTopic('orders', 3);
    expect(await sent).toMatchObject({ partition: 2, offset: 0n });
    await r.producer.flush();
    expect(valuesOf(broker, 'orders', 2)).toEqual(['a', 'b']);
  });

  it('gives each record that waited its own time, also when they are let go together', async () => {
    await using broker = await TestBroker.start({ autoCreateTopics: false });
    await using r = rig(broker.bootstrap, { deliveryTimeoutMs: 2_000 });
    const asked = counted(broker, Metadata);
    const first = timed(r.producer.send({ topic: 'orders', value: 'a' }));
    await expect.poll(() => asked.count, { timeout: 1_500 }).toBeGreaterThan(2);
    const second = timed(r.producer.send({ topic: 'orders', value: 'b' }));
    broker.on(Produce, 'swallow', { always: true });
    broker.createTopic('orders', 1);
    await expect.poll(() => r.events.some(({ type }) => type === 'request')).toBe(true);
    const third = timed(r.producer.send({ topic: 'orders', value: 'c' }));
    for (const { ms, error } of await Promise.all([first, second, third])) {
      expect(error).toMatchObject({ code: 'DELIVERY' });
      expect(ms).toBeGreaterThan(1_850);
    }
  });

  it('names the one that is not there when the time of a record is up before', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap);
    const late = rejection(r.producer.send({ topic: 'orders', value: 'a', partition: 2 }, { timeoutMs: 300 }));
    expect(await late).toMatchObject({ code: 'DELIVERY', outcome: 'no' });
    expect(String(await late)).toMatch(/partition 2, the topic has 0 to 0/);
  });

  it('uses the new ones for records that name none, as soon as it knows of them', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap, { partitioner: ({ partitions }) => partitions - 1 });
    await r.producer.send({ topic: 'orders', value: 'x' });
    broker.growTopic('orders', 3);
    await r.producer.partitionsFor('orders');
    expect((await r.producer.send({ topic: 'orders', value: 'y' })).partition).toBe(2);
  });
});

describe('a topic that was deleted and made anew', () => {
  it('is followed: numbers begin anew, what waits and what comes goes to the new one', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 2 } });
    await using r = rig(broker.bootstrap);
    for (const value of numbers(5)) await r.producer.send({ topic: 'orders', value, partition: 0 });
    broker.recreateTopic('orders');
    const sequences: number[] = [];
    broker.on(
      Produce,
      (q) => {
        sequences.push(sequenceOf(q));
        return 'pass';
      },
      { always: true },
    );
    const sends = ['a', 'b', 'c'].map((value) => r.producer.send({ topic: 'orders', value, partition: 0 }));
    expect((await Promise.all(sends)).map(({ offset }) => offset)).toEqual([0n, 1n, 2n]);
    expect((await r.producer.send({ topic: 'orders', value: 'd', partition: 0 })).offset).toBe(3n);
    expect(valuesOf(broker, 'orders')).toEqual(['a', 'b', 'c', 'd']);
    expect(sequences.slice(-2)).toEqual([0, 3]);
  });

  it('is followed again and again under load, and nothing that was acknowledged after is missing', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap, { batchBytes: 300 });
    for (let life = 0; life < 3; life++) {
      if (life > 0) broker.recreateTopic('orders');
      const id = broker.topicId('orders');
      const sent = await Promise.all(
        numbers(50).map((n) => r.producer.send({ topic: 'orders', value: `${life}:${n}` })),
      );
      expect([sent.length, broker.topicId('orders')]).toEqual([50, id]);
      expect(valuesOf(broker, 'orders')).toEqual(numbers(50).map((n) => `${life}:${n}`));
    }
  });
});

describe('a topic that was made anew with fewer partitions', () => {
  it.each([
    ['by number', {}, { partition: 5 }],
    ['by a partitioner', { partitioner: () => 5 }, {}],
  ])('fails what waits for one that is gone, chosen %s, and delivers the rest', async (_, options, choice) => {
    await using broker = await TestBroker.start({ topics: { orders: 6 } });
    await using r = rig(broker.bootstrap, options);
    await r.producer.send({ topic: 'orders', value: 'before', ...choice });
    broker.deleteTopic('orders');
    broker.createTopic('orders', 1);
    const { ms, error } = await timed(r.producer.send({ topic: 'orders', value: 'x', ...choice }));
    expect(error).toMatchObject({ code: 'DELIVERY', outcome: 'no', partition: 5, retriable: false });
    expect(String(error)).toMatch(/partition 5 is gone: the topic has 0 to 0$/);
    expect(ms).toBeLessThan(5000);
    await using other = rig(broker.bootstrap);
    expect(await other.producer.send({ topic: 'orders', value: 'y' })).toMatchObject({ partition: 0, offset: 0n });
    expect(r.producer.bufferedBytes).toBe(0);
  });
});

function portOf(address: string): number {
  return Number(address.split(':').at(-1));
}

function sequenceOf({ topicData }: ProduceRequest): number {
  return topicData[0]?.partitionData[0]?.records?.readInt32BE(53) ?? -1;
}

/** What Metadata says of every partition, beside what it says otherwise. */
function answersWith(broker: TestBroker, changes: object): { count: number } {
  const said = { count: 0 };
  broker.on(
    Metadata,
    (request) => {
      said.count++;
      const partition = {
        errorCode: 0,
        partitionIndex: 0,
        leaderId: 1,
        leaderEpoch: 0,
        replicaNodes: [1],
        isrNodes: [1],
        offlineReplicas: [],
      };
      const topics = (request.topics ?? []).map(({ name }) => ({
        errorCode: 0,
        name,
        topicId: broker.topicId(name ?? ''),
        isInternal: false,
        partitions: [{ ...partition, ...changes }],
        topicAuthorizedOperations: -2147483648,
      }));
      const brokers = [{ nodeId: 1, host: '127.0.0.1', port: portOf(broker.bootstrap), rack: null }];
      return {
        answer: {
          throttleTimeMs: 0,
          brokers,
          clusterId: 'x',
          controllerId: 1,
          topics,
          clusterAuthorizedOperations: -2147483648,
          errorCode: 0,
        },
      };
    },
    { always: true },
  );
  return said;
}
