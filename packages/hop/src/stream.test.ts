import { createClient } from '@hopwire/client';
import { TestBroker } from '@hopwire/test-broker';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Consumer } from './consumer.ts';
import { JSONBlob } from './models/json-blob.ts';
import type { Producer } from './producer.ts';
import { StartPosition } from './start-position.ts';
import { type ConsumerConfig, Stream } from './stream.ts';

const stream = new Stream({ auth: false, startAt: StartPosition.EARLIEST, untilEos: true });
const live = new Stream({ auth: false, startAt: StartPosition.EARLIEST });
const MiB = 1024 * 1024;
let broker: TestBroker;
let topic = '';
let url = '';
let count = 0;

beforeAll(async () => {
  broker = await TestBroker.start();
});
afterAll(() => broker.close());
beforeEach(() => {
  topic = `stream-${count++}`;
  broker.createTopic(topic, 1);
  url = `kafka://${broker.bootstrap}/${topic}`;
});

/** It unpacks to more than a consumer allows. */
async function storeBomb(): Promise<void> {
  await using kafka = createClient({ brokers: broker.bootstrap });
  await using producer = kafka.producer({ compression: 'zstd', maxRequestBytes: 200 * MiB, bufferBytes: 300 * MiB });
  await producer.send({ topic, value: Buffer.alloc(101 * MiB) });
}

const fill = (...values: string[]): bigint =>
  broker.append(
    topic,
    values.map((value) => ({ value })),
  );
const read = async (consumer: Consumer): Promise<string[]> => {
  const seen: string[] = [];
  for await (const message of consumer) seen.push(String(message));
  return seen;
};
const open = (groupId: string): Promise<Consumer> => stream.open(url, 'r', { groupId });
const writing = (): Promise<Producer> => stream.open(url, 'w', { produceTimeout: 5000 });

describe('Producer', () => {
  it("does not change the caller's headers, and gives each message its own id (HOP-120)", async () => {
    await using producer = await writing();
    const headers: [string, string][] = [['a', '1']];
    const [first, second] = await Promise.all([producer.write('x', { headers }), producer.write('y', { headers })]);
    expect(headers).toEqual([['a', '1']]);
    expect([first?.offset, second?.offset]).toEqual([0n, 1n]);
    expect(first?.id).not.toBe(second?.id);
  });

  it('throws a failure nobody awaited at close, once; a null callback silences it (HOP-122)', async () => {
    broker.deny({ denyTopics: ['forbidden'] });
    broker.createTopic('forbidden');
    const producer = await writing();
    void producer.write('x', { topic: 'forbidden', deliveryCallback: null });
    await producer.flush();
    void producer.write('x', { topic: 'forbidden' });
    await expect(producer.flush()).rejects.toMatchObject({ code: 'AUTHORIZATION', topic: 'forbidden' });
    await expect(producer.write('x', { topic: 'forbidden' })).rejects.toMatchObject({ code: 'AUTHORIZATION' });
    expect(await producer.close()).toBe(0);
    broker.deny({ denyTopics: [] });
  });

  it('sends raw bytes, and refuses to be used after close', async () => {
    const producer = await writing();
    await producer.writeRaw(Buffer.from([0, 255]));
    expect(broker.records(topic)[0]?.value).toEqual(Buffer.from([0, 255]));
    await producer.close();
    expect(() => producer.write('x')).toThrow(expect.objectContaining({ code: 'CLOSED' }));
  });

  it('creates a topic by writing to it where the broker does that, as the original', async () => {
    await using producer = await stream.open(`kafka://${broker.bootstrap}/made-${count}`, 'w');
    expect(await producer.write(1)).toMatchObject({ offset: 0n });
  });
});

describe('Consumer', () => {
  it('gives what the loop left by an exception again (HOP-123)', async () => {
    fill('1', '2', '3', '4');
    const consumer = await open('g');
    const loop = async (): Promise<void> => {
      for await (const message of consumer) if (String(message) === '3') throw new RangeError('mine');
    };
    await expect(loop()).rejects.toThrow('mine');
    await consumer.close();
    const again = await open('g');
    expect(await read(again)).toEqual(['3', '4']);
    await again.close();
  });

  it('commits only the contiguous run of marked messages without autocommit (HOP-123)', async () => {
    fill('1', '2', '3');
    const consumer = await open('h');
    for await (const [message, metadata] of consumer.read({ autocommit: false, metadata: true })) {
      if (String(message) === '2') await consumer.markDone(metadata);
    }
    await consumer.close();
    expect(broker.committed('h', topic)).toBeNull();
    const again = await open('h');
    expect(await read(again)).toEqual(['1', '2', '3']);
    await again.close();
    expect(broker.committed('h', topic)).toBe(3n);
  });

  it('commits nothing under a generated group unless a message is marked', async () => {
    fill('1', '2');
    const consumer = await stream.open(url, 'r');
    await read(consumer);
    await consumer.close();
    expect(broker.committed(consumer.groupId, topic)).toBeNull();
    const marking = await stream.open(url, 'r');
    for await (const message of marking) if (message.received) await marking.markDone(message.received);
    await marking.close();
    expect(broker.committed(marking.groupId, topic)).toBe(2n);
  });

  it('stops at once while it waits, without an error (HOP-123)', async () => {
    const consumer = await live.open(url, 'r');
    const reading = read(consumer);
    consumer.stop();
    const begun = Date.now();
    expect(await reading).toEqual([]);
    await consumer.close();
    expect(Date.now() - begun).toBeLessThan(1000);
  });

  it('gives pairs of message and metadata (HOP-125)', async () => {
    broker.append(topic, [{ value: '1', key: 'k', headers: [['h', 'v']] }]);
    await using consumer = await stream.open(url, 'r');
    for await (const [message, metadata] of consumer.read({ metadata: true })) {
      expect(message).toBeInstanceOf(JSONBlob);
      expect(metadata).toMatchObject({
        topic,
        partition: 0,
        offset: 0n,
        key: Buffer.from('k'),
        headers: [['h', Buffer.from('v')]],
      });
    }
  });

  it('raises or skips what cannot be decoded, when told so', async () => {
    const headers = [['_format', 'json']] as const;
    broker.append(
      topic,
      ['1', '{oops', '2'].map((value) => ({ value, headers })),
    );
    await using skipping = await stream.open(url, 'r', { onUndecodable: 'skip' });
    expect(await read(skipping)).toEqual(['1', '2']);
    await using raising = await stream.open(url, 'r', { onUndecodable: 'raise', groupId: 'raise' });
    await expect(read(raising)).rejects.toMatchObject({ code: 'DECODE', offset: 1n });
  });

  it('goes past a batch that cannot be read, unless it is to raise', async () => {
    fill('1');
    await storeBomb();
    fill('2');
    const values = async (options: ConsumerConfig): Promise<string[]> => {
      await using consumer = await stream.open(url, 'r', options);
      return await read(consumer);
    };
    expect(await values({ groupId: 'past' })).toEqual(['1', '2']);
    expect(await values({ groupId: 'past' })).toEqual([]);
    await expect(values({ onUndecodable: 'raise' })).rejects.toMatchObject({ code: 'CORRUPT_BATCH', offset: 1n });
  });

  it('rejects with the reason of an aborted signal', async () => {
    const abort = new AbortController();
    await using consumer = await live.open(url, 'r');
    const next = consumer.read({ signal: abort.signal }).next();
    abort.abort(new RangeError('enough'));
    await expect(next).rejects.toThrow('enough');
  });

  it('gets everything twice over when two read with one group', async () => {
    fill('1', '2');
    const [one, two] = await Promise.all([open('both'), open('both')]);
    expect(await Promise.all([read(one), read(two)])).toEqual([
      ['1', '2'],
      ['1', '2'],
    ]);
    await Promise.all([one.close(), two.close()]);
  });
});

describe('Stream.open', () => {
  it('refuses unknown modes and options, groups for writing, two groups, and patterns (HOP-126)', async () => {
    const usage = expect.objectContaining({ code: 'USAGE' });
    const bad: unknown = 'x';
    await expect(stream.open(url, bad as 'r')).rejects.toEqual(usage);
    await expect(stream.open(url, 'r', Object.fromEntries([['bogus', 1]]))).rejects.toEqual(usage);
    await expect(stream.open(`kafka://${broker.bootstrap}/g/t`, 'w')).rejects.toEqual(usage);
    await expect(stream.open(`kafka://${broker.bootstrap}/g/t`, 'r', { groupId: 'h' })).rejects.toEqual(usage);
    await expect(stream.open(`kafka://${broker.bootstrap}/^t`, 'r')).rejects.toEqual(usage);
  });

  it('takes the group from the address (HOP-066)', async () => {
    fill('1');
    const consumer = await stream.open(`kafka://${broker.bootstrap}/fromurl/${topic}`, 'r');
    expect(consumer.groupId).toBe('fromurl');
    await read(consumer);
    await consumer.close();
    expect(broker.committed('fromurl', topic)).toBe(1n);
  });

  it('waits for a broker that is still starting (HOP-128)', async () => {
    await using late = await TestBroker.start();
    late.createTopic('t');
    const address = `kafka://${late.bootstrap}/t`;
    await late.stop();
    const opening = live.open(address, 'r');
    await late.restart();
    await (await opening).close();
  });
});
