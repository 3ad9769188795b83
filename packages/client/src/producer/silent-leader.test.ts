// A leader that neither answers nor hangs up, while another one is elected.
import { type AnyApi, ApiVersions, InitProducerId, Metadata, Produce } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { describe, expect, it } from 'vitest';
import { numbers, rig, timed, valuesOf } from './testing.ts';

/** As after SIGSTOP: the node reads and says nothing. */
function silence(broker: TestBroker, nodeId: number, how: 'swallow' | { handleThen: 'swallow' } = 'swallow'): void {
  const when = (_request: unknown, place: { nodeId: number }): boolean => place.nodeId === nodeId;
  const apis: AnyApi[] = [ApiVersions, Metadata, InitProducerId];
  for (const api of apis) broker.on(api, 'swallow', { always: true, when });
  broker.on(Produce, how, { always: true, when });
}

const other = (broker: TestBroker, nodeId: number): number => {
  return (
    broker
      .addresses()
      .map((_, i) => i + 1)
      .find((id) => id !== nodeId) ?? 0
  );
};

describe('what is under way to a silent leader', () => {
  it.each([
    ['was not written there', true, 'swallow'],
    ['was written there, and is recognised', true, { handleThen: 'swallow' }],
    ['has no numbers', false, 'swallow'],
  ] as const)('goes to the new one in about a second: it %s', async (_what, idempotence, how) => {
    await using broker = await TestBroker.start({ brokers: 3, topics: { orders: 1 } });
    await using r = rig(broker.addresses().join(','), { idempotence, batchBytes: 200 });
    await r.producer.send({ topic: 'orders', value: 'before' });
    const old = broker.leaderOf('orders');
    silence(broker, old, how);
    const sends = numbers(20).map((n) => r.producer.send({ topic: 'orders', value: n.padStart(60, '0') }));
    await new Promise((resolve) => setTimeout(resolve, 50));
    broker.moveLeader('orders', 0, other(broker, old));
    const { ms, error } = await timed(Promise.all(sends));
    expect([error, ms < 4000]).toEqual([undefined, true]);
    expect(valuesOf(broker, 'orders')).toEqual(['before', ...numbers(20).map((n) => n.padStart(60, '0'))]);
    expect(r.producer.bufferedBytes).toBe(0);
  });

  it('of partitions that it still leads stays there, and is settled by its answer', async () => {
    await using broker = await TestBroker.start({ brokers: 2, topics: { orders: 4 } });
    await using r = rig(broker.addresses().join(','));
    const old = broker.leaderOf('orders', 0);
    const led = [0, 1, 2, 3].filter((partition) => broker.leaderOf('orders', partition) === old);
    const send = (partition: number, value: string) => r.producer.send({ topic: 'orders', value, partition });
    await Promise.all(led.map((partition) => send(partition, 'before')));
    let release = (): void => undefined;
    const holdUntil = new Promise<void>((resolve) => {
      release = resolve;
    });
    broker.on(Produce, { holdUntil }, { when: (_q, place) => place.nodeId === old });
    const sends = led.map((partition) => send(partition, 'x'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const [moved = 0, stays = 0] = led;
    broker.moveLeader('orders', moved, other(broker, old));
    expect((await timed(Promise.resolve(sends[0]))).ms).toBeLessThan(4000);
    release();
    await Promise.all(sends);
    expect([moved, stays].map((partition) => valuesOf(broker, 'orders', partition))).toEqual([
      ['before', 'x'],
      ['before', 'x'],
    ]);
    await Promise.all(led.map((partition) => send(partition, 'after')));
  });

  it('is not taken back from a leader that is only slow', async () => {
    await using broker = await TestBroker.start({ brokers: 2, topics: { orders: 1 } });
    await using r = rig(broker.addresses().join(','));
    await r.producer.send({ topic: 'orders', value: 'a' });
    let requests = 0;
    broker.on(
      Produce,
      () => {
        requests++;
        return { delayMs: 2500 };
      },
      { always: true },
    );
    await r.producer.send({ topic: 'orders', value: 'b' });
    const asked = r.events.filter(({ type }) => type === 'metadata').length;
    expect([requests, valuesOf(broker, 'orders'), asked <= 6]).toEqual([1, ['a', 'b'], true]);
  });
});
