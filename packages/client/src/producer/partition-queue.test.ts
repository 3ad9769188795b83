import { BatchView, sequenceAfter } from '@hopwire/protocol';
import { describe, expect, it } from 'vitest';
import type { ProducerBatch, RecordFields } from './batch.ts';
import { SingleDelivery } from './delivery.ts';
import { PartitionQueue, type SendRules } from './partition-queue.ts';

const rules: SendRules = { maxInFlight: 5, lingerMs: 5, idempotence: true, maxRequestBytes: 1000, isFlushing: false };
const identity = { producerId: 7n, producerEpoch: 0 };
const record = (value: string): RecordFields => ({ key: null, value, headers: [], timestampMs: 1 });

function queueOf(...batches: string[][]): PartitionQueue {
  const queue = new PartitionQueue('orders', 0, { maxBatchBytes: 1000, deliveryTimeoutMs: 1000, termMs: 50 });
  queue.adopt(identity);
  for (const values of batches) {
    const batch = queue.begin(0, 1000);
    for (const value of values) batch.append(1000, record(value), null, 0);
  }
  return queue;
}

function take(queue: PartitionQueue): ProducerBatch {
  const batch = queue.take(rules);
  if (!batch) throw new TypeError('nothing waits');
  batch.seal('none');
  return batch;
}

/** The first batch of an identity, acknowledged. */
function established(queue: PartitionQueue): void {
  const first = take(queue);
  queue.landed(first);
  queue.acknowledged(first);
}

describe('when a batch may go', () => {
  it('at once when nothing of its partition is under way', () => {
    expect(queueOf(['a']).dueMs(1, rules)).toBe(0);
  });

  it('after lingering when it is still open and another is under way; at once on flush', () => {
    const queue = queueOf(['a'], ['b'], ['c']);
    established(queue);
    take(queue);
    expect(queue.dueMs(1, rules)).toBe(5);
    expect(queue.dueMs(1, { ...rules, isFlushing: true })).toBe(0);
  });

  it('not beside the first one of an identity: a broker that knows nothing takes any sequence', () => {
    const queue = queueOf(['a'], ['b'], ['c']);
    take(queue);
    expect(queue.dueMs(1, rules)).toBe(Number.POSITIVE_INFINITY);
    expect(queue.dueMs(1, { ...rules, idempotence: false })).toBe(0);
  });

  it('not beside one that shows whether others are written: it would be one more of which nothing is certain', () => {
    const queue = queueOf(['0'], ['1'], ['2'], ['3']);
    established(queue);
    const [one, two] = [take(queue), take(queue)];
    for (const lost of [one, two]) {
      queue.landed(lost);
      lost.isUnsure = true;
      queue.requeue(lost);
    }
    one.awaitsProof = true;
    expect(take(queue)).toBe(two);
    expect(queue.dueMs(9, rules)).toBe(Number.POSITIVE_INFINITY);
  });

  it('not as the sixth under way', () => {
    const queue = queueOf(['0'], ['1'], ['2'], ['3'], ['4'], ['5'], ['6']);
    established(queue);
    for (let i = 0; i < 5; i++) take(queue);
    expect(queue.dueMs(1, rules)).toBe(Number.POSITIVE_INFINITY);
  });

  it('not as the fifth after one that is still under way, though those between were answered', () => {
    const queue = queueOf(['0'], ['1'], ['2'], ['3'], ['4'], ['5'], ['6'], ['7']);
    established(queue);
    const lost = take(queue);
    for (let i = 0; i < 4; i++) {
      expect(queue.dueMs(9, rules)).toBe(0);
      const answered = take(queue);
      queue.landed(answered);
      queue.acknowledged(answered);
    }
    expect(queue.dueMs(9, rules)).toBe(Number.POSITIVE_INFINITY);
    expect(queue.dueMs(9, { ...rules, idempotence: false })).toBe(0);
    queue.landed(lost);
    queue.acknowledged(lost);
    expect(queue.dueMs(9, rules)).toBe(0);
  });

  it('alone when it is a retry, after its back-off', () => {
    const queue = queueOf(['a'], ['b'], ['c'], ['d']);
    established(queue);
    const [b, c] = [take(queue), take(queue)];
    queue.landed(b);
    queue.requeue(b);
    expect(queue.dueMs(1, rules)).toBe(Number.POSITIVE_INFINITY);
    queue.landed(c);
    queue.requeue(c);
    queue.retryAtMs = 50;
    expect([queue.dueMs(1, rules), queue.dueMs(50, rules)]).toEqual([50, 0]);
    expect([...queue.waiting].slice(0, 2)).toEqual([b, c]);
  });
});

describe('sequence numbers', () => {
  it('follow one another and stay with a batch that is sent again', () => {
    const queue = queueOf(['a', 'b'], ['c'], ['d']);
    const first = take(queue);
    queue.landed(first);
    queue.requeue(first);
    expect(take(queue)).toBe(first);
    const later = [take(queue), take(queue)];
    expect([first, ...later].map((batch) => batch.baseSequence)).toEqual([0, 2, 3]);
    expect(BatchView.at(first.seal('none')).baseSequence).toBe(0);
  });

  it('wrap after 2147483647', () => {
    expect([sequenceAfter(2147483646, 1), sequenceAfter(2147483646, 2), sequenceAfter(2147483647, 3)]).toEqual([
      2147483647, 0, 2,
    ]);
  });

  it('are used again when a batch was surely not written, and lost with the identity when perhaps', () => {
    const queue = queueOf(['a', 'b'], ['c'], ['d']);
    const first = take(queue);
    queue.landed(first);
    expect(queue.forget(first)).toBe(false);
    const second = take(queue);
    expect(second.baseSequence).toBe(0);
    second.isUnsure = true;
    queue.landed(second);
    expect([queue.forget(second), queue.identity]).toEqual([true, null]);
  });

  it('are left to the answers of others while there are any', () => {
    const queue = queueOf(['a'], ['b'], ['c']);
    const [a, b] = [take(queue), take(queue)];
    a.isUnsure = true;
    queue.landed(a);
    expect([queue.forget(a), queue.hasBefore(b), queue.identity]).toEqual([false, false, identity]);
  });

  it('begin at 0 under a new identity, in a copy of the bytes that may still be on their way', () => {
    const queue = queueOf(['a'], ['b']);
    established(queue);
    const batch = take(queue);
    const before = batch.seal('none');
    queue.landed(batch);
    queue.requeue(batch);
    queue.adopt({ producerId: 8n, producerEpoch: 0 });
    const after = BatchView.at(take(queue).seal('none'));
    after.verify();
    expect([after.producerId, after.baseSequence]).toEqual([8n, 0]);
    expect([BatchView.at(before).producerId, BatchView.at(before).baseSequence]).toEqual([7n, 1]);
  });
});

describe('a batch that is too large', () => {
  it('becomes halves that keep numbers, order and deliveries', async () => {
    const queue = new PartitionQueue('orders', 0, { maxBatchBytes: 1000, deliveryTimeoutMs: 1000, termMs: 50 });
    queue.adopt(identity);
    const batch = queue.begin(0, 1000);
    const promises = ['a', 'b', 'c', 'd', 'e'].map((value) => {
      return new Promise<bigint>((resolve, reject) => {
        batch.append(1000, record(value), new SingleDelivery(({ offset }) => resolve(offset), reject), 0);
      });
    });
    queue.begin(0, 1000).append(1000, record('later'), null, 0);
    const sent = take(queue);
    queue.landed(sent);
    const [left, right] = sent.split();
    queue.requeue(right);
    queue.requeue(left);
    expect([...queue.waiting].slice(0, 2)).toEqual([left, right]);
    expect([left.count, left.baseSequence, right.count, right.baseSequence]).toEqual([2, 0, 3, 2]);
    left.deliver(10n, -1n);
    right.deliver(12n, -1n);
    expect(await Promise.all(promises)).toEqual([10n, 11n, 12n, 13n, 14n]);
  });
});
