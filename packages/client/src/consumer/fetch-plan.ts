// What to ask one broker for now.
//
// A partition is asked for while it has a position, may be handed out, and there is room. `prefetchBytes` is shared: one
// partition may take half of it (all, if it is alone), and one of which nothing is buffered is always asked for, if only
// for its fair share. So neither paused nor slow partitions keep others from going on, and a busy one is read as fast
// beside many idle ones as alone.
import { ZERO_UUID } from '@hopwire/protocol';
import type { Broker } from '../cluster/broker.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { ResolvedConsumerOptions } from '../options.ts';
import { clock } from '../util/clock.ts';
import type { Assignment } from './assignment.ts';
import type { Wanted } from './fetch-session.ts';
import type { Partition } from './partition.ts';

/** While a full partition of the same broker may get room again, a poll is not held for longer than this. */
const SHORT_POLL_MS = 20;
/** Of `maxFrameBytes`, what an answer may be asked to carry: the rest is for what surrounds the records. */
const FRAME_SHARE = 0.9;
/** Less is never asked for: the first batch of an answer comes whole anyway (KIP-74). */
const SMALLEST_SHARE = 16 * 1024;
const LAST_TURN = 2 ** 31;

export interface PlanContext {
  readonly cluster: Cluster;
  readonly options: ResolvedConsumerOptions<unknown, unknown>;
  readonly assignment: Assignment;
}

/** A partition that is asked for, as it was at that moment. */
export interface Asked {
  readonly partition: Partition;
  readonly incarnation: number;
  readonly wanted: Wanted;
}

export interface Plan {
  readonly broker: Broker;
  readonly asked: Asked[];
  readonly maxWaitMs: number;
  readonly maxBytes: number;
}

export class FetchPlanner {
  readonly #context: PlanContext;
  /** Begins anywhere: consumers that are started again and again, or lose their partitions often, read all of them in the end. */
  #turn: number = Math.floor(clock.random() * LAST_TURN);

  constructor(context: PlanContext) {
    this.#context = context;
  }

  /** Where the partition is to be fetched from now; undefined: nowhere. */
  brokerFor(partition: Partition): Broker | undefined {
    return this.#isFetchable(partition) ? this.#brokerOf(partition) : undefined;
  }

  /** Would be fetched if its leader were known, and well. */
  needsLeader(partition: Partition): boolean {
    if (partition.isTroubled) return !partition.isRemoved && partition.failure === null;
    return this.#isFetchable(partition) && this.#brokerOf(partition) === undefined;
  }

  /** null: nothing is to be asked of this broker. Partitions take turns in being first (KIP-74). */
  plan(nodeId: number): Plan | null {
    const { options } = this.#context;
    const room = this.room();
    const asked: Asked[] = [];
    let broker: Broker | undefined;
    let isShort = false;
    for (const partition of this.#rotated()) {
      const from = this.brokerFor(partition);
      if (from?.nodeId !== nodeId || partition.place.name !== 'placed') continue;
      broker = from;
      const maxBytes = room.for(partition);
      if (maxBytes === 0) isShort = true;
      else asked.push({ partition, incarnation: partition.incarnation, wanted: this.#wanted(partition, maxBytes) });
    }
    if (!broker || asked.length === 0) return null;
    const maxWaitMs = isShort ? Math.min(options.maxWaitMs, SHORT_POLL_MS) : options.maxWaitMs;
    return { broker, asked, maxWaitMs, maxBytes: room.forAnswer };
  }

  /** As things are now. */
  room(): Room {
    const { assignment, options, cluster } = this.#context;
    return new Room(options, assignment, cluster.options.maxFrameBytes);
  }

  #rotated(): Partition[] {
    const all = [...this.#context.assignment];
    this.#turn = (this.#turn + 1) % LAST_TURN;
    const first = this.#turn % Math.max(1, all.length);
    return first === 0 ? all : [...all.slice(first), ...all.slice(0, first)];
  }

  #isFetchable(partition: Partition): boolean {
    const { place, isPaused, isTroubled, hold, failure, outOfRangeAt, refusal, end } = partition;
    if (place.name !== 'placed' || isPaused || isTroubled || hold !== null) return false;
    if (failure !== null || outOfRangeAt !== null || refusal === 'resting') return false;
    return end === null || place.fetchOffset < end || partition.isBeyondEnd;
  }

  #brokerOf(partition: Partition): Broker | undefined {
    const { cluster } = this.#context;
    const replica = partition.readReplica;
    const follower = replica && replica.untilMs > clock.now() ? cluster.broker(replica.nodeId) : undefined;
    return follower ?? cluster.leaderOf(partition);
  }

  #wanted(partition: Partition, maxBytes: number): Wanted {
    const { cluster } = this.#context;
    const { key, topic, place } = partition;
    const { fetchOffset, fetchEpoch } = place.name === 'placed' ? place : { fetchOffset: 0n, fetchEpoch: -1 };
    return {
      key,
      topic,
      topicId: cluster.snapshot.topics.get(topic)?.topicId ?? ZERO_UUID,
      partition: partition.partition,
      fetchOffset,
      currentLeaderEpoch: cluster.leaderEpochOf(partition),
      lastFetchedEpoch: fetchEpoch,
      maxBytes: Math.max(maxBytes, partition.growBytes),
    };
  }
}

/** How much may be asked for while so much is buffered. */
export class Room {
  readonly #options: PlanContext['options'];
  readonly #frame: number;
  readonly #left: number;
  readonly #most: number;
  readonly #fair: number;

  constructor(options: PlanContext['options'], assignment: Assignment, maxFrameBytes: number) {
    const { prefetchBytes, partitionBytes } = options;
    this.#options = options;
    this.#frame = Math.floor(maxFrameBytes * FRAME_SHARE);
    this.#left = prefetchBytes - assignment.bufferedBytes();
    this.#most = assignment.size > 1 ? prefetchBytes / 2 : prefetchBytes;
    const share = Math.max(SMALLEST_SHARE, Math.floor(prefetchBytes / Math.max(1, assignment.size)));
    this.#fair = Math.min(partitionBytes, share, this.#frame);
  }

  /** 0: not now. */
  for({ bufferedBytes }: Partition): number {
    if (this.#left > 0 && bufferedBytes < this.#most) return Math.min(this.#options.partitionBytes, this.#frame);
    return bufferedBytes === 0 ? this.#fair : 0;
  }

  get forAnswer(): number {
    const { maxBytes, partitionBytes } = this.#options;
    return Math.min(maxBytes, this.#frame, Math.max(this.#left, partitionBytes));
  }
}
