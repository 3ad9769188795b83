// Room that was announced by ready() or to a stream is taken by records that came later than a send() that waits for room.
import { Produce } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { describe, expect, it } from 'vitest';
import { gate } from '../testing/loop.ts';
import { runAgainAfterStalls } from '../testing/stalls.ts';
import { rejection, rig, timed, valuesOf } from './testing.ts';

runAgainAfterStalls();

const value = (letter: string): string => letter.repeat(1_000);

describe.each(['enqueue()', 'a stream'])('a send() that waits for room behind %s', (way) => {
  /** Node 2 answers nothing about `b`; two requests about `a` are answered when their gates open, and each makes room. */
  async function overtaken(broker: TestBroker) {
    broker.moveLeader('a', 0, 1);
    broker.moveLeader('b', 0, 2);
    const options = { bufferBytes: 3_300, lingerMs: 60_000, deliveryTimeoutMs: 1_000, maxInFlight: 1 };
    const r = rig(broker.addresses().join(), options);
    const { producer } = r;
    for (const topic of ['a', 'b']) await producer.send({ topic, value: 'warm' });
    const gates = [gate(), gate()];
    let asked = 0;
    const answer = () => ({ holdUntil: gates[asked++]?.opened ?? Promise.resolve() });
    broker.on(Produce, answer, { always: true, when: (_, { nodeId }) => nodeId === 1 });
    broker.on(Produce, 'swallow', { always: true, when: (_, { nodeId }) => nodeId === 2 });
    rejection(producer.send({ topic: 'b', value: value('F') }));
    for (let count = 0; count < 2; count++) {
      rejection(producer.send({ topic: 'a', value: value('a') }));
      await producer.flush({ timeoutMs: 30 }).catch(() => undefined);
    }
    await expect.poll(() => asked).toBe(1);
    const record = { topic: 'b', value: value('E') };
    if (way === 'a stream') rejection(producer.writable().getWriter().write(record));
    else {
      expect(producer.enqueue(record)).toBe(false);
      void producer.ready().then(() => producer.enqueue(record));
    }
    const late = timed(producer.send({ topic: 'b', value: value('W') }));
    return { r, late, gates };
  }

  it('ends when its own time is up', async () => {
    await using broker = await TestBroker.start({ brokers: 2, topics: { a: 1, b: 1 } });
    const { r, late, gates } = await overtaken(broker);
    for (const one of gates) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      one.open();
    }
    const { ms, error } = await late;
    expect(error).toMatchObject({ code: 'DELIVERY', topic: 'b' });
    expect([ms > 950, ms < 1_150]).toEqual([true, true]);
    await r[Symbol.asyncDispose]();
  });

  it('is waited for by a flush() that follows it', async () => {
    await using broker = await TestBroker.start({ brokers: 2, topics: { a: 1, b: 1 } });
    const { r, late, gates } = await overtaken(broker);
    let isSettled = false;
    void late.then(() => {
      isSettled = true;
    });
    const flushed = r.producer.flush().then(() => isSettled);
    for (const one of gates) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      one.open();
    }
    expect(await flushed).toBe(true);
    await r[Symbol.asyncDispose]();
  });
});

it('what a stream and sends write through a full buffer arrives whole, and in the order of each of them', async () => {
  await using broker = await TestBroker.start({ topics: { a: 1 } });
  await using r = rig(broker.bootstrap, { bufferBytes: 20_000, deliveryTimeoutMs: 20_000 });
  broker.on(Produce, { delayMs: 5 }, { always: true });
  const writer = r.producer.writable().getWriter();
  const streamed = (async () => {
    for (let i = 0; i < 300; i++) await writer.write({ topic: 'a', value: `s${i}`.padEnd(200) });
    await writer.close();
  })();
  const sends = Array.from({ length: 300 }, (_, i) => r.producer.send({ topic: 'a', value: `w${i}`.padEnd(200) }));
  await Promise.all([streamed, ...sends]);
  const values = valuesOf(broker, 'a').map((text) => text.trim());
  for (const kind of ['s', 'w']) {
    expect(values.filter((text) => text.startsWith(kind))).toEqual(
      Array.from({ length: 300 }, (_, i) => `${kind}${i}`),
    );
  }
  expect([await rejection(r.producer.flush()), r.producer.bufferedBytes]).toEqual([undefined, 0]);
});
