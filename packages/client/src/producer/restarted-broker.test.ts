// Answers that are lost with a broker which is started again: it remembers of each producer the newest batch only.
import { Produce } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { describe, expect, it, vi } from 'vitest';
import { type Rig, rig, valuesOf } from './testing.ts';

const VALUES: readonly string[] = ['a', 'b', 'c', 'd', 'e'].map((value) => value.repeat(150));

/** Five batches under way, of which the broker writes the first `written`; then it is started again. */
async function lose(broker: TestBroker, r: Rig, written: number): Promise<PromiseSettledResult<unknown>[]> {
  await r.producer.send({ topic: 'orders', value: 'before' });
  let asked = 0;
  broker.on(Produce, () => (++asked <= written ? { handleThen: 'swallow' } : 'swallow'), { always: true });
  const sends = Promise.allSettled(VALUES.map((value) => r.producer.send({ topic: 'orders', value })));
  await vi.waitFor(() => expect(asked).toBe(VALUES.length));
  broker.off(Produce);
  await broker.restart();
  return sends;
}

describe('batches whose answers were lost with a broker that was started again', () => {
  it.each([0, 1, 2, 3, 4, 5])('are written once and in order when the broker has %i of 5 of them', async (written) => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap, { batchBytes: 200 });
    const ends = await lose(broker, r, written);
    expect(ends.map(({ status }) => status)).toEqual(VALUES.map(() => 'fulfilled'));
    expect(valuesOf(broker, 'orders')).toEqual(['before', ...VALUES]);
    await r.producer.send({ topic: 'orders', value: 'after' });
    expect(valuesOf(broker, 'orders').at(-1)).toBe('after');
    expect(r.producer.bufferedBytes).toBe(0);
  });

  it('tell where they are when the broker says so, and else that their place is not known', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap, { batchBytes: 200 });
    const ends = await lose(broker, r, 5);
    expect(ends.map((end) => end.status === 'fulfilled' && end.value)).toMatchObject(
      [-1n, -1n, -1n, -1n, 5n].map((offset) => ({ partition: 0, offset })),
    );
  });

  it('are unknown when the later ones that could tell are not waited for any more, and not written again', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    await using r = rig(broker.bootstrap, { batchBytes: 200 });
    await r.producer.send({ topic: 'orders', value: 'before' });
    const gone = new AbortController();
    let asked = 0;
    const written = (): { handleThen: 'swallow' } => {
      asked++;
      return { handleThen: 'swallow' };
    };
    broker.on(Produce, written, { always: true });
    const sends = VALUES.map((value, i) => {
      return r.producer.send({ topic: 'orders', value }, i < 2 ? {} : { signal: gone.signal });
    });
    const ends = Promise.allSettled(sends);
    await vi.waitFor(() => expect(asked).toBe(VALUES.length));
    broker.off(Produce);
    await broker.stop();
    gone.abort();
    await broker.restart();
    for (const end of (await ends).slice(0, 2)) {
      expect(end).toMatchObject({ status: 'rejected', reason: { code: 'DELIVERY', outcome: 'unknown' } });
    }
    expect(valuesOf(broker, 'orders')).toEqual(['before', ...VALUES]);
    await r.producer.send({ topic: 'orders', value: 'after' });
    expect(valuesOf(broker, 'orders')).toEqual(['before', ...VALUES, 'after']);
  });
});
