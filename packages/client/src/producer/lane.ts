// The requests under way to one broker, on one connection; and who waits until requests leave there at once.
import type { Broker } from '../cluster/broker.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { Owner } from '../cluster/owner.ts';
import { asError, ConnectionError } from '../errors.ts';
import type { Waiting } from '../types.ts';
import { clock } from '../util/clock.ts';
import type { Attempt, ProducerBatch } from './batch.ts';
import type { PartitionQueue } from './partition-queue.ts';

/** One Produce request. Its answer counts for those of its batches whose attempt it still is. */
export class Flight implements Attempt {
  readonly lane: Lane;
  readonly batches: readonly ProducerBatch[];
  readonly startedAtMs: number = clock.now();
  /** Its bytes are with the socket: the broker may have them. */
  hasLeft = false;

  constructor(lane: Lane, batches: readonly ProducerBatch[]) {
    this.lane = lane;
    this.batches = batches;
    for (const batch of batches) batch.attempt = this;
  }

  /** Is its answer still about anything? */
  get isAwaited(): boolean {
    return this.batches.some((batch) => batch.attempt === this);
  }

  /** Those that were not taken back meanwhile. */
  get awaited(): ProducerBatch[] {
    return this.batches.filter((batch) => batch.attempt === this);
  }
}

/** Brokers answer a connection in order: when the oldest request of a lane is stuck, all of them are. */
export class Lane {
  readonly maxInFlight: number;
  /** With `acks: 'none'`: partitions that were written to, and nobody has said since whether that was any use. */
  readonly unanswered: Set<PartitionQueue> = new Set();
  readonly flights: Set<Flight> = new Set();
  /** Partitions whose batches wait until a request would leave at once: they stay theirs, and can be taken back. */
  readonly held: Set<PartitionQueue> = new Set();
  /** Attempts to connect that failed since one worked. */
  failures = 0;
  /** Since when somebody is held; Infinity: nobody is. */
  heldSinceMs: number = Number.POSITIVE_INFINITY;
  broker: Broker;
  owner: Owner;

  /** @param onLost its connection broke, or the broker closed it */
  constructor(broker: Broker, name: string, maxInFlight: number, onLost: (lane: Lane) => void) {
    this.broker = broker;
    this.owner = new Owner(name, () => onLost(this));
    this.maxInFlight = maxInFlight;
  }

  get isFull(): boolean {
    return this.flights.size >= this.maxInFlight;
  }

  /** Would a request leave at once? */
  get isReady(): boolean {
    return this.broker.isReady(this.owner);
  }

  /** How long requests are held back, as the broker demands. */
  get pauseMs(): number {
    return this.broker.pauseLeftMs(this.owner);
  }

  /** Why a request would not leave at once. */
  get obstacle(): Error {
    const { pauseMs } = this;
    const why = pauseMs > 0 ? `the broker demands a pause of ${Math.ceil(pauseMs)} ms (a quota)` : 'not connected yet';
    return new ConnectionError(this.broker.address, why);
  }

  /** Since when the oldest answer is waited for; Infinity: none is. */
  get waitingSinceMs(): number {
    for (const flight of this.flights) return flight.startedAtMs;
    return Number.POSITIVE_INFINITY;
  }

  /**
   * Connects, and waits for the end of a pause. One at a time; whoever comes meanwhile is held too.
   *
   * @param done told of the failure, if it did not work, and who was held
   */
  prepare(waiting: Waiting, done: (failure: Error | null, held: PartitionQueue[]) => void): void {
    if (this.heldSinceMs < Number.POSITIVE_INFINITY) return;
    this.heldSinceMs = clock.now();
    const over = (failure: Error | null): void => {
      this.heldSinceMs = Number.POSITIVE_INFINITY;
      this.failures = failure === null ? 0 : this.failures + 1;
      const held = [...this.held];
      this.held.clear();
      done(failure, held);
    };
    this.broker.prepare(this.owner, waiting).then(
      () => over(null),
      (error: unknown) => over(asError(error)),
    );
  }

  /** Closes a connection on which nothing is waited for any more and from which nothing comes; the next one is new. */
  renewIfForsaken(cluster: Cluster): void {
    for (const flight of this.flights) if (flight.isAwaited) return;
    const { owner, broker } = this;
    this.owner = new Owner(owner.name, owner.onLost);
    cluster.release(
      owner,
      new ConnectionError(broker.address, 'silent, and others lead now what it led', { sent: true }),
    );
  }
}
