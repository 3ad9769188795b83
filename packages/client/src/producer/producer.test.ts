// The producer against the embedded broker.
import { compressionNames, Errors, InitProducerId, Produce, type ProduceRequest, readRecords } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { describe, expect, it } from 'vitest';
import { counted, numbers, refusal, rejection, rig, valuesOf } from './testing.ts';

describe('send', () => {
  it('CLI-031 resolves with partition, offset and timestamp of the record', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap);
    const first = await r.producer.send({ topic: 'orders', key: 'k', value: 'paid', timestampMs: 1234 });
    const second = await r.producer.send({ topic: 'orders', value: null, headers: { trace: 'x' } });
    expect(first).toEqual({ topic: 'orders', partition: 0, offset: 0n, timestampMs: 1234 });
    expect(second.offset).toBe(1n);
    const [, tombstone] = broker.records('orders');
    expect(tombstone?.value).toBeNull();
    expect(tombstone?.headers.map(([name, value]) => [name, value?.toString()])).toEqual([['trace', 'x']]);
  });

  it('of many records resolves with the place of each, in their order', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 2 } });
    await using r = rig(broker.bootstrap);
    const messages = numbers(6).map((value, i) => ({ value, partition: i % 2 }));
    const places = await r.producer.send({ topic: 'orders', messages });
    expect(places.map(({ partition, offset }) => [partition, offset])).toEqual([
      [0, 0n],
      [1, 0n],
      [0, 1n],
      [1, 1n],
      [0, 2n],
      [1, 2n],
    ]);
    expect(valuesOf(broker, 'orders', 1)).toEqual(['1', '3', '5']);
    expect(await r.producer.send({ topic: 'orders', messages: [] })).toEqual([]);
  });

  it('rejects a partition that the topic does not have, naming what there is', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 2 } });
    await using r = rig(broker.bootstrap);
    const error = await rejection(r.producer.send({ topic: 'orders', value: 'x', partition: 7 }));
    expect(String(error)).toMatch(/partition 7, the topic has 0 to 1/);
  });

  it('asks an own partitioner for records that name no partition', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 4 } });
    await using r = rig(broker.bootstrap, { partitioner: ({ key, partitions }) => (key?.length ?? 0) % partitions });
    expect((await r.producer.send({ topic: 'orders', key: 'abc', value: 'x' })).partition).toBe(3);
    expect((await r.producer.send({ topic: 'orders', key: 'abc', value: 'x', partition: 1 })).partition).toBe(1);
  });

  it.each(compressionNames)('writes records compressed with %s', async (compression) => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap, { compression });
    const sent: string[] = [];
    broker.on(Produce, ({ topicData }) => {
      for (const { batch } of readRecords(topicData[0]?.partitionData[0]?.records ?? null)) sent.push(batch.codec);
      return 'pass';
    });
    await r.producer.send({ topic: 'orders', value: 'a'.repeat(1000) });
    expect(sent).toEqual([compression]);
    expect(valuesOf(broker, 'orders')).toEqual(['a'.repeat(1000)]);
  });

  it.each(['all', 'leader', 'none'] as const)('writes with acks %s, by name and compressed', async (acks) => {
    await using broker = await TestBroker.start({ topics: { orders: 1 }, maxVersions: { Produce: 7 } });
    await using r = rig(broker.bootstrap, { acks, compression: 'gzip' });
    const { offset } = await r.producer.send({ topic: 'orders', value: 'a'.repeat(1000) });
    expect(offset).toBe(acks === 'none' ? -1n : 0n);
    await expect.poll(() => valuesOf(broker, 'orders')).toEqual(['a'.repeat(1000)]);
  });

  it('CLI-030 waits for all in-sync replicas by default', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap);
    let acks = 0;
    broker.on(Produce, (request) => {
      acks = request.acks;
      return 'pass';
    });
    await r.producer.send({ topic: 'orders', value: 'x' });
    expect(acks).toBe(-1);
  });

  it('CLI-035 puts 10,000 unawaited records of one partition into at most 20 requests', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap);
    const requests = counted(broker, Produce);
    await Promise.all(numbers(10_000).map((n) => r.producer.send({ topic: 'orders', value: n.padStart(100) })));
    expect(requests.count).toBeLessThanOrEqual(20);
    expect(valuesOf(broker, 'orders').map(Number)).toEqual(numbers(10_000).map(Number));
  });

  it('CLI-034 lets a lone record go without lingering', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap, { lingerMs: 60_000 });
    await r.producer.send({ topic: 'orders', value: 'x' });
    await r.producer.send({ topic: 'orders', value: 'y' });
    expect(valuesOf(broker, 'orders')).toEqual(['x', 'y']);
  });

  it('CLI-033 bounds requests in bytes', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap, { batchBytes: 10_000 });
    const sizes: number[] = [];
    broker.on(
      Produce,
      (q) => {
        sizes.push(q.topicData[0]?.partitionData[0]?.records?.length ?? 0);
        return 'pass';
      },
      { always: true },
    );
    await r.producer.send({ topic: 'orders', messages: numbers(50).map((n) => ({ value: n.padEnd(4000) })) });
    expect(Math.max(...sizes)).toBeLessThanOrEqual(10_000);
    expect(broker.records('orders')).toHaveLength(50);
  });
});

describe('retries', () => {
  it.each([
    Errors.NOT_LEADER_OR_FOLLOWER,
    Errors.UNKNOWN_TOPIC_OR_PARTITION,
    Errors.NOT_ENOUGH_REPLICAS,
    Errors.REQUEST_TIMED_OUT,
    Errors.KAFKA_STORAGE_ERROR,
  ])('CLI-037 repeat a batch that was answered with %i', async (code) => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap);
    broker.on(Produce, (request) => refusal(request, code), { times: 2 });
    expect((await r.producer.send({ topic: 'orders', value: 'x' })).offset).toBe(0n);
  });

  it('CLI-029 keep order and make no duplicates when connections are cut before and after writing', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 3 } });
    await using r = rig(broker.bootstrap, { batchBytes: 2000 });
    let request = 0;
    broker.on(
      Produce,
      () => {
        request++;
        if (request % 7 === 3) return 'kill';
        return request % 7 === 5 ? { handleThen: 'kill' } : 'pass';
      },
      { times: 60 },
    );
    const sends = numbers(3000).map((n) =>
      r.producer.send({ topic: 'orders', value: n.padEnd(50), partition: Number(n) % 3 }),
    );
    const places = await Promise.all(sends);
    for (const partition of [0, 1, 2]) {
      const expected = numbers(3000).filter((n) => Number(n) % 3 === partition);
      expect(valuesOf(broker, 'orders', partition).map((v) => v.trim())).toEqual(expected);
    }
    expect(
      places.every(({ partition, offset }, i) => partition === i % 3 && offset === BigInt(Math.floor(i / 3))),
    ).toBe(true);
    expect(request).toBeGreaterThan(10);
  });

  it('CLI-029 keep order when a batch in the middle is refused while later ones are under way', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap, { batchBytes: 600 });
    await r.producer.send({ topic: 'orders', value: 'first' });
    broker.on(Produce, (q) => refusal(q, Errors.NOT_LEADER_OR_FOLLOWER), { times: 1 });
    await Promise.all(numbers(100).map((n) => r.producer.send({ topic: 'orders', value: n.padEnd(50) })));
    expect(valuesOf(broker, 'orders').map((v) => v.trim())).toEqual(['first', ...numbers(100)]);
  });

  it('CLI-029 keep order when a part of a split batch is refused, and the broker knows nothing of the producer yet', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap, { batchBytes: 400 });
    broker.on(Produce, (q) => refusal(q, Errors.MESSAGE_TOO_LARGE));
    const recordErrors = [{ batchIndex: 1, batchIndexErrorMessage: 'no key' }];
    broker.on(Produce, (q) => refusal(q, Errors.INVALID_RECORD, { recordErrors }));
    broker.on(Produce, { delayMs: 20 }, { always: true });
    const sent = numbers(20).map((value) => r.producer.send({ topic: 'orders', value: value.padEnd(40) }));
    const results = await Promise.allSettled(sent);
    expect(results.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []))).toEqual([1]);
    expect(valuesOf(broker, 'orders').map((v) => v.trim())).toEqual(numbers(20).filter((n) => n !== '1'));
  });

  it('make no duplicate of a batch without an answer when one behind it is refused and others follow', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap, { lingerMs: 0 }, { requestTimeoutMs: 300 });
    await r.producer.send({ topic: 'orders', value: 'warm' });
    const has = (text: string) => (q: ProduceRequest) =>
      q.topicData[0]?.partitionData[0]?.records?.includes(text) ?? false;
    broker.on(Produce, { handleThen: 'swallow' }, { when: has('first') });
    broker.on(Produce, (q) => refusal(q, Errors.INVALID_RECORD), { when: has('second') });
    const sent: Promise<unknown>[] = [];
    for (const value of ['first', 'second', 'third']) {
      sent.push(rejection(r.producer.send({ topic: 'orders', value })));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await Promise.all(sent)).toEqual([undefined, expect.objectContaining({ outcome: 'no' }), undefined]);
    expect(valuesOf(broker, 'orders')).toEqual(['warm', 'first', 'third']);
  });

  it('deliver the rest of a split batch when others of it are withdrawn, also after a lost answer', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap, {}, { retryBackoffMs: 100 });
    await r.producer.send({ topic: 'orders', value: 'warm' });
    broker.on(Produce, 'kill');
    broker.on(Produce, (q) => refusal(q, Errors.MESSAGE_TOO_LARGE));
    const leaving = new AbortController();
    const refuse = (q: ProduceRequest): ReturnType<typeof refusal> => {
      setTimeout(() => leaving.abort(new Error('no longer wanted')), 5);
      return refusal(q, Errors.NOT_ENOUGH_REPLICAS);
    };
    broker.on(Produce, refuse);
    const { signal } = leaving;
    const sent = numbers(6).map((n) =>
      r.producer.send({ topic: 'orders', value: n }, Number(n) < 3 ? { signal } : undefined),
    );
    const results = await Promise.allSettled(sent);
    expect(results.map(({ status }) => status === 'fulfilled')).toEqual([false, false, false, true, true, true]);
    expect(valuesOf(broker, 'orders')).toEqual(['warm', '3', '4', '5']);
  });

  it.each(['kill', 'pass'] as const)(
    'deliver the rest when one record of a batch is too large, whatever became of its first answer (%s)',
    async (first) => {
      await using broker = await TestBroker.start({ topics: { orders: 1 } });
      await using r = rig(broker.bootstrap);
      await r.producer.send({ topic: 'orders', value: 'warm' });
      const hasLarge = ({ topicData }: ProduceRequest): boolean =>
        topicData[0]?.partitionData[0]?.records?.includes('large') ?? false;
      if (first === 'kill') broker.on(Produce, 'kill', { when: hasLarge });
      broker.on(Produce, (q) => refusal(q, Errors.MESSAGE_TOO_LARGE), { always: true, when: hasLarge });
      const sent = ['large', 'b', 'c', 'd'].map((value) => r.producer.send({ topic: 'orders', value }));
      const [large, ...others] = await Promise.allSettled(sent);
      const outcome = first === 'kill' ? 'unknown' : 'no';
      expect(large).toMatchObject({ status: 'rejected', reason: { outcome } });
      expect(others.map(({ status }) => status)).toEqual(Array(3).fill('fulfilled'));
      expect(valuesOf(broker, 'orders')).toEqual(['warm', 'b', 'c', 'd']);
    },
  );

  it('CLI-029 keep order and make no duplicates while leaders move and nodes go away', async () => {
    await using broker = await TestBroker.start({ brokers: 3, topics: { orders: 3 } });
    await using r = rig(broker.addresses().join(','), { batchBytes: 1000 });
    let requests = 0;
    const nodes = [0, 1, 2].map((partition) => broker.leaderOf('orders', partition));
    const shuffle = (): 'pass' => {
      requests++;
      if (requests % 5 === 0) broker.moveLeader('orders', requests % 3, nodes[(requests / 5) % 3] ?? 0);
      return 'pass';
    };
    broker.on(Produce, shuffle, { times: 100 });
    const values = numbers(3000);
    await Promise.all(
      values.map((n) => r.producer.send({ topic: 'orders', value: n.padEnd(50), partition: Number(n) % 3 })),
    );
    for (const partition of [0, 1, 2]) {
      const expected = values.filter((n) => Number(n) % 3 === partition);
      expect(valuesOf(broker, 'orders', partition).map((v) => v.trim())).toEqual(expected);
    }
    expect(r.events.some((event) => event.type === 'batch' && event.outcome === 'retrying')).toBe(true);
  });

  it('survive a broker that is stopped and comes back', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap);
    await r.producer.send({ topic: 'orders', value: 'before' });
    await broker.stop();
    const pending = r.producer.send({ topic: 'orders', value: 'while' });
    await broker.restart();
    await pending;
    expect(valuesOf(broker, 'orders')).toEqual(['before', 'while']);
  });

  it('take the next epoch of the producer id when the broker has lost what it knew of it', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap);
    await r.producer.send({ topic: 'orders', value: 'a' });
    const ids = counted(broker, InitProducerId);
    broker.on(Produce, (q) => refusal(q, Errors.UNKNOWN_PRODUCER_ID), { times: 1 });
    await r.producer.send({ topic: 'orders', value: 'b' });
    expect([ids.count, valuesOf(broker, 'orders')]).toEqual([0, ['a', 'b']]);
  });

  it('are unknown when the broker has lost that and an earlier attempt may have been written', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap);
    await r.producer.send({ topic: 'orders', value: 'a' });
    broker.on(Produce, { handleThen: 'kill' });
    broker.on(Produce, (q) => refusal(q, Errors.UNKNOWN_PRODUCER_ID), { times: 1 });
    const failed = { code: 'DELIVERY', outcome: 'unknown' };
    await expect(r.producer.send({ topic: 'orders', value: 'b' })).rejects.toMatchObject(failed);
    await r.producer.send({ topic: 'orders', value: 'c' });
    expect(valuesOf(broker, 'orders')).toEqual(['a', 'b', 'c']);
  });

  it('take a new producer id when the broker does not accept the old one', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap);
    await r.producer.send({ topic: 'orders', value: 'a' });
    const ids = counted(broker, InitProducerId);
    broker.on(Produce, (q) => refusal(q, Errors.INVALID_PRODUCER_EPOCH), { times: 1 });
    await r.producer.send({ topic: 'orders', value: 'b' });
    expect([ids.count, valuesOf(broker, 'orders')]).toEqual([1, ['a', 'b']]);
  });

  it('count a duplicate as delivered', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap);
    broker.on(Produce, (q) => refusal(q, Errors.DUPLICATE_SEQUENCE_NUMBER));
    expect((await r.producer.send({ topic: 'orders', value: 'x' })).offset).toBe(-1n);
  });

  it('CLI-037 wait for a topic that appears later', async () => {
    await using broker = await TestBroker.start({ autoCreateTopics: false });
    await using r = rig(broker.bootstrap);
    const pending = r.producer.send({ topic: 'later', value: 'x' });
    await expect.poll(() => r.events.filter(({ type }) => type === 'metadata').length).toBeGreaterThan(1);
    broker.createTopic('later', 1);
    expect((await pending).offset).toBe(0n);
  });
});

describe('back-pressure', () => {
  it('CLI-032 bounds what is buffered while the broker is down: send waits, enqueue says false', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap, { bufferBytes: 10_000 });
    await r.producer.send({ topic: 'orders', value: 'first' });
    await broker.stop();
    let queued = 0;
    while (r.producer.enqueue({ topic: 'orders', value: String(queued).padEnd(100) })) queued++;
    const waiting = r.producer.send({ topic: 'orders', value: 'last' });
    expect(r.producer.bufferedBytes).toBeLessThanOrEqual(10_000);
    await broker.restart();
    await r.producer.ready();
    await waiting;
    await r.producer.flush();
    expect(valuesOf(broker, 'orders').map((v) => v.trim())).toEqual(['first', ...numbers(queued), 'last']);
    expect(r.producer.bufferedBytes).toBe(0);
  });

  it('takes a stream of records through writable()', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap, { bufferBytes: 5_000 });
    const writer = r.producer.writable().getWriter();
    for (const value of numbers(500)) await writer.write({ topic: 'orders', value });
    await writer.close();
    expect(valuesOf(broker, 'orders')).toEqual(numbers(500));
  });
});

describe('leaving', () => {
  it('an aborted send withdraws its record while nothing of it has left', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap, { lingerMs: 60_000 });
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    broker.on(Produce, { holdUntil: held });
    const first = r.producer.send({ topic: 'orders', value: 'a' });
    await expect.poll(() => r.events.some((e) => e.type === 'connection' && e.state === 'ready')).toBe(true);
    await r.cluster.metadataFor(['orders']);
    const abort = new AbortController();
    const second = rejection(r.producer.send({ topic: 'orders', value: 'b' }, { signal: abort.signal }));
    const third = r.producer.send({ topic: 'orders', value: 'c' });
    abort.abort(new Error('never mind'));
    expect(String(await second)).toMatch('never mind');
    release();
    await first;
    await third;
    expect(valuesOf(broker, 'orders')).not.toContain('b');
    expect(r.producer.bufferedBytes).toBe(0);
  });

  it('close sends what was accepted, then refuses more; idle it is quick', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    const r = rig(broker.bootstrap);
    const pending = r.producer.send({ topic: 'orders', value: 'x' });
    await r.producer.close();
    await r.producer.close();
    expect((await pending).offset).toBe(0n);
    expect(await rejection(r.producer.send({ topic: 'orders', value: 'y' }))).toMatchObject({ code: 'CLOSED' });
    await r.cluster.close();
  });

  it('CLI-078 close ends at its deadline and rejects what is left, naming it', async () => {
    const r = rig('127.0.0.1:1');
    const pending = rejection(r.producer.send({ topic: 'orders', value: 'x' }));
    await r.producer.close({ timeoutMs: 50 });
    await r.cluster.close();
    expect(String(await pending)).toMatch(/closed/);
  });

  it('lists the partitions of a topic', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 3 } });
    await using r = rig(broker.bootstrap);
    const partitions = await r.producer.partitionsFor('orders');
    expect(partitions.map(({ topic, partition }) => [topic, partition])).toEqual([
      ['orders', 0],
      ['orders', 1],
      ['orders', 2],
    ]);
  });
});
