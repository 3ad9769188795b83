import { describe, expect, it } from 'vitest';
import type { Interval } from './availability.ts';
import { Ledger } from './ledger.ts';
import { type FaultWindow, GO_BACK, recoveriesOf } from './recovery.ts';

const window: FaultWindow = { kind: 'kill', detail: '', from: 1000, rightedAt: 5000, until: 20_000 };
const interval = (change: Partial<Interval> = {}): Interval => ({
  ...{ partition: 't[0]', from: 3000, until: Number.POSITIVE_INFINITY, epoch: 6, cause: 'elected', isMove: false },
  ...change,
});

/** A record was acknowledged, or read in some leader's epoch, at these times. */
function ledgerOf(acknowledged: number[], reads: [at: number, epoch: number][] = []): Ledger {
  const ledger = new Ledger();
  const where = { topic: 't', partition: 0 };
  acknowledged.forEach((at, i) => {
    ledger.note({ kind: 'acknowledged', at, id: `a/k/${i}`, ...where, offset: i });
  });
  reads.forEach(([at, leaderEpoch], offset) => {
    ledger.note({ kind: 'read', at, reader: 'manual', member: 0, ...where, offset, leaderEpoch, id: `a/k/${offset}` });
  });
  return ledger;
}

describe('recovery', () => {
  it('is counted from when the partition was to be had, to the first acknowledgement from then on', () => {
    const [recovery] = recoveriesOf(window, [interval()], ledgerOf([900, 2900, 3700, 3800]));
    expect(recovery).toMatchObject({ acknowledgements: [700], recoveredMs: 2700 });
  });

  it('does not count a record of the old leader that was only handed out late', () => {
    const reads: [number, number][] = [
      [3100, 5],
      [3900, 6],
    ];
    const [recovery] = recoveriesOf(window, [interval()], ledgerOf([], reads));
    expect(recovery?.records).toEqual([900]);
    const [reached] = recoveriesOf(window, [interval({ cause: 'reachable' })], ledgerOf([], reads));
    expect(reached?.records).toEqual([100]);
  });

  it('counts the whole time when nothing came before the next fault, and none when the partition was gone at once', () => {
    const ledger = ledgerOf([900]);
    expect(recoveriesOf(window, [interval()], ledger)[0]?.acknowledgements).toEqual([17_000]);
    expect(recoveriesOf(window, [interval({ until: 3500 })], ledger)[0]?.acknowledgements).toEqual([]);
    expect(recoveriesOf(window, [interval({ until: 8000 })], ledger)[0]?.acknowledgements).toEqual([5000]);
  });

  it('tells the going back of leaders apart from the fault before', () => {
    const back = interval({ from: 9000, isMove: true, epoch: 7 });
    const [first, later] = recoveriesOf(window, [interval(), back], ledgerOf([900, 3200, 9050]));
    expect(first).toMatchObject({ kind: 'kill', acknowledgements: [200] });
    expect(later).toMatchObject({ kind: GO_BACK, acknowledgements: [50] });
  });

  it('knows the longest time without any, beginning with the fault', () => {
    const [recovery] = recoveriesOf(window, [], ledgerOf([200, 900, 3200, 3300]));
    expect(recovery?.longestGapMs.acknowledgement).toBe(2200);
  });
});
