// A partition's incarnations, and what of it is committed.
import { describe, expect, it } from 'vitest';
import type { FetchedData } from './fetched.ts';
import { Partition } from './partition.ts';
import type { InHand } from './progress.ts';

function placed(offset: bigint, isCommitted = false): Partition {
  const partition = new Partition({ topic: 't', partition: 0 }, 'committed');
  partition.placeAt(offset, 2, isCommitted);
  return partition;
}

/** Ten records of epoch 2 and ten of epoch 3 were fetched, those before the offset are done. */
function readTo(offset: bigint): Partition {
  const partition = placed(0n);
  const epochs = [2, 3].map((epoch) => ({ from: BigInt(epoch - 2) * 10n, epoch }));
  partition.offer({ ...data, nextOffset: 20n, nextEpoch: 3, epochs });
  partition.progress?.skipTo(offset);
  return partition;
}

const held = (offset: bigint): InHand => ({ offset, nextOffset: offset + 1n });
const data: FetchedData = {
  views: [],
  fetchOffset: 0n,
  nextOffset: 9n,
  nextEpoch: -1,
  epochs: [],
  bytes: 100,
  origin: null,
};

describe('a partition', () => {
  it('has nothing to commit where the group has it already', () => {
    expect(placed(5n, true).uncommitted()).toBeNull();
  });

  it('has its first position to commit, as in Java: what comes while nobody reads is not missed', () => {
    expect(placed(5n).uncommitted()).toMatchObject({ offset: 5n });
  });

  it('has nothing to do any more with what was in hand before a seek', () => {
    const partition = placed(0n, true);
    const { progress } = partition;
    if (!progress) throw new RangeError('it is placed');
    const inHand = held(0n);
    progress.hand(inHand);
    partition.placeAt(7n);
    expect(partition.finish(inHand, progress)).toBe(false);
    expect(partition.position).toBe(7n);
  });

  it('forgets what is buffered when it is taken away, and aborts its signal', () => {
    const partition = placed(0n);
    const { signal } = partition;
    partition.offer(data);
    partition.remove();
    expect([signal.aborted, partition.signal.aborted]).toEqual([true, true]);
    expect([partition.queue, partition.bufferedBytes]).toEqual([[], 0]);
  });

  it('keeps no answer that comes after it was taken away', () => {
    const partition = placed(0n);
    partition.remove();
    partition.offer(data);
    expect(partition.queue).toEqual([]);
  });

  it('begins another incarnation with each change of its place', () => {
    const partition = placed(0n);
    const seen = [partition.incarnation];
    partition.placeAt(3n);
    seen.push(partition.incarnation);
    partition.unplace('earliest');
    seen.push(partition.incarnation);
    partition.remove();
    seen.push(partition.incarnation);
    expect(new Set(seen).size).toBe(4);
  });

  const ways: Record<string, (partition: Partition) => void> = {
    'is fetched again': (partition) => partition.refetch(15n),
    'is gone back to': (partition) => partition.goBackTo(15n),
    'is gone back to when a seek is taken back': (partition) => partition.seek('latest')(),
  };

  it.each(Object.entries(ways))('knows the leader epoch before a position that %s', (_, goBack) => {
    const partition = readTo(15n);
    goBack(partition);
    expect(partition.place).toEqual({ name: 'placed', fetchOffset: 15n, fetchEpoch: 3 });
  });

  it('knows the leader epoch before a position that is in doubt', () => {
    const [one, other] = [readTo(15n), readTo(15n)];
    one.doubtEnd(15n);
    other.doubtPosition(15n, 'out of range');
    const kept = { offset: 15n, leaderEpoch: 3 };
    expect([one.place, other.place]).toMatchObject([{ start: kept }, { start: { inRange: kept } }]);
    expect([one.hasPosition, one.position]).toEqual([true, 15n]);
  });
});
