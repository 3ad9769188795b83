// How long the client took, after each partition could be had again, to its first acknowledgement and first record.
import type { Interval } from './availability.ts';
import type { Arrivals, Ledger } from './ledger.ts';
import type { Logs } from './log.ts';

/** A partition that was to be had for a shorter time than this before it went again says nothing. */
const TOO_SHORT_MS = 1500;

/** How soon after a partition can be had the first acknowledgement and the first record should come. */
export const TARGET_MS = 1500;

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
  readonly late: readonly Late[];
}

/** Something that came later than it should. */
export interface Late {
  /** `topic[partition]` */
  readonly partition: string;
  /** null: an acknowledgement. */
  readonly reader: string | null;
  readonly ms: number;
  /** The moment of the soak's clock from which it is counted. */
  readonly from: number;
}

/** Epoch of the leader that took a record; undefined where that is not known. */
export type EpochAt = (partition: string, offset: number) => number | undefined;

/** Before the logs are read: any record may be of the new leader. */
export const unknownEpochs: EpochAt = () => undefined;

export function epochsIn(logs: Logs): EpochAt {
  const epochs = new Map([...logs].map(([name, log]) => [name, new Map(log.map((r) => [r.offset, r.epoch]))]));
  return (partition, offset) => epochs.get(partition)?.get(offset);
}

/** What recovery is judged by. */
export interface Evidence {
  readonly intervals: readonly Interval[];
  readonly ledger: Ledger;
  readonly epochAt: EpochAt;
}

/** Leaders that go back to where they were before a fault: the brokers' doing, and a small fault of its own. */
export const GO_BACK = 'leaders go back afterwards';

/** What came of one fault, and of its leaders' going back, if they did. */
export function recoveriesOf(window: FaultWindow, evidence: Evidence): Recovery[] {
  const within = evidence.intervals.filter(({ from }) => from >= window.from && from < window.until);
  const isBack = ({ isMove, from }: Interval): boolean => isMove && from > window.rightedAt;
  const back = within.filter(isBack);
  const here = within.filter((one) => !isBack(one));
  const first = recoveryOf(window, { ...evidence, intervals: here });
  if (back.length === 0) return [first];
  const from = back[0]?.from ?? window.rightedAt;
  const later = recoveryOf({ ...window, kind: GO_BACK, from }, { ...evidence, intervals: back });
  return [first, { ...later, duplicates: 0 }];
}

/** @param evidence with the intervals that belong to it */
function recoveryOf(window: FaultWindow, { intervals, ledger, epochAt }: Evidence): Recovery {
  const after = (all: ReadonlyMap<string, Arrivals>, reader: string | null): Arrival[] =>
    intervals.flatMap((interval) => {
      const arrivals = all.get(interval.partition);
      if (!arrivals) return [];
      return sampleOf(interval, reader, firstAfter(arrivals, interval, epochAt) ?? window.until);
    });
  const acknowledgements = after(ledger.acknowledgements, null);
  const records = [...ledger.reads].flatMap(([reader, reads]) => after(reads, reader));
  const arrivals = [...ledger.reads.values()].flatMap((reads) => [...reads.values()]);
  return {
    kind: window.kind,
    acknowledgements: acknowledgements.map(({ ms }) => ms),
    records: records.map(({ ms }) => ms),
    recoveredMs: Math.max(0, ...[...acknowledgements, ...records].map(({ at }) => at - window.from)),
    longestGapMs: {
      acknowledgement: longestGap([...ledger.acknowledgements.values()], window),
      record: longestGap(arrivals, window),
    },
    duplicates: ledger.duplicatesAt.filter((at) => at >= window.from && at < window.until).length,
    late: [...acknowledgements, ...records].filter(({ ms }) => ms > TARGET_MS),
  };
}

/** When it came, and how long after the partition was there. */
interface Arrival extends Late {
  readonly at: number;
}

/** What came only after the partition had gone again is counted up to there. */
function sampleOf({ partition, from, until }: Interval, reader: string | null, at: number): Arrival[] {
  if (at > until && until - from < TOO_SHORT_MS) return [];
  const seen = Math.min(at, until);
  return [{ partition, reader, at: seen, from, ms: seen - from }];
}

/**
 * After an election only what the new leader took counts: what the old one had taken may still be on its way. How long
 * it took to be reached again shows in anything.
 */
function firstAfter({ times, offsets }: Arrivals, interval: Interval, epochAt: EpochAt): number | undefined {
  const { partition, from, epoch, cause } = interval;
  for (let i = indexFrom(times, from); i < times.length; i++) {
    if (cause === 'reachable' || (epochAt(partition, offsets[i] ?? -1) ?? epoch) >= epoch) return times[i];
  }
  return undefined;
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

/** Over all partitions the longest time between two neighbours, as far as it lies in the window. */
function longestGap(all: readonly Arrivals[], { from, until }: FaultWindow): number {
  let longest = 0;
  for (const { times } of all) {
    for (let i = Math.max(1, indexFrom(times, from)); i < times.length; i++) {
      const before = times[i - 1] ?? 0;
      if (before >= until) break;
      longest = Math.max(longest, Math.min(until, times[i] ?? 0) - Math.max(from, before));
    }
  }
  return longest;
}
