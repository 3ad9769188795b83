// Each record has its whole delivery timeout, whatever batch it shares and whatever becomes of those before it.
import { Errors, Produce } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { describe, expect, it } from 'vitest';
import { DeliveryError } from '../errors.ts';
import { runAgainAfterStalls } from '../testing/stalls.ts';
import { Terms } from './terms.ts';
import { rejection, rig, timed, valuesOf } from './testing.ts';

runAgainAfterStalls();

const DELIVERY_TIMEOUT_MS = 800;
/** A twentieth of it, and what a loaded machine is late. */
const EARLY_MS = 90;

interface Ended {
  readonly afterMs: number;
  readonly reason: unknown;
}

/** So many sends, one after the other; how each of them ended. */
function ends(send: (count: number) => Promise<unknown>, total: number, everyMs: number): Promise<Ended[]> {
  const all: Promise<Ended>[] = [];
  const next = async (): Promise<Ended[]> => {
    const sentAt = performance.now();
    all.push(rejection(send(all.length)).then((reason) => ({ afterMs: performance.now() - sentAt, reason })));
    if (all.length === total) return Promise.all(all);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
    return next();
  };
  return next();
}

it('a broker that is slow over each request gets all records, in few requests', async () => {
  await using broker = await TestBroker.start({ topics: { orders: 1 } });
  await using r = rig(broker.bootstrap, { deliveryTimeoutMs: DELIVERY_TIMEOUT_MS });
  await r.producer.send({ topic: 'orders', value: 'warm' });
  broker.on(Produce, { delayMs: 100 }, { always: true });
  const ended = await ends((count) => r.producer.send({ topic: 'orders', value: String(count) }), 150, 10);
  expect(ended.filter(({ reason }) => reason !== undefined)).toEqual([]);
});

describe.each([{ answered: 'never' }, { answered: 'with a refusal' }])('records that are answered $answered', (how) => {
  it.each([1, 3])('end when their own time is up, %i of a send', async (each) => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap, { deliveryTimeoutMs: DELIVERY_TIMEOUT_MS });
    await r.producer.send({ topic: 'orders', value: 'warm' });
    const answer = how.answered === 'never' ? 'swallow' : { errorCode: Errors.NOT_ENOUGH_REPLICAS };
    broker.on(Produce, answer, { always: true });
    const messages = Array.from({ length: each }, () => ({ value: 'x' }));
    const ended = await ends(() => r.producer.send({ topic: 'orders', messages }), 60, 25);
    for (const { afterMs, reason } of ended) {
      expect(reason).toBeInstanceOf(DeliveryError);
      expect(afterMs).toBeGreaterThan(DELIVERY_TIMEOUT_MS - EARLY_MS);
      expect(afterMs).toBeLessThan(DELIVERY_TIMEOUT_MS + 400);
    }
    expect([valuesOf(broker, 'orders'), r.producer.bufferedBytes]).toEqual([['warm'], 0]);
  });
});

it('records that have time left are written when the broker is well again, without those that ended before', async () => {
  await using broker = await TestBroker.start({ topics: { orders: 1 } });
  await using r = rig(broker.bootstrap, { deliveryTimeoutMs: DELIVERY_TIMEOUT_MS });
  await r.producer.send({ topic: 'orders', value: 'warm' });
  broker.on(Produce, { errorCode: Errors.NOT_ENOUGH_REPLICAS }, { always: true });
  const sending = ends((count) => r.producer.send({ topic: 'orders', value: String(count) }), 60, 25);
  setTimeout(() => broker.off(), 1_200);
  const ended = await sending;
  const outcomes = ended.map(({ reason }) => (reason instanceof DeliveryError ? reason.outcome : 'yes'));
  const those = (outcome: string): string[] => [...ended.keys()].filter((at) => outcomes[at] === outcome).map(String);
  const [warm, ...log] = valuesOf(broker, 'orders');
  expect([warm, those('no').length > 8, those('yes').length > 20]).toEqual(['warm', true, true]);
  // A request may be under way when the time of its first records is up: those are told that nothing is known.
  expect(log.filter((value) => !those('unknown').includes(value))).toEqual(those('yes'));
});

it('records end in time although the event loop was blocked for several groups of them, and none is forgotten', async () => {
  await using r = rig('127.0.0.1:1', { deliveryTimeoutMs: DELIVERY_TIMEOUT_MS });
  setTimeout(() => {
    const until = performance.now() + 200;
    while (performance.now() < until);
  }, DELIVERY_TIMEOUT_MS + 20);
  const ended = await ends(() => r.producer.send({ topic: 'orders', value: 'x' }), 50, 20);
  for (const { afterMs } of ended) expect(afterMs).toBeLessThan(DELIVERY_TIMEOUT_MS + 400);
  expect(r.producer.bufferedBytes).toBe(0);
});

it('records end in time although the first ones of a batch before them have left it', async () => {
  await using broker = await TestBroker.start({ topics: { orders: 2 } });
  await using r = rig(broker.bootstrap, { deliveryTimeoutMs: DELIVERY_TIMEOUT_MS });
  for (const partition of [0, 1]) await r.producer.send({ topic: 'orders', value: 'warm', partition });
  await broker.stop();
  const leaving = new AbortController();
  const { signal } = leaving;
  const send = (partition: number, waiting = {}): Promise<{ ms: number }> =>
    timed(r.producer.send({ topic: 'orders', value: 'x', partition }, waiting));
  const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100));
  const all = [send(1), pause().then(() => send(0, { signal }))];
  await pause();
  await pause();
  all.push(send(1));
  await pause();
  await pause();
  all.push(send(0), send(0));
  leaving.abort();
  const lasted = await Promise.all(all);
  for (const { ms } of lasted) expect(ms).toBeLessThan(DELIVERY_TIMEOUT_MS + 90);
});

it('a record ends when its own time is up although half of its batch was withdrawn just before it came', async () => {
  await using broker = await TestBroker.start({ topics: { orders: 1 } });
  await using r = rig(broker.bootstrap, { deliveryTimeoutMs: DELIVERY_TIMEOUT_MS });
  await r.producer.send({ topic: 'orders', value: 'warm' });
  await broker.stop();
  const send = (waiting = {}): Promise<{ ms: number }> =>
    timed(r.producer.send({ topic: 'orders', value: 'x' }, waiting));
  const first = send();
  await new Promise((resolve) => setTimeout(resolve, DELIVERY_TIMEOUT_MS / 2));
  await Promise.all([send({ timeoutMs: 5 }), send({ timeoutMs: 5 })]);
  const { ms } = await send();
  expect(ms).toBeGreaterThan(DELIVERY_TIMEOUT_MS - EARLY_MS);
  await first;
});

it('records that are sent with work between, without a turn of the event loop, end when their own time is up', async () => {
  await using broker = await TestBroker.start({ topics: { orders: 1 } });
  await using r = rig(broker.bootstrap, { deliveryTimeoutMs: DELIVERY_TIMEOUT_MS });
  await r.producer.send({ topic: 'orders', value: 'warm' });
  broker.on(Produce, 'swallow', { always: true });
  const sentAt: number[] = [];
  const all = [0, 1, 2, 3].map((at) => {
    sentAt.push(performance.now());
    const ended = rejection(r.producer.send({ topic: 'orders', value: 'x' })).then(() => performance.now());
    while (performance.now() < (sentAt[at] ?? 0) + 150);
    return ended;
  });
  const lasted = (await Promise.all(all)).map((endedAt, at) => endedAt - (sentAt[at] ?? 0));
  expect(Math.min(...lasted)).toBeGreaterThan(DELIVERY_TIMEOUT_MS - EARLY_MS);
});

it('records that nobody waits for end in time, too, and their loss is said once', async () => {
  await using broker = await TestBroker.start({ topics: { orders: 1 } });
  await using r = rig(broker.bootstrap, { deliveryTimeoutMs: DELIVERY_TIMEOUT_MS });
  await r.producer.send({ topic: 'orders', value: 'warm' });
  await broker.stop();
  for (let count = 0; count < 60; count++) {
    r.producer.enqueue({ topic: 'orders', value: 'x' });
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  const lost = (): number =>
    r.events
      .filter((event) => event.type === 'batch' && (event.outcome === 'failed' || event.outcome === 'unknown'))
      .reduce((sum, event) => sum + (event.type === 'batch' ? event.records : 0), 0);
  expect(lost()).toBeGreaterThan(20);
  await expect.poll(lost, { timeout: 3_000 }).toBe(60);
  await expect.poll(() => r.producer.bufferedBytes).toBe(0);
});

it('each record is said to be settled once, also when an answer comes after its time', async () => {
  await using broker = await TestBroker.start({ topics: { orders: 1 } });
  await using r = rig(broker.bootstrap, { deliveryTimeoutMs: 200 });
  await r.producer.send({ topic: 'orders', value: 'warm' });
  broker.on(Produce, { delayMs: 280 }, { times: 1 });
  expect(await rejection(r.producer.send({ topic: 'orders', value: 'late' }))).toMatchObject({ outcome: 'unknown' });
  await r.producer.send({ topic: 'nowhere', value: 'x' }).catch(() => undefined);
  await r.producer.send({ topic: 'orders', value: 'next' });
  const settled = r.events.flatMap((event) => (event.type === 'batch' && event.outcome !== 'retrying' ? [event] : []));
  expect(settled.map(({ topic, outcome, records }) => [topic, outcome, records])).toEqual([
    ['orders', 'delivered', 1],
    ['orders', 'unknown', 1],
    ['nowhere', 'failed', 1],
    ['orders', 'delivered', 1],
  ]);
});

it('a record that finds no topic until its time is up is seen by onEvent', async () => {
  await using r = rig('127.0.0.1:1', { deliveryTimeoutMs: 100 });
  r.producer.enqueue({ topic: 'orders', value: 'x' });
  const failed = expect.objectContaining({ type: 'batch', topic: 'orders', outcome: 'failed', records: 1 });
  await expect.poll(() => r.events).toContainEqual(failed);
});

describe('terms', () => {
  it('end one after the other, or several at once, and the last one says that nothing is left', () => {
    const terms = new Terms(10);
    terms.add(3, 20);
    terms.add(5, 30);
    terms.add(7, 40);
    expect([terms.dueMs, terms.endMs, terms.pass(10)]).toEqual([10, 40, 3]);
    expect([terms.dueMs, terms.pass(31), terms.dueMs, terms.pass(40)]).toEqual([20, 7, 40, null]);
  });

  it('follow their records when others are left out or go elsewhere', () => {
    const terms = new Terms(10);
    terms.add(3, 20);
    terms.add(5, 30);
    terms.add(8, 40);
    const half = terms.moved((from) => from - 5, 2);
    expect([half.dueMs, half.endMs]).toEqual([30, 30]);
    // Of 3 and 4 nothing is left.
    const without = terms.moved((from) => (from <= 3 ? from : from - 2), 7);
    expect([without.pass(10), without.dueMs, without.pass(30), without.dueMs]).toEqual([3, 30, 6, 40]);
  });
});
