// When each partition could be written and read again: it has a leader, clients get through to it, and enough copies are
// in step. Judged from outside, by what brokers say to somebody else; where the moment is not known exactly the earlier
// one is taken, so that what is measured from it is never too short.
import { nameOf } from './workload.ts';

const MIN_IN_SYNC = 2;

/** A time in which a partition was to be had. */
export interface Interval {
  /** `topic[partition]` */
  readonly partition: string;
  readonly from: number;
  /** Infinity: to the end. */
  until: number;
  /** Of the leader at the beginning. */
  readonly epoch: number;
  /** `elected`: it got another leader. `reachable`: the way to its leader, or enough copies, came back. */
  readonly cause: 'elected' | 'reachable';
  /** It was to be had just before as well: its leader only moved. */
  readonly isMove: boolean;
}

/** What one broker says about one partition. */
export interface PartitionView {
  readonly topic: string;
  readonly partition: number;
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly inSync: number;
}

interface Known {
  leaderId: number;
  epoch: number;
  inSync: number;
  /** The latest time at which somebody was asked who still gave the state before this one. */
  confirmedAt: number;
  leaderSince: number;
  inSyncSince: number;
  open: Interval[];
}

export class Availability {
  readonly intervals: Interval[] = [];
  readonly #known = new Map<string, Known>();
  /** Brokers that clients get through to, since when. */
  readonly #reachable = new Map<number, number>();

  /** @param askedAt when the question was sent: what is answered held at that time or later */
  seen(view: PartitionView, askedAt: number): void {
    const name = nameOf(view.topic, view.partition);
    const known = this.#known.get(name) ?? newlyKnown(view, askedAt);
    this.#known.set(name, known);
    // Who was frozen, or lags, tells what was true before.
    if (view.leaderEpoch < known.epoch) return;
    const isElected = view.leaderEpoch > known.epoch || view.leaderId !== known.leaderId;
    const wasEnough = known.inSync >= MIN_IN_SYNC;
    if (isElected) known.leaderSince = known.confirmedAt;
    if (!wasEnough && view.inSync >= MIN_IN_SYNC) known.inSyncSince = known.confirmedAt;
    Object.assign(known, { leaderId: view.leaderId, epoch: view.leaderEpoch, inSync: view.inSync });
    known.confirmedAt = Math.max(known.confirmedAt, askedAt);
    this.#judge(name, known, askedAt, isElected);
  }

  /** Which brokers clients get through to at this moment. */
  reach(nodeIds: readonly number[], at: number): void {
    for (const id of [...this.#reachable.keys()]) if (!nodeIds.includes(id)) this.#reachable.delete(id);
    for (const id of nodeIds) if (!this.#reachable.has(id)) this.#reachable.set(id, at);
    for (const [name, known] of this.#known) this.#judge(name, known, at, false);
  }

  /** Connections to these brokers were cut: their partitions were not to be had for no time at all. */
  cut(nodeIds: readonly number[], at: number): void {
    for (const [name, known] of this.#known) {
      if (known.open.length === 0 || !nodeIds.includes(known.leaderId)) continue;
      this.#begin(name, known, at, 'reachable');
    }
  }

  #judge(name: string, known: Known, at: number, isElected: boolean): void {
    const reachableSince = this.#reachable.get(known.leaderId);
    if (reachableSince === undefined || known.inSync < MIN_IN_SYNC) {
      for (const interval of known.open.splice(0)) interval.until = at;
    } else if (known.open.length === 0 || isElected) {
      const from = Math.max(known.leaderSince, known.inSyncSince, reachableSince);
      this.#begin(name, known, from, isElected || from === known.leaderSince ? 'elected' : 'reachable');
    }
  }

  #begin(partition: string, known: Known, from: number, cause: Interval['cause']): void {
    const isMove = cause === 'elected' && known.open.length > 0;
    const interval = { partition, from, until: Number.POSITIVE_INFINITY, epoch: known.epoch, cause, isMove };
    known.open.push(interval);
    this.intervals.push(interval);
  }
}

function newlyKnown({ leaderId, leaderEpoch, inSync }: PartitionView, at: number): Known {
  const since = { leaderSince: at, inSyncSince: at };
  return { leaderId, epoch: leaderEpoch, inSync, confirmedAt: at, ...since, open: [] };
}
