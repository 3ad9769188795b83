// An admin call whose answer is lost is repeated, meets its own work, and tells what really happened.
import { CreateTopics, DeleteTopics, Metadata } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { describe, expect, it } from 'vitest';
import { createClient } from '../kafka.ts';

const quick = { retryBackoffMs: 5, retryBackoffMaxMs: 20 };

describe('an answer that was lost', () => {
  it('a topic that the lost attempt made counts as made, one that was there before does not', async () => {
    await using broker = await TestBroker.start({ topics: { old: 1 } });
    await using kafka = createClient({ brokers: broker.bootstrap, ...quick });
    broker.on(CreateTopics, { handleThen: 'kill' });
    const outcomes = await kafka.admin().createTopics([{ topic: 'fresh', partitions: 2 }, { topic: 'old' }]);
    expect(outcomes.get('fresh')).toMatchObject({ ok: { partitions: 2, topicId: broker.topicId('fresh') } });
    expect(outcomes.get('old')).toMatchObject({ error: { code: 'TOPIC_ALREADY_EXISTS' } });
  });

  it('a topic that the lost attempt deleted counts as deleted, one that never was does not', async () => {
    await using broker = await TestBroker.start({ topics: { old: 1 } });
    await using kafka = createClient({ brokers: broker.bootstrap, ...quick });
    broker.on(DeleteTopics, { handleThen: 'kill' });
    const outcomes = await kafka.admin().deleteTopics(['old', 'never']);
    expect(outcomes.get('old')).toEqual({ ok: null });
    expect(outcomes.get('never')).toMatchObject({ error: { code: 'UNKNOWN_TOPIC_OR_PARTITION' } });
  });
});

describe('what somebody else did meanwhile', () => {
  it('a topic that was made anew after the lost attempt had deleted it is not deleted', async () => {
    await using broker = await TestBroker.start({ topics: { old: 1 } });
    await using kafka = createClient({ brokers: broker.bootstrap, ...quick });
    broker.on(DeleteTopics, { handleThen: 'kill' });
    const pass = (): 'pass' => {
      broker.createTopic('old', 2);
      return 'pass';
    };
    broker.on(DeleteTopics, pass);
    const outcome = (await kafka.admin().deleteTopics(['old'])).get('old');
    expect(outcome).toMatchObject({ error: { code: 'UNKNOWN_TOPIC_ID' } });
    expect(broker.topicNames()).toEqual(['old']);
  });

  it('a topic that is there with other properties than asked for is not ours', async () => {
    await using broker = await TestBroker.start();
    await using kafka = createClient({ brokers: broker.bootstrap, ...quick });
    const rival = (): 'kill' => {
      broker.createTopic('fresh', 3);
      return 'kill';
    };
    broker.on(CreateTopics, rival);
    const outcomes = await kafka.admin().createTopics([{ topic: 'fresh', partitions: 7 }]);
    expect(outcomes.get('fresh')).toMatchObject({ error: { code: 'TOPIC_ALREADY_EXISTS' } });
  });
});

describe('an attempt that was given up', () => {
  it.each(['createTopics', 'deleteTopics'] as const)('counts when it worked all the same (%s)', async (call) => {
    await using broker = await TestBroker.start({ topics: { old: 1 } });
    await using kafka = createClient({ brokers: broker.bootstrap, ...quick, requestTimeoutMs: 300 });
    await kafka.connect();
    broker.on(Metadata, { delayMs: 200 });
    broker.on(CreateTopics, { delayMs: 200 });
    broker.on(DeleteTopics, { delayMs: 200 });
    const admin = kafka.admin();
    const outcomes = await (call === 'createTopics'
      ? admin.createTopics([{ topic: 'fresh' }])
      : admin.deleteTopics(['old']));
    expect([...outcomes.values()]).toMatchObject([{ ok: call === 'createTopics' ? { partitions: 1 } : null }]);
  });
});

describe('the truth', () => {
  it('a description is that of the cluster now, not of what was known', async () => {
    await using broker = await TestBroker.start({ topics: { t: 1 } });
    await using kafka = createClient({ brokers: broker.bootstrap });
    const admin = kafka.admin();
    const partitions = async (): Promise<number | string> => {
      const outcome = (await admin.describeTopics(['t'])).get('t');
      return outcome && 'ok' in outcome ? outcome.ok.partitions.length : 'none';
    };
    const seen = [await partitions()];
    broker.deleteTopic('t');
    seen.push(await partitions());
    broker.createTopic('t', 5);
    seen.push(await partitions());
    expect(seen).toEqual([1, 'none', 5]);
  });

  it('describing and refreshing create no topic, even where the client may create some', async () => {
    await using broker = await TestBroker.start({ topics: { t: 1 } });
    await using kafka = createClient({ brokers: broker.bootstrap, allowAutoTopicCreation: true });
    await kafka.admin().describeTopics(['typo']);
    await kafka.producer().send({ topic: 'made', value: 'x' });
    broker.deleteTopic('made');
    await kafka.connect();
    expect(broker.topicNames()).toEqual(['t']);
  });
});
