// kafkajs against the embedded broker: what it does works, and every frame it sends, with every answer it gets, is read
// by our codecs and written again as the same bytes.
import { type Consumer, type EachMessagePayload, Kafka, logLevel } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { Recording } from './testing/recording.ts';

const connect = ({ broker }: Recording, options: object = {}): Kafka =>
  new Kafka({ brokers: [broker.bootstrap], clientId: 'stranger', logLevel: logLevel.NOTHING, ...options });

/** Resolves when the member has been given that many partitions. */
function assigned(consumer: Consumer, count: number): Promise<void> {
  return new Promise((resolve) => {
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      if (Object.values(payload.memberAssignment).flat().length === count) resolve();
    });
  });
}

describe('kafkajs', () => {
  it('creates, lists, describes and deletes topics', async () => {
    await using recording = await Recording.start({ brokers: 2 });
    const admin = connect(recording).admin();
    await admin.connect();
    const orders = { topic: 'orders', numPartitions: 3, replicationFactor: 2 };
    expect(await admin.createTopics({ topics: [orders, { topic: 'gone' }] })).toBe(true);
    expect(await admin.createTopics({ topics: [orders] })).toBe(false);
    await admin.deleteTopics({ topics: ['gone'] });
    expect(await admin.listTopics()).toEqual(['orders']);
    const { topics } = await admin.fetchTopicMetadata({ topics: ['orders'] });
    expect(topics[0]?.partitions.map(({ replicas }) => replicas.length)).toEqual([2, 2, 2]);
    expect((await admin.describeCluster()).brokers).toHaveLength(2);
    await admin.disconnect();
    expect(recording.asked).toEqual(['ApiVersions v2', 'Metadata v6', 'CreateTopics v3', 'DeleteTopics v1']);
    recording.expectWrittenAgain();
  });

  it('reads in a group of two what it produced plain, with gzip, and as an idempotent producer', async () => {
    await using recording = await Recording.start({ brokers: 2, topics: { orders: 4 } });
    const kafka = connect(recording);
    const heard: { member: number; value: string; headers: unknown }[] = [];
    const sent: string[] = [];
    let whenAllRead = (): void => {};
    const allRead = new Promise<void>((resolve) => {
      whenAllRead = resolve;
    });
    const join = async (member: number, partitions: number): Promise<Consumer> => {
      const consumer = kafka.consumer({ groupId: 'g', heartbeatInterval: 100, maxWaitTimeInMs: 100 });
      const ready = assigned(consumer, partitions);
      await consumer.connect();
      await consumer.subscribe({ topics: ['orders'], fromBeginning: true });
      await consumer.run({
        eachMessage: async ({ message: { value, headers } }) => {
          heard.push({ member, value: `${value}`, headers });
          if (heard.length === 63) whenAllRead();
        },
      });
      await ready;
      return consumer;
    };
    const first = await join(1, 4);
    const shared = assigned(first, 2);
    const second = await join(2, 2);
    await shared;
    for (const [idempotent, compression] of [
      [false, 0],
      [false, 1],
      [true, 0],
    ] as const) {
      const producer = kafka.producer({ idempotent });
      await producer.connect();
      const messages = Array.from({ length: 20 }, (_, i) => ({
        key: `k${i}`,
        value: `${idempotent} ${compression} ${i}`,
        headers: { binary: Buffer.from([0, 255]), twice: ['1', '2'] },
      }));
      await producer.send({ topic: 'orders', compression, messages: [...messages, { key: 'gone', value: null }] });
      sent.push(...messages.map(({ value }) => value), 'null');
      await producer.disconnect();
    }
    await allRead;
    await Promise.all([first.disconnect(), second.disconnect()]);
    expect(heard.map(({ value }) => value).sort()).toEqual(sent.sort());
    expect(new Set(heard.map(({ member }) => member))).toEqual(new Set([1, 2]));
    expect(heard.find(({ value }) => value !== 'null')?.headers).toEqual({
      binary: Buffer.from([0, 255]),
      twice: [Buffer.from('1'), Buffer.from('2')],
    });
    const admin = kafka.admin();
    await admin.connect();
    const [committed] = await admin.fetchOffsets({ groupId: 'g', topics: ['orders'] });
    await admin.disconnect();
    expect(committed?.partitions.reduce((sum, { offset }) => sum + Number(offset), 0)).toBe(63);
    recording.expectWrittenAgain();
    expect(recording.asked).toEqual(
      expect.arrayContaining(
        [
          'JoinGroup',
          'SyncGroup',
          'Heartbeat',
          'OffsetFetch',
          'OffsetCommit',
          'LeaveGroup',
          'ListOffsets',
          'Fetch',
        ].map((api) => expect.stringMatching(`^${api} `)),
      ),
    );
  });

  it('sends without asking for an answer, and looks at the ends of a partition', async () => {
    await using recording = await Recording.start({ topics: { orders: 1 } });
    const kafka = connect(recording);
    const producer = kafka.producer();
    await producer.connect();
    await producer.send({ topic: 'orders', acks: 0, messages: [{ value: 'unanswered' }] });
    await producer.send({ topic: 'orders', messages: [{ value: 'answered' }] });
    await producer.disconnect();
    expect(recording.exchanges.filter(({ response }) => response === null)).toHaveLength(1);
    const admin = kafka.admin();
    await admin.connect();
    expect(await admin.fetchTopicOffsets('orders')).toMatchObject([{ offset: '2', low: '0', high: '2' }]);
    await admin.disconnect();
    recording.expectWrittenAgain();
  });

  it.each([
    { Produce: 1, Fetch: 1 },
    { Produce: 2, Fetch: 2 },
  ])('writes and reads message sets when the broker has no more than %o', async (maxVersions) => {
    await using recording = await Recording.start({ topics: { orders: 1 }, maxVersions });
    const kafka = connect(recording);
    const producer = kafka.producer();
    await producer.connect();
    const messages = Array.from({ length: 20 }, (_, i) => ({ key: `k${i}`, value: 'again '.repeat(i) }));
    for (const compression of [0, 1]) await producer.send({ topic: 'orders', compression, messages });
    await producer.disconnect();
    const consumer = kafka.consumer({ groupId: 'g', maxWaitTimeInMs: 100 });
    await consumer.connect();
    await consumer.subscribe({ topics: ['orders'], fromBeginning: true });
    const read: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const eachMessage = async ({ message: { offset, key, value } }: EachMessagePayload): Promise<void> => {
        read.push(`${offset} ${key} ${value}`);
        if (read.length === 40) resolve();
      };
      consumer.run({ eachMessage }).catch(reject);
    });
    await consumer.disconnect();
    expect(read).toEqual([...messages, ...messages].map(({ key, value }, i) => `${i} ${key} ${value}`));
    expect(recording.asked).toEqual(
      expect.arrayContaining([`Produce v${maxVersions.Produce}`, `Fetch v${maxVersions.Fetch}`]),
    );
    recording.expectWrittenAgain();
  });

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'])('logs in by %s', async (mechanism) => {
    await using recording = await Recording.start({ users: { alice: 'secret' }, topics: { orders: 1 } });
    const login = async (password: string): Promise<string[]> => {
      const kafka = connect(recording, { sasl: { mechanism, username: 'alice', password }, retry: { retries: 0 } });
      const admin = kafka.admin();
      await admin.connect();
      return admin.listTopics().finally(() => admin.disconnect());
    };
    expect(await login('secret')).toEqual(['orders']);
    await expect(login('wrong')).rejects.toThrow(/authentication/i);
    recording.expectWrittenAgain();
    expect(recording.asked).toEqual(expect.arrayContaining(['SaslHandshake v1', 'SaslAuthenticate v1']));
  });
});
