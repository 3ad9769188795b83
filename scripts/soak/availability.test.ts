import { describe, expect, it } from 'vitest';
import { Availability, type PartitionView } from './availability.ts';

const view = (change: Partial<PartitionView> = {}): PartitionView => ({
  ...{ topic: 't', partition: 0, leaderId: 1, leaderEpoch: 5, inSync: [1, 2, 3] },
  ...change,
});

/** All brokers say the same. */
function say(seen: Availability, what: PartitionView, askedAt: number): void {
  for (const by of [1, 2, 3]) seen.seen(what, askedAt, by);
}

describe('the times in which a partition is to be had', () => {
  it('begin with the last look that still showed the old leader, so that no recovery looks shorter than it was', () => {
    const seen = new Availability();
    seen.reach([1, 2], 0);
    say(seen, view(), 100);
    seen.reach([2], 150);
    say(seen, view(), 200); // asked of a broker that has not noticed yet
    say(seen, view({ leaderId: 2, leaderEpoch: 6, inSync: [2, 3] }), 250);
    expect(seen.intervals).toMatchObject([
      { from: 100, until: 150, epoch: 5 },
      { from: 200, until: Number.POSITIVE_INFINITY, epoch: 6, cause: 'elected', isMove: false },
    ]);
  });

  it('begin when the leader and the copies in step know of the election: before that nobody can write there', () => {
    const seen = new Availability();
    seen.reach([1, 2, 3], 0);
    say(seen, view(), 100);
    seen.reach([2, 3], 150);
    const elected = view({ leaderId: 2, leaderEpoch: 6, inSync: [2, 3] });
    seen.seen(elected, 200, 3);
    seen.seen(view(), 300, 2); // the new leader has not heard of it
    seen.seen(elected, 400, 2);
    expect(seen.intervals[1]).toMatchObject({ from: 300, epoch: 6, cause: 'elected' });
    seen.seen(view({ leaderId: 3, leaderEpoch: 7, inSync: [2, 3] }), 500, 3);
    expect(seen.intervals).toHaveLength(2);
    seen.seen(elected, 600, 2); // nor has the copy now
    seen.seen(view({ leaderId: 3, leaderEpoch: 7, inSync: [2, 3] }), 700, 2);
    expect(seen.intervals[2]).toMatchObject({ from: 600, epoch: 7 });
  });

  it('are not changed by a broker that was frozen and tells what was true before', () => {
    const seen = new Availability();
    seen.reach([1, 2], 0);
    say(seen, view({ leaderId: 2, leaderEpoch: 6 }), 100);
    say(seen, view(), 200);
    expect(seen.intervals).toHaveLength(1);
  });

  it('begin when the way to the leader is free again, where that is later than its election', () => {
    const seen = new Availability();
    seen.reach([1], 0);
    say(seen, view(), 100);
    seen.reach([], 200);
    say(seen, view({ leaderEpoch: 6 }), 300);
    seen.reach([1], 400);
    expect(seen.intervals[1]).toMatchObject({ from: 400, epoch: 6, cause: 'reachable' });
  });

  it('begin when enough copies are in step', () => {
    const seen = new Availability();
    seen.reach([1], 0);
    say(seen, view({ inSync: [1] }), 100);
    expect(seen.intervals).toEqual([]);
    say(seen, view({ inSync: [1] }), 200);
    say(seen, view({ inSync: [1, 2] }), 300);
    expect(seen.intervals).toMatchObject([{ from: 200, cause: 'reachable' }]);
  });

  it('go on beside a new one when the leader only moves', () => {
    const seen = new Availability();
    seen.reach([1, 2], 0);
    say(seen, view(), 100);
    say(seen, view({ leaderId: 2, leaderEpoch: 6 }), 200);
    expect(seen.intervals[1]).toMatchObject({ from: 100, isMove: true });
    seen.reach([1], 300);
    expect(seen.intervals.map(({ until }) => until)).toEqual([300, 300]);
  });

  it('begin anew when connections are cut, for the partitions that were led there', () => {
    const seen = new Availability();
    seen.reach([1, 2], 0);
    say(seen, view(), 100);
    say(seen, view({ partition: 1, leaderId: 2 }), 100);
    seen.cut([2], 200);
    expect(seen.intervals.filter(({ from }) => from === 200)).toMatchObject([
      { partition: 't[1]', cause: 'reachable' },
    ]);
  });
});
