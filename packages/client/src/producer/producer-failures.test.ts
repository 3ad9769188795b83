// What callers are told when records are not, or not surely, delivered.
import { batchesOf, Errors, InitProducerId, Produce, type ProduceRequest } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { describe, expect, it } from 'vitest';
import { DeliveryError } from '../errors.ts';
import { plain } from '../sasl/plain.ts';
import { counted, numbers, refusal, rejection, rig, valuesOf } from './testing.ts';

describe('failures', () => {
  it('CLI-036 report an unknown outcome past the delivery timeout, and go on with the next epoch', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap, { deliveryTimeoutMs: 150 });
    await r.producer.send({ topic: 'orders', value: 'a' });
    broker.on(Produce, { handleThen: 'kill' }, { always: true });
    const error = await rejection(r.producer.send({ topic: 'orders', value: 'b' }));
    expect(error).toMatchObject({ code: 'DELIVERY', outcome: 'unknown', topic: 'orders', partition: 0 });
    broker.off(Produce);
    const ids = counted(broker, InitProducerId);
    await r.producer.send({ topic: 'orders', value: 'c' });
    expect([ids.count, valuesOf(broker, 'orders')]).toEqual([0, ['a', 'b', 'c']]);
  });

  it('leave the epoch as it is when the answer comes after the delivery timeout: what follows does not wait for another', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap, { deliveryTimeoutMs: 200 });
    const epochs: unknown[] = [];
    const note = (request: ProduceRequest): boolean => epochs.push(epochsOf(request)) > 0;
    broker.on(InitProducerId, { delayMs: 120 });
    broker.on(Produce, { delayMs: 150 }, { when: note });
    expect(await rejection(r.producer.send({ topic: 'orders', value: 'a' }))).toMatchObject({ outcome: 'unknown' });
    expect(r.producer.bufferedBytes).toBe(0);
    broker.on(Produce, 'pass', { always: true, when: note });
    const sent = ['b', 'c'].map((value) => r.producer.send({ topic: 'orders', value }));
    expect((await Promise.all(sent)).map(({ offset }) => offset)).toEqual([1n, 2n]);
    expect(new Set(epochs.flat())).toEqual(new Set([0]));
    expect(valuesOf(broker, 'orders')).toEqual(['a', 'b', 'c']);
  });

  it('write nothing of a batch that was given up behind newer records, when the broker comes to it late', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap, { deliveryTimeoutMs: 150 }, { requestTimeoutMs: 60 });
    await r.producer.send({ topic: 'orders', value: 'a' });
    const late: ProduceRequest[] = [];
    const note = (request: ProduceRequest): boolean => {
      const isGivenUp = request.topicData[0]?.partitionData[0]?.records?.includes('given up') === true;
      return isGivenUp && late.push(structuredClone(request)) > 0;
    };
    broker.on(Produce, 'swallow', { always: true, when: note });
    const error = await rejection(r.producer.send({ topic: 'orders', value: 'given up' }));
    expect(error).toMatchObject({ outcome: 'unknown' });
    await r.producer.send({ topic: 'orders', value: 'c' });
    broker.off(Produce);
    const [request] = late;
    if (request === undefined) throw new TypeError('nothing was sent');
    const answer = await r.cluster.askAny(Produce, request);
    expect(answer.responses[0]?.partitionResponses[0]?.errorCode).toBe(Errors.INVALID_PRODUCER_EPOCH);
    expect(valuesOf(broker, 'orders')).toEqual(['a', 'c']);
  });

  it.each([
    ['all', 'unknown'],
    ['leader', 'no'],
  ] as const)('with acks %s a leader that is none any more leaves the outcome %s', async (acks, outcome) => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    // The batch waits for its second attempt when the time is over: no request is under way then, which would be "unknown".
    const slow = { retryBackoffMs: 20_000, retryBackoffMaxMs: 20_000 };
    await using r = rig(broker.bootstrap, { acks, deliveryTimeoutMs: 500 }, slow);
    let sent = 0;
    const count = (): boolean => ++sent > 0;
    broker.on(Produce, { errorCode: Errors.NOT_LEADER_OR_FOLLOWER }, { always: true, when: count });
    expect(await rejection(r.producer.send({ topic: 'orders', value: 'a' }))).toMatchObject({ outcome });
    expect(sent).toBe(1);
  });

  it('name a topic that is still unknown at the deadline', async () => {
    await using broker = await TestBroker.start({ autoCreateTopics: false });
    await using r = rig(broker.bootstrap);
    const error = await rejection(r.producer.send({ topic: 'nowhere', value: 'x' }, { timeoutMs: 100 }));
    expect(error).toMatchObject({
      code: 'DELIVERY',
      outcome: 'no',
      topic: 'nowhere',
      cause: { code: 'UNKNOWN_TOPIC_OR_PARTITION' },
    });
    expect(String(error)).toMatch(/nowhere/);
  });

  it('name what keeps the client from its brokers, whatever the limit is, and also at close', async () => {
    await using r = rig('127.0.0.1:1');
    const send = (timeoutMs?: number): Promise<unknown> =>
      rejection(r.producer.send({ topic: 'orders', value: 'x' }, timeoutMs === undefined ? {} : { timeoutMs }));
    const late = await send(200);
    expect(String(late)).toContain('connection refused');
    expect(late).toMatchObject({ code: 'DELIVERY', outcome: 'no', cause: { code: 'CONNECTION' } });
    const closed = send();
    await r.producer.close({ timeoutMs: 50 }).catch(() => undefined);
    expect(String(await closed)).toContain('connection refused');
  });

  it('CLI-038 deliver nothing that was not acknowledged, also before the first connection', async () => {
    await using r = rig('127.0.0.1:1', { deliveryTimeoutMs: 100 });
    const error = await rejection(r.producer.send({ topic: 'orders', value: 'x' }));
    expect(error).toMatchObject({ code: 'DELIVERY', outcome: 'no', attempts: 0 });
  });

  it('CLI-039 split a batch that is too large', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap);
    broker.on(Produce, (q) => refusal(q, Errors.MESSAGE_TOO_LARGE), {
      always: true,
      when: (q) => (q.topicData[0]?.partitionData[0]?.records?.length ?? 0) > 1000,
    });
    const places = await r.producer.send({
      topic: 'orders',
      messages: numbers(40).map((n) => ({ value: n.padEnd(100) })),
    });
    expect(places.map(({ offset }) => Number(offset))).toEqual(numbers(40).map(Number));
    expect(valuesOf(broker, 'orders').map((v) => v.trim())).toEqual(numbers(40));
    const error = await rejection(r.producer.send({ topic: 'orders', value: 'x'.repeat(2000) }));
    expect(String(error)).toMatch(/a record of 2\d\d\d bytes is above the limit/);
    expect((await r.producer.send({ topic: 'orders', value: 'small' })).offset).toBe(40n);
  });

  it('CLI-040 reject the records that the broker names for their own reason, and send the others without them', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap);
    const recordErrors = [{ batchIndex: 1, batchIndexErrorMessage: 'key must not be null' }];
    broker.on(Produce, (q) => refusal(q, Errors.INVALID_RECORD, { recordErrors }));
    const results = await Promise.allSettled(numbers(3).map((value) => r.producer.send({ topic: 'orders', value })));
    expect(
      results.map((result) => (result.status === 'rejected' ? String(result.reason) : result.value.offset)),
    ).toEqual([0n, expect.stringMatching(/key must not be null/), 1n]);
    expect(valuesOf(broker, 'orders')).toEqual(['0', '2']);
    expect((await r.producer.send({ topic: 'orders', value: 'next' })).offset).toBe(2n);
    expect(r.producer.bufferedBytes).toBe(0);
  });

  it('of one partition leave the other records of a send alone, and results say which', async () => {
    await using broker = await TestBroker.start({ topics: { good: 2 } });
    await using r = rig(broker.bootstrap);
    broker.on(Produce, (request) => {
      const { answer } = refusal(request, 0, { baseOffset: 0n });
      for (const p of answer.responses[0]?.partitionResponses ?? [])
        if (p.index === 1) p.errorCode = Errors.INVALID_RECORD;
      return { answer };
    });
    const error = await rejection(
      r.producer.send({
        topic: 'good',
        messages: [
          { value: 'a', partition: 0 },
          { value: 'b', partition: 1 },
        ],
      }),
    );
    expect(error).toMatchObject({ results: [{ offset: 0n }, { error: { cause: { code: 'INVALID_RECORD' } } }] });
  });

  it('of authorisation come promptly, with the code as cause', async () => {
    await using broker = await TestBroker.start({ topics: { secret: 1, open: 1 }, denyTopics: ['secret'] });
    await using r = rig(broker.bootstrap);
    const error = await rejection(r.producer.send({ topic: 'secret', value: 'x' }));
    expect(error).toMatchObject({ code: 'DELIVERY', outcome: 'no', cause: { code: 'TOPIC_AUTHORIZATION_FAILED' } });
    expect((await r.producer.send({ topic: 'open', value: 'x' })).offset).toBe(0n);
  });

  it('say to switch idempotence off when the broker gives no producer id', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    broker.on(InitProducerId, { errorCode: Errors.CLUSTER_AUTHORIZATION_FAILED }, { always: true });
    await using r = rig(broker.bootstrap);
    const error = await rejection(r.producer.send({ topic: 'orders', value: 'x' }));
    expect(error).toBeInstanceOf(DeliveryError);
    expect(String(error)).toMatch(/set idempotence: false/);
    await using plain = rig(broker.bootstrap, { idempotence: false });
    expect((await plain.producer.send({ topic: 'orders', value: 'x' })).offset).toBe(0n);
  });

  it('of records that nobody waits for are logged and seen by the observer', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap);
    broker.on(Produce, (q) => refusal(q, Errors.INVALID_RECORD));
    r.producer.enqueue({ topic: 'orders', value: 'x' });
    await r.producer.flush();
    expect(r.logged).toEqual(['records were not delivered']);
    expect(r.events.filter((e) => e.type === 'batch').map((e) => e.outcome)).toEqual(['failed']);
  });

  it('CLI-075 of a wrong password come at once as an AuthenticationError, and nothing is retried', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 }, users: { alice: 'alice-secret' } });
    await using r = rig(broker.bootstrap, {}, { sasl: plain({ username: 'alice', password: 'wrong' }) });
    const error = await rejection(r.producer.send({ topic: 'orders', value: 'x' }));
    expect(error).toMatchObject({ code: 'AUTHENTICATION', retriable: false });
  });
});

describe('a batch whose answer was lost', () => {
  it.each([Errors.INVALID_TIMESTAMP, Errors.INVALID_PRODUCER_EPOCH])(
    'is in the log once, whatever a retry is answered (%i)',
    async (errorCode) => {
      await using broker = await TestBroker.start({ topics: { orders: 1 } });
      await using r = rig(broker.bootstrap, { lingerMs: 5 });
      await r.producer.send({ topic: 'orders', value: 'warm' });
      broker.on(Produce, { handleThen: 'kill' }, { times: 1 });
      broker.on(Produce, (request) => refusal(request, errorCode), { times: 1 });
      const sends = numbers(10).map((value) => r.producer.send({ topic: 'orders', value }));
      const results = await Promise.allSettled(sends);
      expect(valuesOf(broker, 'orders')).toEqual(['warm', ...numbers(10)]);
      for (const result of results) {
        if (result.status === 'rejected') expect(result.reason).toMatchObject({ outcome: 'unknown' });
      }
      await r.producer.send({ topic: 'orders', value: 'last' });
      expect(valuesOf(broker, 'orders').at(-1)).toBe('last');
    },
  );
});

function epochsOf({ topicData }: ProduceRequest): number[] {
  const views = topicData.flatMap(({ partitionData }) =>
    partitionData.flatMap(({ records }) => [...batchesOf(records ?? Buffer.alloc(0))]),
  );
  return views.map((view) => ('producerEpoch' in view ? view.producerEpoch : -1));
}
