// Verbs, admin calls, nodes that come and go, and the command line's broker.
import { CreateTopics, DeleteTopics, InitProducerId, Metadata, Produce, ZERO_UUID } from '@hopwire/protocol';
import { describe, expect, it } from 'vitest';
import { TestBroker } from './embedded/test-broker.ts';
import { RawClient } from './embedded/testing/raw-client.ts';
import { batchOf, metadataOf, produceOf } from './embedded/testing/requests.ts';
import { parseListen, serve } from './serve.ts';

const start = async (options: Parameters<typeof TestBroker.start>[0] = { topics: { t: 1 } }) => {
  const broker = await TestBroker.start(options);
  return { broker, client: await RawClient.open(broker.bootstrap), [Symbol.asyncDispose]: () => broker.close() };
};
const errorOf = async (client: RawClient, topic = 't') =>
  (await client.ask(Metadata, 9, metadataOf(topic))).topics[0]?.errorCode;

describe('a verb', () => {
  it('meets one request and is gone, unless told otherwise', async () => {
    await using run = await start();
    run.broker.on(Metadata, { errorCode: 5 });
    expect([await errorOf(run.client), await errorOf(run.client)]).toEqual([5, 0]);
    run.broker.on(Metadata, { errorCode: 5 }, { times: 2 });
    expect([await errorOf(run.client), await errorOf(run.client), await errorOf(run.client)]).toEqual([5, 5, 0]);
    run.broker.on(Metadata, { errorCode: 5 }, { always: true });
    expect([await errorOf(run.client), await errorOf(run.client)]).toEqual([5, 5]);
    run.broker.off(Metadata);
    expect(await errorOf(run.client)).toBe(0);
  });

  it('can change what the handler answers', async () => {
    await using run = await start();
    run.broker.on(Metadata, {
      change: (answer) => ({ ...answer, topics: answer.topics.map((topic) => ({ ...topic, errorCode: 29 })) }),
    });
    expect([await errorOf(run.client), await errorOf(run.client)]).toEqual([29, 0]);
  });

  it('meets only the requests of its predicate', async () => {
    await using run = await start({ topics: { a: 1, b: 1 } });
    run.broker.on(Metadata, { errorCode: 3 }, { when: ({ topics }) => topics?.[0]?.name === 'b' });
    expect([await errorOf(run.client, 'a'), await errorOf(run.client, 'b')]).toEqual([0, 3]);
  });

  it('can cut the connection before or after the request was handled', async () => {
    await using run = await start();
    const ask = (client: RawClient) => client.ask(Produce, 9, produceOf('t', batchOf(['a'])));
    run.broker.on(Produce, 'kill');
    await expect(ask(run.client)).rejects.toThrow('closed');
    expect(run.broker.records('t')).toHaveLength(0);
    using other = await RawClient.open(run.broker.bootstrap);
    run.broker.on(Produce, { handleThen: 'kill' });
    await expect(ask(other)).rejects.toThrow('closed');
    expect(run.broker.records('t')).toHaveLength(1);
  });

  it('can hold a request while other connections go on, and answer in its own words', async () => {
    await using run = await start();
    let release = (): void => {};
    const holdUntil = new Promise<void>((resolve) => {
      release = resolve;
    });
    run.broker.on(Metadata, { holdUntil });
    const held = errorOf(run.client);
    using other = await RawClient.open(run.broker.bootstrap);
    expect(await errorOf(other)).toBe(0);
    release();
    expect(await held).toBe(0);
    run.broker.on(InitProducerId, (request) => ({
      answer: {
        throttleTimeMs: request.transactionTimeoutMs,
        errorCode: 0,
        producerId: 5n,
        producerEpoch: 6,
        ongoingTxnProducerId: -1n,
        ongoingTxnProducerEpoch: -1,
      },
    }));
    const request = {
      transactionalId: null,
      transactionTimeoutMs: 9,
      producerId: -1n,
      producerEpoch: -1,
      enable2Pc: false,
      keepPreparedTxn: false,
    };
    expect(await run.client.ask(InitProducerId, 3, request)).toMatchObject({ throttleTimeMs: 9, producerId: 5n });
  });
});

describe('admin', () => {
  const wanted = (name: string, numPartitions = 1, replicationFactor = -1) => ({
    name,
    numPartitions,
    replicationFactor,
    assignments: [],
    configs: [],
  });

  it('creates topics, checks what it was asked, and only checks when told so', async () => {
    await using run = await start();
    const topics = [
      wanted('a', 3),
      wanted('b/c'),
      wanted('t'),
      wanted('d', 0),
      wanted('e', 1, 5),
      wanted('twice'),
      wanted('twice'),
    ];
    const answer = await run.client.ask(CreateTopics, 7, { topics, timeoutMs: 1000, validateOnly: false });
    expect(answer.topics.map(({ errorCode }) => errorCode)).toEqual([0, 17, 36, 37, 38, 42]);
    expect(answer.topics[0]?.topicId).toBe(run.broker.topicId('a'));
    await run.client.ask(CreateTopics, 7, { topics: [wanted('dry')], timeoutMs: 1000, validateOnly: true });
    expect(run.broker.topicNames()).toEqual(['t', 'a']);
  });

  it('deletes topics by name and by id', async () => {
    await using run = await start({ topics: { a: 1, b: 1 } });
    const byId = { topics: [{ name: null, topicId: run.broker.topicId('a') }], topicNames: [], timeoutMs: 1000 };
    expect((await run.client.ask(DeleteTopics, 6, byId)).responses[0]).toMatchObject({ name: 'a', errorCode: 0 });
    const byName = await run.client.ask(DeleteTopics, 5, { topics: [], topicNames: ['b', 'c'], timeoutMs: 1000 });
    expect(byName.responses.map(({ errorCode }) => errorCode)).toEqual([0, 3]);
    expect(
      (
        await run.client.ask(DeleteTopics, 6, {
          ...byId,
          topics: [{ name: null, topicId: ZERO_UUID.replace(/.$/, 'Q') }],
        })
      ).responses[0]?.errorCode,
    ).toBe(100);
    expect(run.broker.topicNames()).toEqual([]);
  });

  it('fences the older of two producers with the same transactional id', async () => {
    await using run = await start();
    const ask = (producerId: bigint, producerEpoch: number) =>
      run.client.ask(InitProducerId, 4, {
        transactionalId: 'x',
        transactionTimeoutMs: 1000,
        producerId,
        producerEpoch,
        enable2Pc: false,
        keepPreparedTxn: false,
      });
    const one = await ask(-1n, -1);
    const two = await ask(-1n, -1);
    expect([two.producerId === one.producerId, two.producerEpoch]).toEqual([true, 1]);
    expect((await ask(one.producerId, one.producerEpoch)).errorCode).toBe(90);
  });
});

describe('a cluster', () => {
  it('gives the partitions of a stopped node to others, and names the new leader', async () => {
    await using run = await start({ brokers: 3, topics: { t: 3 } });
    expect([0, 1, 2].map((p) => run.broker.leaderOf('t', p))).toEqual([1, 2, 3]);
    await run.broker.stopNode(2);
    expect(run.broker.leaderOf('t', 1)).toBe(3);
    const refused = await run.client.ask(Produce, 10, produceOf('t', batchOf(['a']), { index: 1 }));
    expect(refused.responses[0]?.partitionResponses[0]).toMatchObject({
      errorCode: 6,
      currentLeader: { leaderId: 3, leaderEpoch: 1 },
    });
    expect(refused.nodeEndpoints.map(({ nodeId }) => nodeId)).toEqual([3]);
    expect((await run.client.ask(Metadata, 9, metadataOf('t'))).brokers.map(({ nodeId }) => nodeId)).toEqual([1, 3]);
    await run.broker.startNode(2);
    expect((await run.client.ask(Metadata, 9, metadataOf('t'))).brokers).toHaveLength(3);
  });
});

describe('serve', () => {
  it('prints its URL when ready and ends when told to', async () => {
    const abort = new AbortController();
    let printed = '';
    const write = (text: string): boolean => {
      printed += text;
      abort.abort();
      return true;
    };
    await serve({
      listen: '127.0.0.1:0',
      topics: ['orders:6', 'x'],
      users: ['a:b:c'],
      output: { write },
      signal: abort.signal,
    });
    expect(printed).toMatch(/^kafka:\/\/127\.0\.0\.1:\d+\n$/);
  });

  it('refuses what it cannot read, and never repeats a password', async () => {
    expect(parseListen('[::1]:0')).toEqual({ host: '::1', port: 0 });
    expect(() => parseListen('nine')).toThrow('HOST:PORT');
    expect(() => parseListen('alice:xyzzy@h:1')).toThrow(/^--listen \*\*\*@h:1: /);
    await expect(serve({ users: ['secret'] })).rejects.toThrow('expected USER:PASSWORD');
    await expect(serve({ topics: ['a:0'] })).rejects.toThrow('expected NAME:PARTITIONS');
  });
});
