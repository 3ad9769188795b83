// The consumer without a group, and with a group's offsets, against the embedded broker.
import { BatchBuilder, Errors, Fetch, type FetchResponse, ListOffsets } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConsumerRecord } from '../consumer-record.ts';
import { createClient, type Kafka } from '../kafka.ts';
import type { ConsumerOptions } from '../options.ts';
import type { Consumer } from './consumer.ts';

let broker: TestBroker;
let kafka: Kafka;

beforeEach(async () => {
  broker = await TestBroker.start({ topics: { one: 1, three: 3 }, autoCreateTopics: false });
  kafka = createClient({ brokers: broker.bootstrap, retryBackoffMs: 10, retryBackoffMaxMs: 100 });
});

afterEach(async () => {
  await kafka.close();
  await broker.close();
});

function fill(topic: string, count: number, partition = 0, prefix = ''): void {
  broker.append(
    topic,
    Array.from({ length: count }, (_, i) => ({ value: `${prefix}${i}` })),
    partition,
  );
}

async function texts(records: AsyncIterable<ConsumerRecord>, count = Infinity): Promise<string[]> {
  const found: string[] = [];
  if (count === 0) return found;
  for await (const record of records) {
    found.push(record.text() ?? 'null');
    if (found.length === count) break;
  }
  return found;
}

const fromStart = (options: ConsumerOptions): Consumer => kafka.consumer({ startAt: 'earliest', ...options });
const at = (offset: bigint | 'earliest' | 'latest' | 'committed' | { timestampMs: number }) => [
  { topic: 'one', partition: 0, offset },
];

describe('reading without a group', () => {
  it('reads a topic from its beginning to its end', async () => {
    for (const partition of [0, 1, 2]) fill('three', 10, partition, `${partition}-`);
    const found = await texts(fromStart({ topics: ['three'], until: 'end' }));
    expect(found).toHaveLength(30);
    expect(new Set(found).size).toBe(30);
  });

  it('ends at once when there is nothing and the end is asked for', async () => {
    expect(await texts(fromStart({ topics: ['three'], until: 'end' }))).toEqual([]);
  });

  it('ends after so many records as the limit says', async () => {
    fill('one', 10);
    expect(await texts(fromStart({ topics: ['one'], limit: 3 }))).toEqual(['0', '1', '2']);
  });

  it('from the latest on only what came after whenAssigned is read, at once', async () => {
    fill('one', 5, 0, 'old');
    const consumer = kafka.consumer({ topics: ['one'] });
    await consumer.whenAssigned();
    const reading = texts(consumer, 1);
    fill('one', 1, 0, 'new');
    expect(await reading).toEqual(['new0']);
  });

  it('starts at an offset, at a time, and so many before the end', async () => {
    broker.append(
      'one',
      [1000, 2000, 3000].map((timestampMs) => ({ value: String(timestampMs), timestampMs })),
    );
    expect(await texts(kafka.consumer({ assign: at(1n), until: 'end' }))).toEqual(['2000', '3000']);
    expect(await texts(kafka.consumer({ assign: at({ timestampMs: 2500 }), until: 'end' }))).toEqual(['3000']);
    expect(await texts(kafka.consumer({ assign: at({ timestampMs: 9999 }), until: 'end' }))).toEqual([]);
    expect(await texts(kafka.consumer({ topics: ['one'], startAt: { last: 2 }, until: 'end' }))).toEqual([
      '2000',
      '3000',
    ]);
  });

  it('topics that match a pattern are read', async () => {
    fill('one', 1, 0, 'a');
    fill('three', 1, 2, 'b');
    expect((await texts(fromStart({ topics: [/^(one|three)$/g], until: 'end' }))).sort()).toEqual(['a0', 'b0']);
  });

  it('a batch is what one fetch gave of a partition', async () => {
    fill('one', 4);
    fill('one', 3);
    const sizes: number[] = [];
    for await (const batch of fromStart({ topics: ['one'], until: 'end' }).batches())
      sizes.push(batch.records().length);
    expect(sizes).toEqual([7]);
  });

  it('a record has everything the producer gave it', async () => {
    const bytes = Buffer.from([0x00, 0xff, 0xfe, 0x80, 0x41]);
    broker.append('one', [
      {
        key: bytes,
        value: bytes,
        headers: [
          ['a', bytes],
          ['a', null],
          ['b', ''],
        ],
        timestampMs: 77,
      },
    ]);
    broker.append('one', [
      { key: null, value: null },
      { key: '', value: '' },
    ]);
    const records: ConsumerRecord[] = [];
    for await (const record of fromStart({ topics: ['one'], until: 'end' })) records.push(record.retain());
    const [full, none, empty] = records;
    expect(full).toMatchObject({
      topic: 'one',
      partition: 0,
      offset: 0n,
      timestampMs: 77,
      timestampType: 'create',
      key: bytes,
      value: bytes,
    });
    expect(full?.headers).toEqual([
      ['a', bytes],
      ['a', null],
      ['b', Buffer.alloc(0)],
    ]);
    expect([none?.key, none?.value]).toEqual([null, null]);
    expect([empty?.key, empty?.value]).toEqual([Buffer.alloc(0), Buffer.alloc(0)]);
  });

  it('keys and values go through the functions of the options, and a failing one names the place', async () => {
    broker.append('one', [{ value: '{"a":1}' }, { value: 'no json' }, { value: '{"a":2}' }]);
    const value = (bytes: Buffer | null): { a: number } => JSON.parse(String(bytes));
    const reading = async (consumer: Consumer<Buffer | null, { a: number }>): Promise<number[]> => {
      const found = [];
      for await (const record of consumer) found.push(record.value.a);
      return found;
    };
    const options = { topics: ['one'], startAt: 'earliest', until: 'end', value } as const;
    expect(await reading(kafka.consumer({ ...options, onUndecodable: 'skip' }))).toEqual([1, 2]);
    const strict = kafka.consumer(options);
    await expect(reading(strict)).rejects.toMatchObject({
      code: 'UNDECODABLE',
      topic: 'one',
      partition: 0,
      offset: 1n,
    });
    await strict.seek({ topic: 'one', partition: 0, offset: 2n });
    expect(await reading(strict)).toEqual([2]);
  });

  it('two loops at the same time are a TypeError', async () => {
    fill('one', 2);
    const consumer = fromStart({ topics: ['one'] });
    const loop = consumer[Symbol.asyncIterator]();
    await loop.next();
    await expect(consumer.batches().next()).rejects.toBeInstanceOf(TypeError);
    await loop.return?.();
  });

  it('what was in hand when the loop was left comes again, unless it was marked as done', async () => {
    fill('one', 3);
    const consumer = fromStart({ topics: ['one'] });
    expect(await texts(consumer, 2)).toEqual(['0', '1']);
    expect(consumer.position({ topic: 'one', partition: 0 })).toBe(1n);
    for await (const record of consumer) {
      expect(record.text()).toBe('1');
      consumer.markDone(record);
      break;
    }
    expect(await texts(consumer, 1)).toEqual(['2']);
  });

  it('pause loses nothing, and resume goes on in order', async () => {
    fill('one', 3, 0, 'a');
    const consumer = fromStart({ topics: ['one', 'three'] });
    const one = { topic: 'one', partition: 0 };
    const found: string[] = [];
    for await (const record of consumer) {
      found.push(record.text() ?? '');
      if (record.text() === 'a0') {
        consumer.pause([one]);
        fill('three', 1, 0, 'b');
      }
      if (record.text() === 'b0') consumer.resume([one]);
      if (found.includes('b0') && found.includes('a2')) break;
    }
    expect(found).toEqual(['a0', 'b0', 'a1', 'a2']);
  });

  it('position and lag follow the loop', async () => {
    fill('one', 4);
    const consumer = fromStart({ topics: ['one'] });
    const one = { topic: 'one', partition: 0 };
    await consumer.whenAssigned();
    expect(consumer.lag(one)).toBeUndefined();
    for await (const record of consumer) {
      expect(consumer.position(one)).toBe(record.offset + 1n);
      expect(consumer.lag(one)).toBe(3n - record.offset);
      if (record.offset === 3n) break;
    }
  });

  it('an offset out of range is an error, or reset by policy', async () => {
    fill('one', 5);
    broker.deleteRecords('one', 0, 3n);
    await expect(texts(kafka.consumer({ assign: at(1n), until: 'end' }))).rejects.toMatchObject({
      code: 'OFFSET_OUT_OF_RANGE',
      position: 1n,
    });
    expect(await texts(kafka.consumer({ assign: at(1n), until: 'end', onOutOfRange: 'earliest' }))).toEqual(['3', '4']);
    expect(await texts(kafka.consumer({ assign: at(1n), until: 'end', onOutOfRange: 'nearest' }))).toEqual(['3', '4']);
  });

  it('a corrupt batch is an error with its place, and nothing of it is delivered', async () => {
    fill('one', 2);
    broker.on(Fetch, () => ({ answer: fetchAnswer(broker.topicId('one'), corrupt(batch(['bad']))) }));
    const consumer = fromStart({ topics: ['one'], until: 'end' });
    const place = { code: 'CORRUPT_BATCH', topic: 'one', partition: 0, offset: 0n };
    await expect(texts(consumer)).rejects.toMatchObject(place);
    // What was wrong on the way is right the next time.
    expect(await texts(consumer)).toEqual(['0', '1']);
  });

  it('a missing topic is waited for, or thrown', async () => {
    await expect(texts(fromStart({ topics: ['later'], onMissingTopic: 'throw' }))).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
    });
    const reading = texts(fromStart({ topics: ['later'] }), 1);
    broker.createTopic('later');
    fill('later', 1);
    expect(await reading).toEqual(['0']);
  });

  it('a broker that restarts costs nothing and repeats nothing', async () => {
    fill('one', 3);
    const consumer = fromStart({ topics: ['one'], limit: 6 });
    const found: string[] = [];
    for await (const record of consumer) {
      found.push(String(record.offset));
      if (found.length === 3) {
        await broker.stop();
        await broker.restart();
        fill('one', 3);
      }
    }
    expect(found).toEqual(['0', '1', '2', '3', '4', '5']);
  });

  it('cut connections and answers with errors are survived', async () => {
    fill('one', 3);
    broker.on(Fetch, 'kill', { times: 2 });
    broker.on(ListOffsets, { errorCode: Errors.NOT_LEADER_OR_FOLLOWER }, { times: 2 });
    expect(await texts(fromStart({ topics: ['one'], until: 'end' }))).toEqual(['0', '1', '2']);
  });

  it('closing ends a waiting loop', async () => {
    const consumer = fromStart({ topics: ['one'] });
    const reading = texts(consumer);
    await consumer.whenAssigned();
    await consumer.close();
    expect(await reading).toEqual([]);
  });

  it('fetch versions down to 4 read the same', async () => {
    for (const version of [4, 6, 11, 12]) {
      await using old = await TestBroker.start({ topics: { one: 1 }, maxVersions: { Fetch: version } });
      old.append('one', [{ value: 'a' }, { value: 'b' }]);
      await using client = createClient({ brokers: old.bootstrap });
      expect(await texts(client.consumer({ topics: ['one'], startAt: 'earliest', until: 'end' }))).toEqual(['a', 'b']);
    }
  });
});

describe("manual assignment with a group's offsets", () => {
  it('commits what is done without joining, and goes on there', async () => {
    fill('one', 4);
    const options = { groupId: 'offsets-only', startAt: 'earliest', assign: at('committed') } as const;
    {
      await using consumer = kafka.consumer(options);
      expect(await texts(consumer, 3)).toEqual(['0', '1', '2']);
    }
    await using again = kafka.consumer(options);
    expect(await again.committed([{ topic: 'one', partition: 0 }])).toMatchObject([{ offset: 2n }]);
    expect(await texts(again, 2)).toEqual(['2', '3']);
  });

  it('manual commits take done records only, or what they are given', async () => {
    fill('one', 4);
    const where = { topic: 'one', partition: 0 };
    const consumer = kafka.consumer({
      groupId: 'manual',
      commit: 'manual',
      startAt: 'earliest',
      assign: at('committed'),
    });
    for await (const record of consumer) {
      await consumer.commit();
      if (record.offset === 2n) break;
    }
    expect(await consumer.committed([where])).toMatchObject([{ offset: 2n }]);
    await consumer.commit([{ ...where, offset: 4n, metadata: 'by hand' }]);
    expect(await consumer.committed([where])).toMatchObject([{ offset: 4n, metadata: 'by hand' }]);
    await consumer.close();
  });

  it('where a seek went is what is committed at close, as in Java', async () => {
    fill('one', 4);
    const where = { topic: 'one', partition: 0 };
    const consumer = kafka.consumer({ groupId: 'seek', startAt: 'earliest', assign: at('committed') });
    await consumer.whenAssigned();
    await consumer.seek({ ...where, offset: 3n });
    await consumer.close();
    const other = kafka.consumer({ groupId: 'seek', assign: at('committed') });
    expect(await other.committed([where])).toMatchObject([{ offset: 3n }]);
  });
});

describe('refusals', () => {
  it('a topic that may not be read is thrown out of the loop', async () => {
    await using strict = await TestBroker.start({ topics: { one: 1 }, denyTopics: ['one'] });
    await using client = createClient({ brokers: strict.bootstrap });
    const denied = { code: 'TOPIC_AUTHORIZATION_FAILED' };
    await expect(texts(client.consumer({ topics: ['one'], startAt: 'earliest' }))).rejects.toMatchObject(denied);
    await expect(texts(client.consumer({ assign: at('earliest') }))).rejects.toMatchObject(denied);
    await expect(client.consumer({ topics: ['one'] }).whenAssigned()).rejects.toMatchObject(denied);
  });

  it('a group that may not be used is thrown out of the loop', async () => {
    await using strict = await TestBroker.start({ topics: { one: 1 }, denyGroups: ['g'] });
    await using client = createClient({ brokers: strict.bootstrap });
    const denied = { code: 'GROUP_AUTHORIZATION_FAILED' };
    await expect(texts(client.consumer({ groupId: 'g', topics: ['one'] }))).rejects.toMatchObject(denied);
    await expect(texts(client.consumer({ groupId: 'g', assign: at('committed') }))).rejects.toMatchObject(denied);
  });

  it('nothing to read is a TypeError', async () => {
    await expect(texts(kafka.consumer({}))).rejects.toBeInstanceOf(TypeError);
  });
});

function batch(values: string[]): Buffer {
  const builder = new BatchBuilder();
  for (const value of values) builder.append(0, null, Buffer.from(value));
  return builder.seal();
}

function corrupt(bytes: Buffer): Buffer {
  bytes[bytes.length - 2] = 0x7a;
  return bytes;
}

function fetchAnswer(topicId: string, records: Buffer): FetchResponse {
  const partition = {
    partitionIndex: 0,
    errorCode: 0,
    highWatermark: 2n,
    lastStableOffset: 2n,
    logStartOffset: 0n,
    divergingEpoch: { epoch: -1, endOffset: -1n },
    currentLeader: { leaderId: -1, leaderEpoch: -1 },
    snapshotId: { epoch: -1, endOffset: -1n },
    abortedTransactions: null,
    preferredReadReplica: -1,
    records,
  };
  const responses = [{ topic: '', topicId, partitions: [partition] }];
  return { throttleTimeMs: 0, errorCode: 0, sessionId: 0, responses, nodeEndpoints: [] };
}
