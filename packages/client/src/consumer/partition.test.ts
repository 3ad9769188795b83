// What is done, what comes again, and what is committed.
import { describe, expect, it } from 'vitest';
import { Partition } from './partition.ts';

function placed(offset: bigint): Partition {
  const partition = new Partition({ topic: 't', partition: 0 }, 'committed');
  partition.placeAt(offset, 2);
  return partition;
}

const held = (offset: bigint, nextOffset = offset + 1n) => ({ offset, nextOffset });

describe('partition', () => {
  it('has nothing to commit before anything is done, wherever it was placed', () => {
    expect(placed(5n).uncommitted()).toBeNull();
  });

  it('what is in hand is not done; what came before it is', () => {
    const partition = placed(0n);
    partition.hold(held(0n));
    expect(partition.uncommitted()).toBeNull();
    partition.hold(held(1n));
    expect(partition.uncommitted()).toMatchObject({ offset: 1n });
    expect(partition.position).toBe(2n);
  });

  it('what was let go comes again', () => {
    const partition = placed(0n);
    partition.hold(held(3n));
    expect(partition.letGo()).toBe(true);
    expect(partition.position).toBe(3n);
  });

  it('what was marked as done does not', () => {
    const partition = placed(0n);
    partition.hold(held(3n));
    partition.markDone(held(3n));
    expect(partition.letGo()).toBe(false);
    expect(partition.uncommitted()).toMatchObject({ offset: 4n });
  });

  it('records of a batch may be marked in any order; only the contiguous ones count', () => {
    const partition = placed(0n);
    partition.hold(held(0n, 4n));
    partition.markDone(held(2n));
    expect(partition.uncommitted()).toBeNull();
    partition.markDone(held(0n));
    expect(partition.uncommitted()).toMatchObject({ offset: 1n });
    partition.markDone(held(1n));
    expect(partition.uncommitted()).toMatchObject({ offset: 3n });
    expect(partition.letGo()).toBe(true);
    expect(partition.position).toBe(3n);
  });

  it('taken away, it forgets what is buffered and aborts its signal', () => {
    const partition = placed(0n);
    const { signal } = partition;
    partition.offer({ views: [], fetchOffset: 0n, nextOffset: 9n, nextEpoch: -1, epoch: -1, bytes: 100 });
    partition.remove();
    expect(signal.aborted).toBe(true);
    expect(partition.signal.aborted).toBe(true);
    expect(partition.queue).toEqual([]);
    expect(partition.bufferedBytes).toBe(0);
  });

  it('an answer that comes after it was taken away is not kept', () => {
    const partition = placed(0n);
    partition.remove();
    partition.offer({ views: [], fetchOffset: 0n, nextOffset: 9n, nextEpoch: -1, epoch: -1, bytes: 100 });
    expect(partition.queue).toEqual([]);
  });
});
