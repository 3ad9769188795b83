import { describe, expect, it } from 'vitest';
import type { Interval } from './availability.ts';
import { Ledger } from './ledger.ts';
import { type EpochAt, type FaultWindow, GO_BACK, type Recovery, recoveriesOf, unknownEpochs } from './recovery.ts';

const window: FaultWindow = { kind: 'kill', detail: '', from: 1000, rightedAt: 5000, until: 20_000 };
const interval = (change: Partial<Interval> = {}): Interval => ({
  ...{ partition: 't[0]', from: 3000, until: Number.POSITIVE_INFINITY, epoch: 6, cause: 'elected', isMove: false },
  ...change,
});

/** Records were acknowledged, and read, at these times; offsets count from 0 in both. */
function ledgerOf(acknowledged: readonly number[], read: readonly number[] = []): Ledger {
  const ledger = new Ledger();
  const where = { topic: 't', partition: 0 };
  acknowledged.forEach((at, offset) => {
    ledger.note({ kind: 'acknowledged', at, id: `a/k/${offset}`, ...where, offset });
  });
  read.forEach((at, offset) => {
    ledger.note({ kind: 'read', at, reader: 'manual', member: 0, ...where, offset, id: `a/k/${offset}` });
  });
  return ledger;
}

/** The first two records are of the old leader. */
const known: EpochAt = (_, offset) => (offset < 2 ? 5 : 6);

function recoveries(intervals: Interval[], ledger: Ledger, epochAt = unknownEpochs): Recovery[] {
  return recoveriesOf(window, { intervals, ledger, epochAt });
}

describe('recovery', () => {
  it('is counted from when the partition was to be had, to the first acknowledgement from then on', () => {
    const [recovery] = recoveries([interval()], ledgerOf([900, 2900, 3700, 3800]));
    expect(recovery).toMatchObject({ acknowledgements: [700], recoveredMs: 2700 });
  });

  it('does not count what the old leader had taken and was only told late', () => {
    const ledger = ledgerOf([2900, 3050, 3900], [2950, 3100, 3950]);
    const [elected] = recoveries([interval()], ledger, known);
    expect(elected).toMatchObject({ acknowledgements: [900], records: [950] });
    const [reached] = recoveries([interval({ cause: 'reachable' })], ledger, known);
    expect(reached).toMatchObject({ acknowledgements: [50], records: [100] });
  });

  it('counts the whole time when nothing came before the next fault, and none when the partition was gone at once', () => {
    const ledger = ledgerOf([900]);
    expect(recoveries([interval()], ledger)[0]?.acknowledgements).toEqual([17_000]);
    expect(recoveries([interval({ until: 3500 })], ledger)[0]?.acknowledgements).toEqual([]);
    expect(recoveries([interval({ until: 8000 })], ledger)[0]?.acknowledgements).toEqual([5000]);
  });

  it('tells the going back of leaders apart from the fault before', () => {
    const back = interval({ from: 9000, isMove: true, epoch: 7 });
    const [first, later] = recoveries([interval(), back], ledgerOf([900, 3200, 9050]));
    expect(first).toMatchObject({ kind: 'kill', acknowledgements: [200] });
    expect(later).toMatchObject({ kind: GO_BACK, acknowledgements: [50] });
  });

  it('knows the longest time without any, beginning with the fault', () => {
    const [recovery] = recoveries([], ledgerOf([200, 900, 3200, 3300]));
    expect(recovery?.longestGapMs.acknowledgement).toBe(2200);
  });
});
