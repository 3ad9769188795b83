// Produce, Fetch, ListOffsets and Metadata of the embedded broker, over a socket.
import { ApiVersions, BatchView, crc32c, Fetch, ListOffsets, Metadata, Produce, ZERO_UUID } from '@hopwire/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestBroker } from './test-broker.ts';
import { RawClient } from './testing/raw-client.ts';
import { batchOf, fetchOf, fetchPartition, metadataOf, produceOf } from './testing/requests.ts';

let broker: TestBroker;
let client: RawClient;

beforeEach(async () => {
  broker = await TestBroker.start({ topics: { orders: 2 } });
  client = await RawClient.open(broker.bootstrap);
});

afterEach(async () => {
  client.close();
  await broker.close();
});

const produce = async (records: Buffer, version = 9, acks = -1) => {
  const answer = await client.ask(Produce, version, produceOf('orders', records, { acks }));
  return answer.responses[0]?.partitionResponses[0];
};

const values = (partition = 0): (string | undefined)[] =>
  broker.records('orders', partition).map((r) => r.value?.toString());

describe('ApiVersions', () => {
  const request = { clientSoftwareName: 'raw', clientSoftwareVersion: '1.0', clusterId: null, nodeId: -1 };

  it('lists what the broker has handlers for', async () => {
    const { apiKeys } = await client.ask(ApiVersions, 3, request);
    expect(apiKeys.map(({ apiKey }) => apiKey)).toEqual([
      0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 17, 18, 19, 20, 22, 32, 36, 37,
    ]);
  });

  it('answers an unknown version with error 35 in the layout of version 0, with its own range', async () => {
    const answer = await client.askBytes(Buffer.from('00120063000000070000', 'hex'));
    expect(answer.toString('hex')).toBe('00000007002300000001001200000004');
  });

  it('refuses a client software name that is empty', async () => {
    expect((await client.ask(ApiVersions, 3, { ...request, clientSoftwareName: '' })).errorCode).toBe(42);
  });

  it('offers no more than the version cap', async () => {
    await using capped = await TestBroker.start({ maxVersions: { Fetch: 11, InitProducerId: -1 } });
    using other = await RawClient.open(capped.bootstrap);
    const { apiKeys } = await other.ask(ApiVersions, 0, request);
    expect(apiKeys.find(({ apiKey }) => apiKey === Fetch.key)?.maxVersion).toBe(11);
    expect(apiKeys.some(({ apiKey }) => apiKey === 22)).toBe(false);
  });
});

describe('connection', () => {
  it('is closed on a version that is not offered, and the reason is kept', async () => {
    await expect(client.askBytes(Buffer.from('00090000000000070000', 'hex'))).rejects.toThrow('closed');
    expect(broker.problems[0]?.message).toContain('OffsetFetch v0');
  });

  it('is closed on a frame above the limit', async () => {
    client.write(Buffer.from('7fffffff', 'hex'));
    await client.closed;
    expect(broker.problems[0]?.message).toContain('2147483647');
  });

  it('answers pipelined requests in their order', async () => {
    const slow = client.ask(Fetch, 12, fetchOf('orders', [fetchPartition(0, 0n)], { maxWaitMs: 60 }));
    const fast = client.ask(Metadata, 9, metadataOf('orders'));
    expect((await slow).errorCode).toBe(0);
    expect((await fast).topics[0]?.name).toBe('orders');
  });
});

describe('Metadata', () => {
  it('creates an unknown topic when it may, and says 17 for a bad name', async () => {
    const { topics } = await client.ask(Metadata, 12, metadataOf('fresh', 'no/slash'));
    expect(topics.map(({ errorCode }) => errorCode)).toEqual([0, 17]);
    expect(broker.topicNames()).toContain('fresh');
  });

  it('says 3 for an unknown topic when creation is not allowed', async () => {
    const { topics } = await client.ask(Metadata, 12, { ...metadataOf('fresh'), allowAutoTopicCreation: false });
    expect(topics[0]?.errorCode).toBe(3);
  });

  it('takes null, and in version 0 the empty list, for all topics', async () => {
    const all = await client.ask(Metadata, 1, { ...metadataOf(), topics: null });
    expect(all.topics.map(({ name }) => name)).toEqual(['orders']);
    expect((await client.askBytes(Buffer.from('00030000000000070000' + '00000000', 'hex'))).includes('orders')).toBe(
      true,
    );
    expect((await client.ask(Metadata, 1, metadataOf())).topics).toEqual([]);
  });

  it('finds a topic by its id', async () => {
    const asked = { ...metadataOf(), topics: [{ name: null, topicId: broker.topicId('orders') }] };
    expect((await client.ask(Metadata, 12, asked)).topics[0]?.name).toBe('orders');
    const other = { ...metadataOf(), topics: [{ name: null, topicId: 'AAAAAAAAAAAAAAAAAAAAAQ' }] };
    expect((await client.ask(Metadata, 12, other)).topics[0]?.errorCode).toBe(100);
  });
});

describe('Produce', () => {
  it('stores a batch at the end of the log and answers its base offset', async () => {
    expect((await produce(batchOf(['a', 'b'])))?.baseOffset).toBe(0n);
    expect((await produce(batchOf(['c'])))?.baseOffset).toBe(2n);
    expect(values()).toEqual(['a', 'b', 'c']);
  });

  it('stores a message set of the old versions as magic 2', async () => {
    const set = Buffer.from('0000000000000000000000101fecd70a0000000000016b0000000176', 'hex');
    expect((await produce(set, 0))?.errorCode).toBe(0);
    expect(values()).toEqual(['v']);
  });

  it('takes a topic id from version 13 on', async () => {
    const topicId = broker.topicId('orders');
    const answer = await client.ask(Produce, 13, produceOf('', batchOf(['a']), { topicId }));
    expect(answer.responses[0]).toMatchObject({ topicId, partitionResponses: [{ errorCode: 0 }] });
  });

  it('does not answer acks 0, and closes the connection on an error', async () => {
    const { acks, ...rest } = produceOf('orders', batchOf(['a']), { acks: 0 });
    const unanswered = client.ask(Produce, 9, { ...rest, acks });
    await expect(
      Promise.race([unanswered, client.askBytes(Buffer.from('0012000000000009ffff', 'hex'))]),
    ).rejects.toThrow('another request');
    expect(values()).toEqual(['a']);
    using other = await RawClient.open(broker.bootstrap);
    await expect(other.ask(Produce, 9, produceOf('orders', batchOf(['a']), { acks: 0, index: 9 }))).rejects.toThrow(
      'closed',
    );
  });

  const damaged = (at: number, byte: number): Buffer => {
    const batch = batchOf(['a']);
    batch[at] = byte;
    return batch;
  };
  const resealed = (at: number, byte: number): Buffer => {
    const batch = damaged(at, byte);
    batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
    return batch;
  };

  it.each([
    ['a damaged record', () => damaged(66, 0xff), 2],
    ['two batches', () => Buffer.concat([batchOf(['a']), batchOf(['b'])]), 87],
    ['magic 1', () => damaged(16, 1), 87],
    ['a base offset that is not 0', () => damaged(7, 5), 87],
    ['the control bit', () => batchOf(['a'], { control: true }), 87],
    ['a count that is not the last delta + 1', () => resealed(60, 7), 87],
    [
      'a transactional batch without transaction',
      () => batchOf(['a'], { transactional: true, producerId: 1n, producerEpoch: 0, baseSequence: 0 }),
      48,
    ],
    ['zstd before version 7', () => resealed(22, 4), 76, 6],
    ['a batch above max.message.bytes', () => batchOf(['x'.repeat(600_000)]), 10],
  ])('refuses %s', async (_what, records, errorCode, version = 9) => {
    expect((await produce(records(), version))?.errorCode).toBe(errorCode);
    expect(values()).toEqual([]);
  });

  it('refuses null keys on a compacted topic and names the records', async () => {
    broker.createTopic('compacted', 1, { 'cleanup.policy': 'compact' });
    const answer = await client.ask(Produce, 9, produceOf('compacted', batchOf(['a', null])));
    expect(answer.responses[0]?.partitionResponses[0]).toMatchObject({
      errorCode: 87,
      recordErrors: [{ batchIndex: 1 }],
    });
  });

  it('refuses other acks than 0, 1 and -1 with 21, and an unknown topic with 3', async () => {
    expect((await produce(batchOf(['a']), 9, 2))?.errorCode).toBe(21);
    const answer = await client.ask(Produce, 9, produceOf('nowhere', batchOf(['a'])));
    expect(answer.responses[0]?.partitionResponses[0]?.errorCode).toBe(3);
  });

  it('stamps the time of arrival when the topic says so, with a right checksum', async () => {
    broker.createTopic('stamped', 1, { 'message.timestamp.type': 'LogAppendTime' });
    await client.ask(Produce, 9, produceOf('stamped', batchOf(['a'])));
    expect(broker.records('stamped')[0]?.timestampMs).toBeGreaterThan(1_700_000_000_000);
  });
});

describe('idempotent Produce', () => {
  const numbered = (baseSequence: number, value: string, producerEpoch = 0): Buffer =>
    batchOf([value], { producerId: 7n, producerEpoch, baseSequence });

  it('answers a repeated batch with its old offset and writes nothing', async () => {
    await produce(numbered(0, 'a'));
    await produce(numbered(1, 'b'));
    expect(await produce(numbered(0, 'a'))).toMatchObject({ errorCode: 0, baseOffset: 0n });
    expect(values()).toEqual(['a', 'b']);
  });

  it('refuses a gap with 45, an older epoch with 47, and a new epoch that does not begin at 0 with 45', async () => {
    await produce(numbered(0, 'a', 1));
    expect((await produce(numbered(2, 'c', 1)))?.errorCode).toBe(45);
    expect((await produce(numbered(1, 'b', 0)))?.errorCode).toBe(47);
    expect((await produce(numbered(1, 'b', 2)))?.errorCode).toBe(45);
    expect((await produce(numbered(0, 'b', 2)))?.errorCode).toBe(0);
  });

  it('forgets all but the last five batches', async () => {
    for (let i = 0; i < 6; i++) await produce(numbered(i, 'x'));
    expect((await produce(numbered(0, 'x')))?.errorCode).toBe(45);
    expect((await produce(numbered(1, 'x')))?.errorCode).toBe(0);
    expect(values()).toHaveLength(6);
  });
});

describe('Fetch', () => {
  const fetch = async (offset: bigint, options: Parameters<typeof fetchOf>[2] = {}, version = 12) => {
    const answer = await client.ask(Fetch, version, fetchOf('orders', [fetchPartition(0, offset)], options));
    return answer.responses[0]?.partitions[0];
  };

  it('gives whole batches from the one that holds the offset, with their offsets and epoch', async () => {
    broker.append('orders', [{ value: 'a' }, { value: 'b' }]);
    broker.append('orders', [{ value: 'c' }]);
    const answer = await fetch(1n);
    expect(answer).toMatchObject({ errorCode: 0, highWatermark: 3n });
    const batch = BatchView.at(answer?.records ?? Buffer.alloc(0), 0);
    batch.verify();
    expect([batch.baseOffset, batch.lastOffset, batch.leaderEpoch]).toEqual([0n, 1n, 0]);
  });

  it('gives the first batch whole under any limit, and no more', async () => {
    broker.append('orders', [{ value: 'a'.repeat(1000) }]);
    broker.append('orders', [{ value: 'b' }]);
    expect((await fetch(0n, { maxBytes: 10 }))?.records?.length).toBeGreaterThan(1000);
    const both = [fetchPartition(0, 0n), fetchPartition(1, 0n)];
    broker.append('orders', [{ value: 'c' }], 1);
    const limited = await client.ask(Fetch, 12, fetchOf('orders', both, { maxBytes: 1100 }));
    expect(limited.responses[0]?.partitions[1]?.records?.length).toBe(0);
  });

  it('waits for records and is woken by an append', async () => {
    const waiting = fetch(0n, { maxWaitMs: 20_000 });
    using other = await RawClient.open(broker.bootstrap);
    await other.ask(Produce, 9, produceOf('orders', batchOf(['a'])));
    expect((await waiting)?.highWatermark).toBe(1n);
  });

  it('says 1 outside the log, and 74 and 75 for other leader epochs', async () => {
    expect((await fetch(5n))?.errorCode).toBe(1);
    broker.moveLeader('orders', 0, 1);
    const withEpoch = async (currentLeaderEpoch: number) =>
      (await client.ask(Fetch, 12, fetchOf('orders', [fetchPartition(0, 0n, { currentLeaderEpoch })]))).responses[0]
        ?.partitions[0]?.errorCode;
    expect([await withEpoch(0), await withEpoch(1), await withEpoch(2)]).toEqual([74, 0, 75]);
  });

  it('tells where the log of a reader diverged', async () => {
    broker.append('orders', [{ value: 'a' }]);
    broker.append('orders', [{ value: 'b' }]);
    broker.truncate('orders', 0, 1n);
    const asked = [fetchPartition(0, 2n, { lastFetchedEpoch: 0 })];
    const answer = await client.ask(Fetch, 12, fetchOf('orders', asked));
    expect(answer.responses[0]?.partitions[0]).toMatchObject({
      errorCode: 0,
      divergingEpoch: { epoch: 0, endOffset: 1n },
    });
  });

  it('knows topics by id from version 13 on', async () => {
    const topicId = broker.topicId('orders');
    const byId = (id: string) => ({ topics: [{ topic: '', topicId: id, partitions: [fetchPartition(0, 0n)] }] });
    expect((await fetch(0n, byId(topicId), 16))?.errorCode).toBe(0);
    broker.recreateTopic('orders');
    expect((await fetch(0n, byId(topicId), 16))?.errorCode).toBe(100);
  });
});

describe('fetch session', () => {
  const ask = (sessionId: number, sessionEpoch: number, partitions: ReturnType<typeof fetchPartition>[] = []) =>
    client.ask(Fetch, 12, fetchOf('orders', partitions, { sessionId, sessionEpoch }));

  it('answers only what changed, and follows what the client names', async () => {
    const opened = await ask(0, 0, [fetchPartition(0, 0n), fetchPartition(1, 0n)]);
    expect(opened.responses[0]?.partitions).toHaveLength(2);
    expect((await ask(opened.sessionId, 1)).responses).toEqual([]);
    broker.append('orders', [{ value: 'a' }], 1);
    const news = await ask(opened.sessionId, 2);
    expect(news.responses[0]?.partitions.map((p) => [p.partitionIndex, p.records?.length !== 0])).toEqual([[1, true]]);
    expect((await ask(opened.sessionId, 3, [fetchPartition(1, 1n)])).responses).toEqual([]);
  });

  it('refuses an unknown session with 70 and a wrong epoch with 71', async () => {
    expect((await ask(99, 1)).errorCode).toBe(70);
    const { sessionId } = await ask(0, 0, [fetchPartition(0, 0n)]);
    expect((await ask(sessionId, 7)).errorCode).toBe(71);
  });

  it('drops forgotten partitions', async () => {
    const { sessionId } = await ask(0, 0, [fetchPartition(0, 0n), fetchPartition(1, 0n)]);
    broker.append('orders', [{ value: 'a' }], 1);
    const forgotten = [{ topic: 'orders', topicId: ZERO_UUID, partitions: [1] }];
    const request = { ...fetchOf('orders', [], { sessionId, sessionEpoch: 1 }), forgottenTopicsData: forgotten };
    expect((await client.ask(Fetch, 12, request)).responses).toEqual([]);
  });
});

describe('ListOffsets', () => {
  const list = async (timestamp: bigint, version = 7) => {
    const partitions = [{ partitionIndex: 0, currentLeaderEpoch: -1, timestamp, maxNumOffsets: 1 }];
    const topics = [{ name: 'orders', partitions }];
    const answer = await client.ask(ListOffsets, version, { replicaId: -1, isolationLevel: 0, timeoutMs: 0, topics });
    return answer.topics[0]?.partitions[0];
  };

  it('finds earliest, latest, the first record of a time, and the newest record', async () => {
    broker.append('orders', [{ timestampMs: 100 }, { timestampMs: 300 }, { timestampMs: 200 }]);
    expect((await list(-2n))?.offset).toBe(0n);
    expect((await list(-1n))?.offset).toBe(3n);
    expect(await list(150n)).toMatchObject({ offset: 1n, timestamp: 300n });
    expect(await list(-3n)).toMatchObject({ offset: 1n, timestamp: 300n });
    expect((await list(301n))?.offset).toBe(-1n);
    broker.deleteRecords('orders', 0, 2n);
    expect((await list(-2n))?.offset).toBe(2n);
  });

  it('refuses a special timestamp below its version with 35, and takes version 0', async () => {
    expect((await list(-3n, 6))?.errorCode).toBe(35);
    expect((await list(-1n, 0))?.oldStyleOffsets).toEqual([0n]);
  });
});
