// Each record has one final event, whatever became of it; and whoever is told may send at once.
import { Errors, InitProducerId, Produce } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { describe, expect, it } from 'vitest';
import type { BatchEvent, KafkaEvent } from '../events.ts';
import type { Producer } from './producer.ts';
import { refusal, rejection, rig, valuesOf } from './testing.ts';

const isFinal = (event: KafkaEvent): event is BatchEvent => event.type === 'batch' && event.outcome !== 'retrying';

/** How many records had which outcome. */
function outcomes(events: readonly KafkaEvent[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { outcome, records } of events.filter(isFinal)) found[outcome] = (found[outcome] ?? 0) + records;
  return found;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('the final event of a record', () => {
  it.each(['send', 'enqueue'] as const)('comes once where %s meets an answer, none, and a refusal', async (how) => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap, { deliveryTimeoutMs: 400 });
    await r.producer.send({ topic: 'orders', value: 'warm' });
    let asked = 0;
    broker.on(
      Produce,
      () =>
        ++asked % 2 === 0
          ? { errorCode: Errors.NOT_ENOUGH_REPLICAS }
          : { errorCode: Errors.NOT_ENOUGH_REPLICAS, delayMs: 60 },
      { always: true },
    );
    const told: Promise<unknown>[] = [];
    for (let count = 0; count < 30; count++) {
      const record = { topic: 'orders', value: 'x' };
      if (how === 'send') told.push(rejection(r.producer.send(record)));
      else r.producer.enqueue(record);
      await pause(15);
    }
    await Promise.all(told);
    await r.producer.flush();
    const { delivered, failed = 0, unknown = 0 } = outcomes(r.events);
    expect([delivered, failed + unknown]).toEqual([1, 30]);
  });

  it('is "failed" for those that the broker names in a batch', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap);
    await r.producer.send({ topic: 'orders', value: 'warm' });
    const recordErrors = [0, 3].map((batchIndex) => ({ batchIndex, batchIndexErrorMessage: 'no key' }));
    broker.on(Produce, (q) => refusal(q, Errors.INVALID_RECORD, { recordErrors }), { times: 1 });
    for (let at = 0; at < 5; at++) r.producer.enqueue({ topic: 'orders', value: String(at) });
    await r.producer.flush();
    expect(outcomes(r.events)).toEqual({ delivered: 4, failed: 2 });
  });

  it('is "failed" for a record whose caller has gone before it left', async () => {
    await using r = rig('127.0.0.1:1');
    expect(await rejection(r.producer.send({ topic: 'orders', value: 'x' }, { timeoutMs: 30 }))).toBeInstanceOf(Error);
    expect(outcomes(r.events)).toEqual({ failed: 1 });
  });
});

describe('a record that is sent by whoever is told of another one', () => {
  const states = {
    'is out of time': async (broker: TestBroker) => void (await broker.stop()),
    'is refused': async (broker: TestBroker) => {
      broker.on(InitProducerId, { errorCode: Errors.CLUSTER_AUTHORIZATION_FAILED }, { always: true });
    },
  };
  it.each(Object.entries(states))('that %s is settled, too, and does not keep the event loop', async (_, disturb) => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    let producer: Producer | null = null;
    const again: Promise<unknown>[] = [];
    const send = (): void => {
      if (producer !== null && again.length < 20)
        again.push(rejection(producer.send({ topic: 'orders', value: 'again' })));
    };
    const onEvent = (event: KafkaEvent): void => {
      if (event.type === 'batch' && event.outcome === 'failed') send();
    };
    const logger = { debug: send, info: send, warn: send, error: send };
    await using r = rig(broker.bootstrap, { deliveryTimeoutMs: 150 }, { onEvent, logger });
    await disturb(broker);
    producer = r.producer;
    r.producer.enqueue({ topic: 'orders', value: 'first' });
    await rejection(r.producer.send({ topic: 'orders', value: 'second' }));
    await expect.poll(() => again.length, { timeout: 6_000 }).toBe(20);
    const settled = Promise.all(again);
    expect(await Promise.race([settled.then(() => 'settled'), pause(1_500)])).toBe('settled');
    await r.producer.close();
    expect([r.producer.bufferedBytes, valuesOf(broker, 'orders')]).toEqual([0, []]);
  });
});

it('a callback that aborts the sends of others takes nobody else along', async () => {
  await using broker = await TestBroker.start({ topics: { orders: 1 } });
  const job = new AbortController();
  const events: KafkaEvent[] = [];
  const onEvent = (event: KafkaEvent): void => {
    events.push(event);
    if (event.type === 'batch' && event.outcome === 'failed') job.abort(new Error('the job ends'));
  };
  await using r = rig(broker.bootstrap, {}, { onEvent });
  await r.producer.send({ topic: 'orders', value: 'warm' });
  await broker.stop();
  const first = r.producer.send({ topic: 'orders', value: 'first' });
  await pause(50);
  const { signal } = job;
  const messages = Array.from({ length: 20 }, () => ({ value: 'x' }));
  const going = [rejection(r.producer.send({ topic: 'orders', messages }, { timeoutMs: 100 }))];
  await pause(10);
  for (let at = 0; at < 60; at++) going.push(rejection(r.producer.send({ topic: 'orders', value: 'x' }, { signal })));
  const staying = [1, 2, 3].map((value) => r.producer.send({ topic: 'orders', value: String(value) }));
  const settled = Promise.allSettled([first, ...staying]);
  await Promise.all(going);
  await r.producer.close({ timeoutMs: 300 });
  expect(await Promise.race([settled.then((all) => all.length), pause(500)])).toBe(4);
  const { delivered, failed = 0, unknown = 0 } = outcomes(events);
  expect([delivered, failed + unknown]).toEqual([1, 84]);
});
