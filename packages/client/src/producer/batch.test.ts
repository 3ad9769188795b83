import { BatchView } from '@hopwire/protocol';
import { describe, expect, it } from 'vitest';
import { ProducerBatch } from './batch.ts';
import { ManyDelivery, type RecordMetadata, SingleDelivery } from './delivery.ts';

const fields = (value: string) => ({ key: null, value, headers: [], timestampMs: 1 });

function batch(): ProducerBatch {
  return new ProducerBatch(
    { topic: 'orders', partition: 0 },
    { at: 0, span: 1 },
    { nowMs: 0, deadlineMs: 1, capacity: 256 },
  );
}

/** A record of the batch with somebody who waits for it. */
function watched(to: ProducerBatch, value: string): { delivery: SingleDelivery; outcome: Promise<RecordMetadata> } {
  let delivery: SingleDelivery | undefined;
  const outcome = new Promise<RecordMetadata>((resolve, reject) => {
    delivery = new SingleDelivery(resolve, reject);
    to.append(1e6, fields(value), delivery, 0);
    to.reservedBytes += 100;
  });
  outcome.catch(() => undefined);
  if (!delivery) throw new TypeError('no delivery');
  return { delivery, outcome };
}

const valuesOf = (bytes: Buffer): string[] => [...BatchView.at(bytes).records()].map(({ value }) => String(value));

describe('records whose callers have gone', () => {
  it('are left out when the batch is sealed, and offsets are those of what stays', async () => {
    const to = batch();
    const all = ['a', 'b', 'c', 'd', 'e'].map((value) => watched(to, value));
    for (const at of [0, 2]) {
      all[at]?.delivery.abandon(new Error('gone'));
      expect(to.withdrew(1)).toBe(0);
    }
    expect(to.trim()).toBeGreaterThan(0);
    expect(valuesOf(to.seal('none'))).toEqual(['b', 'd', 'e']);
    to.deliver(10n, -1n);
    const offsets = await Promise.all([1, 3, 4].map((at) => all[at]?.outcome));
    expect(offsets.map((place) => place?.offset)).toEqual([10n, 11n, 12n]);
  });

  it('are left out before that once they are half of it, and their memory is free', () => {
    const to = batch();
    const all = Array.from({ length: 1000 }, (_, i) => watched(to, `value ${i}`));
    let freed = 0;
    for (const { delivery } of all.slice(0, 999)) {
      delivery.abandon(new Error('gone'));
      freed += to.withdrew(1);
    }
    expect([to.count < 4, to.isAbandoned, to.reservedBytes + freed]).toEqual([true, false, 100_000]);
    expect(to.reservedBytes).toBeLessThan(1000);
  });

  it('make a batch of nobody when they were all, but not when there is one that nobody waits for', () => {
    const to = batch();
    const { delivery } = watched(to, 'a');
    delivery.abandon(new Error('gone'));
    to.withdrew(1);
    expect([to.isAbandoned, to.trim()]).toEqual([true, 0]);
    to.append(1e6, fields('enqueued'), null, 0);
    expect(to.isAbandoned).toBe(false);
    to.trim();
    expect(valuesOf(to.seal('none'))).toEqual(['enqueued']);
  });

  it('stay in what is sealed: its bytes may be on their way', () => {
    const to = batch();
    const { delivery } = watched(to, 'a');
    watched(to, 'b');
    watched(to, 'c');
    to.seal('none');
    delivery.abandon(new Error('gone'));
    to.withdrew(1);
    to.trim();
    expect([to.count, valuesOf(to.seal('none'))]).toEqual([3, ['a', 'b', 'c']]);
  });

  it('are counted in the halves of a batch that is split', () => {
    const to = batch();
    const all = ['a', 'b', 'c', 'd'].map((value) => watched(to, value));
    to.seal('none');
    all[0]?.delivery.abandon(new Error('gone'));
    to.withdrew(1);
    const [left, right] = to.split();
    expect([...(all[3]?.delivery.whereabouts() ?? [])]).toEqual([[right, 1]]);
    all[1]?.delivery.abandon(new Error('gone'));
    left.withdrew(1);
    expect([left.isAbandoned, right.isAbandoned, left.reservedBytes + right.reservedBytes]).toEqual([true, false, 400]);
  });
});

it('a send of many knows in which batches its records are', () => {
  const [one, two] = [batch(), batch()];
  const delivery = new ManyDelivery('orders', 5, { resolve: () => undefined, reject: () => undefined });
  for (const [index, to] of [one, one, two, two, two].entries()) to.append(1e6, fields('x'), delivery, index);
  expect([...delivery.whereabouts()]).toEqual([
    [one, 2],
    [two, 3],
  ]);
});

it('withdrawing from a batch takes linear time', () => {
  const spend = (count: number): number => {
    const to = batch();
    const all = Array.from({ length: count }, () => watched(to, 'x'));
    const startedAt = performance.now();
    for (const { delivery } of all) {
      delivery.abandon('gone');
      to.withdrew(1);
    }
    return performance.now() - startedAt;
  };
  spend(5000);
  expect(spend(40_000)).toBeLessThan(1500);
});
