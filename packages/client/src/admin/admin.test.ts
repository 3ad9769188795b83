// The admin calls, against the embedded broker.
import { CreateTopics, Errors, OffsetCommit } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Cluster } from '../cluster/cluster.ts';
import { Owner } from '../cluster/owner.ts';
import { resolveKafkaOptions } from '../options.ts';
import { Admin } from './admin.ts';

describe('the admin', () => {
  let broker: TestBroker;
  let cluster: Cluster;
  let admin: Admin;

  beforeEach(async () => {
    broker = await TestBroker.start({ brokers: 2, topics: { orders: 3 } });
    cluster = new Cluster(resolveKafkaOptions({ brokers: broker.bootstrap, retryBackoffMs: 5, retryBackoffMaxMs: 20 }));
    admin = new Admin(cluster, new Owner('admin'));
  });

  afterEach(async () => {
    await admin.close();
    await cluster.close();
    await broker.close();
  });

  it('creates topics, and tells for each whether it worked', async () => {
    const outcomes = await admin.createTopics([{ topic: 'fresh', partitions: 4 }, { topic: 'orders' }]);
    expect(outcomes.get('fresh')).toMatchObject({ ok: { partitions: 4, topicId: broker.topicId('fresh') } });
    expect(outcomes.get('orders')).toMatchObject({ error: { code: 'TOPIC_ALREADY_EXISTS', topic: 'orders' } });
    expect(broker.topicNames()).toContain('fresh');
  });

  it('only checks when told so', async () => {
    const outcomes = await admin.createTopics([{ topic: 'perhaps' }], { validateOnly: true });
    expect(outcomes.get('perhaps')).toHaveProperty('ok');
    expect(broker.topicNames()).not.toContain('perhaps');
  });

  it('asks the new controller when the old one has moved', async () => {
    const moved = {
      name: 'fresh',
      errorCode: Errors.NOT_CONTROLLER,
      errorMessage: null,
      topicId: 'AAAAAAAAAAAAAAAAAAAAAA',
    };
    const rest = { topicConfigErrorCode: 0, numPartitions: -1, replicationFactor: -1, configs: [] };
    broker.on(CreateTopics, { answer: { throttleTimeMs: 0, topics: [{ ...moved, ...rest }] } });
    expect((await admin.createTopics([{ topic: 'fresh' }])).get('fresh')).toHaveProperty('ok');
  });

  it('deletes topics by name', async () => {
    const outcomes = await admin.deleteTopics(['orders', 'absent']);
    expect(outcomes.get('orders')).toEqual({ ok: null });
    expect(outcomes.get('absent')).toMatchObject({ error: { code: 'UNKNOWN_TOPIC_OR_PARTITION' } });
    expect(broker.topicNames()).not.toContain('orders');
  });

  it('lists and describes topics', async () => {
    broker.createTopic('alpha');
    expect((await admin.listTopics()).map(({ topic }) => topic)).toEqual(['alpha', 'orders']);
    const described = await admin.describeTopics(['orders', 'absent']);
    expect(described.get('orders')).toMatchObject({ ok: { topic: 'orders', partitions: [{}, {}, {}] } });
    expect(described.get('absent')).toMatchObject({ error: { code: 'UNKNOWN_TOPIC_OR_PARTITION' } });
  });

  it('finds the offsets of a log: both ends, and by time', async () => {
    broker.append('orders', [{ value: Buffer.from('a') }, { value: Buffer.from('b') }], 1);
    const at = (where: 'earliest' | 'latest' | { timestampMs: number }) => ({
      topic: 'orders',
      partition: 1,
      at: where,
    });
    const found = await admin.listOffsets([
      at('earliest'),
      at('latest'),
      at({ timestampMs: 0 }),
      at({ timestampMs: 9e12 }),
    ]);
    expect(found.map((one) => ('ok' in one ? one.ok.offset : one.error))).toEqual([0n, 2n, 0n, null]);
  });

  it('gives a partition that does not exist an error of its own', async () => {
    const bad = { topic: 'orders', partition: 99, at: 'latest' } as const;
    const good = { topic: 'orders', partition: 0, at: 'latest' } as const;
    const [first, second] = await admin.listOffsets([bad, good], { timeoutMs: 200 });
    expect(first).toMatchObject({ error: { code: 'UNKNOWN_TOPIC_OR_PARTITION', topic: 'orders', partition: 99 } });
    expect(second).toMatchObject({ ok: { offset: 0n } });
  });

  it.each([
    ['that has time to wait', {}],
    ['whose time is short', { timeoutMs: 250 }],
  ])('names in each outcome of a call %s its own partition, and soon', async (_, waiting) => {
    const places = [
      { topic: 'orders', partition: 99 },
      { topic: 'nono', partition: 0 },
      { topic: 'orders', partition: 0 },
      { topic: 'no', partition: 7 },
    ];
    await admin.listOffsets([{ topic: 'orders', partition: 0, at: 'latest' }]);
    const startedAt = performance.now();
    const found = await admin.listOffsets(
      places.map((place) => ({ ...place, at: 'latest' as const })),
      waiting,
    );
    expect(performance.now() - startedAt).toBeLessThan(3000);
    expect(found).toMatchObject(
      places.map((place) => {
        if (place.topic === 'orders' && place.partition === 0) return { ok: place };
        return { error: { code: 'UNKNOWN_TOPIC_OR_PARTITION', ...place } };
      }),
    );
  });

  it('finds offsets of a topic that is made while it looks', async () => {
    const finding = admin.listOffsets([{ topic: 'late', partition: 0, at: 'latest' }]);
    setTimeout(() => broker.createTopic('late'), 20);
    expect(await finding).toMatchObject([{ ok: { topic: 'late', offset: 0n } }]);
  });

  it('says of a topic that was deleted that it is not there', async () => {
    await admin.listOffsets([{ topic: 'orders', partition: 0, at: 'latest' }]);
    broker.deleteTopic('orders');
    const [found] = await admin.listOffsets([{ topic: 'orders', partition: 0, at: 'latest' }]);
    expect(found).toMatchObject({ error: { code: 'UNKNOWN_TOPIC_OR_PARTITION', topic: 'orders', partition: 0 } });
  });

  it('tells what a group has committed, of all partitions or of some', async () => {
    const coordinator = await cluster.coordinatorFor('g', 0);
    const partition = {
      partitionIndex: 2,
      committedOffset: 7n,
      committedLeaderEpoch: 0,
      commitTimestamp: -1n,
      committedMetadata: 'm',
    };
    const topicId = 'AAAAAAAAAAAAAAAAAAAAAA';
    const member = {
      groupId: 'g',
      generationIdOrMemberEpoch: -1,
      memberId: '',
      groupInstanceId: null,
      retentionTimeMs: -1n,
    };
    await coordinator.send(
      OffsetCommit,
      { ...member, topics: [{ name: 'orders', topicId, partitions: [partition] }] },
      { maxVersion: 9 },
    );
    const committed = { ok: { topic: 'orders', partition: 2, offset: 7n, leaderEpoch: 0, metadata: 'm' } };
    expect(await admin.committedOffsets('g')).toEqual([committed]);
    const partitions = [0, 2].map((index) => ({ topic: 'orders', partition: index }));
    expect(await admin.committedOffsets('g', { partitions })).toEqual([committed]);
    expect(await admin.committedOffsets('nobody')).toEqual([]);
  });

  it('refuses to work after close', async () => {
    await admin.close();
    await expect(admin.listTopics()).rejects.toMatchObject({ code: 'CLOSED' });
  });
});
