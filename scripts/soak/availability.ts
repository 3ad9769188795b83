// When each partition could be written and read again: it has a leader, clients get through to it, enough copies are in
// step, and the leader and those copies know of the election: until then the leader refuses clients, or no copy fetches
// from it. Judged from outside, by what brokers say to somebody else; where the moment is not known exactly the earlier
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
  /** Brokers whose copies are in step. */
  readonly inSync: readonly number[];
}

/** How far one broker knows of one partition's elections. */
interface Knowledge {
  readonly epoch: number;
  /** When it was asked last. */
  readonly at: number;
  /** The latest time at which it still gave an older epoch. */
  readonly since: number;
}

interface Known {
  leaderId: number;
  epoch: number;
  inSync: readonly number[];
  /** Its leader was elected, and nothing has begun by that yet. */
  isNew: boolean;
  readonly knownBy: Map<number, Knowledge>;
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

  /**
   * @param askedAt when the question was sent: what is answered held at that time or later
   * @param by the broker that was asked
   */
  seen(view: PartitionView, askedAt: number, by: number): void {
    const name = nameOf(view.topic, view.partition);
    const known = this.#known.get(name) ?? newlyKnown(view, askedAt);
    this.#known.set(name, known);
    const before = known.knownBy.get(by) ?? { epoch: view.leaderEpoch, at: askedAt, since: askedAt };
    const since = view.leaderEpoch > before.epoch ? before.at : before.since;
    known.knownBy.set(by, { epoch: view.leaderEpoch, at: askedAt, since });
    // Who was frozen, or lags, tells what was true before.
    if (view.leaderEpoch < known.epoch) return;
    const isElected = view.leaderEpoch > known.epoch || view.leaderId !== known.leaderId;
    const wasEnough = known.inSync.length >= MIN_IN_SYNC;
    if (isElected) Object.assign(known, { leaderSince: known.confirmedAt, isNew: true });
    if (!wasEnough && view.inSync.length >= MIN_IN_SYNC) known.inSyncSince = known.confirmedAt;
    Object.assign(known, { leaderId: view.leaderId, epoch: view.leaderEpoch, inSync: view.inSync });
    known.confirmedAt = Math.max(known.confirmedAt, askedAt);
    this.#judge(name, known, askedAt);
  }

  /** Which brokers clients get through to at this moment. */
  reach(nodeIds: readonly number[], at: number): void {
    for (const id of [...this.#reachable.keys()]) if (!nodeIds.includes(id)) this.#reachable.delete(id);
    for (const id of nodeIds) if (!this.#reachable.has(id)) this.#reachable.set(id, at);
    for (const [name, known] of this.#known) this.#judge(name, known, at);
  }

  /** Connections to these brokers were cut: their partitions were not to be had for no time at all. */
  cut(nodeIds: readonly number[], at: number): void {
    for (const [name, known] of this.#known) {
      if (known.open.length === 0 || !nodeIds.includes(known.leaderId)) continue;
      this.#begin(name, known, at, 'reachable');
    }
  }

  #judge(name: string, known: Known, at: number): void {
    const reachableSince = this.#reachable.get(known.leaderId);
    if (reachableSince === undefined || known.inSync.length < MIN_IN_SYNC) {
      for (const interval of known.open.splice(0)) interval.until = at;
    } else if (known.open.length === 0 || known.isNew) {
      const electedAt = Math.max(known.leaderSince, toldAt(known));
      if (electedAt === Number.POSITIVE_INFINITY) return;
      const from = Math.max(electedAt, known.inSyncSince, reachableSince);
      this.#begin(name, known, from, known.open.length > 0 || from === electedAt ? 'elected' : 'reachable');
      known.isNew = false;
    }
  }

  #begin(partition: string, known: Known, from: number, cause: Interval['cause']): void {
    const isMove = cause === 'elected' && known.open.length > 0;
    const interval = { partition, from, until: Number.POSITIVE_INFINITY, epoch: known.epoch, cause, isMove };
    known.open.push(interval);
    this.intervals.push(interval);
  }
}

/** Since when the leader and all copies in step know of the election; Infinity: one of them does not. */
function toldAt({ leaderId, epoch, inSync, knownBy }: Known): number {
  const since = [leaderId, ...inSync].map((id) => {
    const knowledge = knownBy.get(id);
    return knowledge && knowledge.epoch >= epoch ? knowledge.since : Number.POSITIVE_INFINITY;
  });
  return Math.max(...since);
}

function newlyKnown({ leaderId, leaderEpoch, inSync }: PartitionView, at: number): Known {
  const since = { leaderSince: at, inSyncSince: at, confirmedAt: at };
  return { leaderId, epoch: leaderEpoch, inSync, isNew: false, knownBy: new Map(), ...since, open: [] };
}
