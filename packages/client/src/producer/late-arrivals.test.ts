// A request that had no answer may reach the broker late: over a connection that is closed already, after newer ones.
import { Errors, Produce } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { expect, it } from 'vitest';
import { refusal, rejection, rig, valuesOf } from './testing.ts';

const DELIVERY_TIMEOUT_MS = 600;

/** The first record is given up without an answer; the second one had none at its first attempt, and is out of order then. */
async function givenUpBefore(broker: TestBroker, unanswered: 'swallow' | 'kill') {
  const r = rig(broker.bootstrap, { deliveryTimeoutMs: DELIVERY_TIMEOUT_MS }, { requestTimeoutMs: 150 });
  await r.producer.send({ topic: 'orders', value: 'warm' });
  broker.on(Produce, unanswered, { always: true });
  const first = rejection(r.producer.send({ topic: 'orders', value: 'first' }));
  await new Promise((resolve) => setTimeout(resolve, DELIVERY_TIMEOUT_MS / 2));
  const second = r.producer.send({ topic: 'orders', value: 'second' });
  const outcome = second.then(
    () => 'written',
    (error: unknown) => error,
  );
  expect(await first).toMatchObject({ outcome: 'unknown' });
  broker.off(Produce);
  const told = await outcome;
  await r.producer.send({ topic: 'orders', value: 'third' });
  await r[Symbol.asyncDispose]();
  return told;
}

it('what may yet arrive is not sent again under other numbers, and is not told as not written', async () => {
  await using broker = await TestBroker.start({ topics: { orders: 1 } });
  const told = await givenUpBefore(broker, 'swallow');
  expect(told).toMatchObject({ code: 'DELIVERY', outcome: 'unknown', message: /may yet be written/ });
  expect(valuesOf(broker, 'orders')).toEqual(['warm', 'third']);
});

it('what the broker has hung up on cannot arrive any more, and is sent again', async () => {
  await using broker = await TestBroker.start({ topics: { orders: 1 } });
  expect(await givenUpBefore(broker, 'kill')).toBe('written');
  expect(valuesOf(broker, 'orders')).toEqual(['warm', 'second', 'third']);
});

it('a record without a number, of which an attempt was lost, stays "unknown" when the broker then speaks of its sequence', async () => {
  await using broker = await TestBroker.start({ topics: { orders: 1 } });
  await using r = rig(broker.bootstrap, { idempotence: false });
  await r.producer.send({ topic: 'orders', value: 'warm' });
  broker.on(Produce, { handleThen: 'kill' });
  broker.on(Produce, (request) => refusal(request, Errors.OUT_OF_ORDER_SEQUENCE_NUMBER));
  const error = await rejection(r.producer.send({ topic: 'orders', value: 'x' }));
  expect(error).toMatchObject({ code: 'DELIVERY', outcome: 'unknown' });
  expect(valuesOf(broker, 'orders')).toEqual(['warm', 'x']);
});
