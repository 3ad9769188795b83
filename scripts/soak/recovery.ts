// How long the client took, after each partition could be had again, to its first acknowledgement and first record.
import type { Interval } from './availability.ts';
import type { Ledger, PartitionReads } from './ledger.ts';

/** A partition that was to be had for a shorter time than this before it went again says nothing. */
const TOO_SHORT_MS = 1500;

export interface FaultWindow {
  readonly kind: string;
  /** What was done to whom. */
  readonly detail: string;
  readonly from: number;
  /** When it was put right. */
  readonly rightedAt: number;
  /** When the next one began, or sending was stopped. */
  readonly until: number;
}

/** What one fault did. Times in ms. */
export interface Recovery {
  readonly kind: string;
  /** For each partition that had to come back: from then to its first acknowledgement. */
  readonly acknowledgements: readonly number[];
  /** For each partition and reader: from then to the first record that was written after it. */
  readonly records: readonly number[];
  /** From the fault to the last of these. */
  readonly recoveredMs: number;
  /** The longest time that a partition was without any. */
  readonly longestGapMs: { readonly acknowledgement: number; readonly record: number };
  readonly duplicates: number;
}

/** Leaders that go back to where they were before a fault: the brokers' doing, and a small fault of its own. */
export const GO_BACK = 'leaders go back afterwards';

/** What came of one fault, and of its leaders' going back, if they did. */
export function recoveriesOf(window: FaultWindow, intervals: readonly Interval[], ledger: Ledger): Recovery[] {
  const within = intervals.filter(({ from }) => from >= window.from && from < window.until);
  const isBack = ({ isMove, from }: Interval): boolean => isMove && from > window.rightedAt;
  const first = recoveryOf(
    window,
    within.filter((one) => !isBack(one)),
    ledger,
  );
  const back = within.filter(isBack);
  if (back.length === 0) return [first];
  const later = recoveryOf({ ...window, kind: GO_BACK, from: back[0]?.from ?? window.rightedAt }, back, ledger);
  return [first, { ...later, duplicates: 0 }];
}

function recoveryOf(window: FaultWindow, mine: readonly Interval[], ledger: Ledger): Recovery {
  const acknowledgements = mine.flatMap((interval) => {
    const times = ledger.acknowledgedAt.get(interval.partition) ?? [];
    return sampleOf(interval, times.length === 0 ? undefined : (firstFrom(times, interval.from) ?? window.until));
  });
  const records = mine.flatMap((interval) => recordsAfter(interval, window, ledger));
  return {
    kind: window.kind,
    acknowledgements: acknowledgements.map(({ ms }) => ms),
    records: records.map(({ ms }) => ms),
    recoveredMs: Math.max(0, ...[...acknowledgements, ...records].map(({ at }) => at - window.from)),
    longestGapMs: {
      acknowledgement: longestGap([...ledger.acknowledgedAt.values()], window),
      record: longestGap(
        [...ledger.reads.values()].flatMap((partitions) => [...partitions.values()].map(({ times }) => times)),
        window,
      ),
    },
    duplicates: ledger.duplicatesAt.filter((at) => at >= window.from && at < window.until).length,
  };
}

/** When it came, and how long after the partition was there. */
interface Arrival {
  readonly at: number;
  readonly ms: number;
}

/** What came only after the partition had gone again is counted up to there. */
function sampleOf({ from, until }: Interval, at: number | undefined): Arrival[] {
  if (at === undefined || (at > until && until - from < TOO_SHORT_MS)) return [];
  const seen = Math.min(at, until);
  return [{ at: seen, ms: seen - from }];
}

function recordsAfter(interval: Interval, window: FaultWindow, { reads }: Ledger): Arrival[] {
  return [...reads.values()].flatMap((partitions) => {
    const mine = partitions.get(interval.partition);
    return mine ? sampleOf(interval, firstRead(mine, interval) ?? window.until) : [];
  });
}

/** What was fetched before and is handed out after does not count: an election shows in the record's epoch. */
function firstRead({ times, epochs }: PartitionReads, { from, epoch, cause }: Interval): number | undefined {
  for (let i = indexFrom(times, from); i < times.length; i++) {
    if (cause === 'reachable' || (epochs[i] ?? -1) === -1 || (epochs[i] ?? 0) >= epoch) return times[i];
  }
  return undefined;
}

function firstFrom(times: readonly number[], from: number): number | undefined {
  return times[indexFrom(times, from)];
}

/** Index of the first time that is not before `from`; times ascend. */
function indexFrom(times: readonly number[], from: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? 0) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Over all lists the longest time between two neighbours, as far as it lies in the window. */
function longestGap(lists: readonly (readonly number[])[], { from, until }: FaultWindow): number {
  let longest = 0;
  for (const times of lists) {
    for (let i = Math.max(1, indexFrom(times, from)); i < times.length; i++) {
      const before = times[i - 1] ?? 0;
      if (before >= until) break;
      longest = Math.max(longest, Math.min(until, times[i] ?? 0) - Math.max(from, before));
    }
  }
  return longest;
}
