// Brokers that have gone silent: when others lead what they led, what is under way to them is taken back.
//
// Without this a record in flight to a frozen broker would wait for `requestTimeoutMs`, although its partition has a new
// leader. Sending it there under the same sequence numbers is safe: whatever the old leader wrote and replicated, the
// new one recognises. (Without idempotence it may be written twice, as after any time-out.)
import type { Cluster } from '../cluster/cluster.ts';
import type { MetadataSnapshot } from '../cluster/metadata.ts';
import { clock } from '../util/clock.ts';
import { Alarm } from './alarm.ts';
import type { ProducerBatch } from './batch.ts';
import type { Lane } from './lane.ts';

/** An answer that takes longer is worth a look at who leads now. */
const SILENT_MS = 1_000;
/** While it lasts, metadata is asked for about so often, not for each request. */
const LOOK_MS = 800;

export interface StallHooks {
  readonly lanes: () => Iterable<Lane>;
  /** Who leads these topics now? */
  readonly ask: (topics: Iterable<string>) => void;
  /** Its attempt is over, without an answer. */
  readonly takeBack: (batch: ProducerBatch) => void;
}

export class Stalls {
  readonly #cluster: Cluster;
  readonly #hooks: StallHooks;
  readonly #alarm: Alarm = new Alarm({ keepsAlive: false, readsFirst: true }, () => this.#look());

  constructor(cluster: Cluster, hooks: StallHooks) {
    this.#cluster = cluster;
    this.#hooks = hooks;
  }

  /** A request has left, or is held. Costs a timer a second at most. */
  watch(): void {
    if (!this.#alarm.isSet) this.#alarm.set(clock.now() + SILENT_MS);
  }

  /** There is news of leaders. */
  learn(snapshot: MetadataSnapshot): void {
    for (const lane of this.#silent()) this.#takeBackFrom(lane, snapshot);
  }

  close(): void {
    this.#alarm.clear();
  }

  #silent(): Lane[] {
    return this.#longSince((lane) => lane.waitingSinceMs);
  }

  /** Whoever is held there goes to another leader by himself, once that is known. */
  #holding(): Lane[] {
    return this.#longSince((lane) => lane.heldSinceMs);
  }

  #longSince(sinceMs: (lane: Lane) => number): Lane[] {
    const before = clock.now() - SILENT_MS;
    return [...this.#hooks.lanes()].filter((lane) => sinceMs(lane) <= before);
  }

  #look(): void {
    const topics = new Set(this.#holding().flatMap(({ held }) => [...held].map(({ topic }) => topic)));
    for (const lane of this.#silent()) for (const batch of awaitedOf(lane)) topics.add(batch.topic);
    if (topics.size > 0) this.#hooks.ask(topics);
    const lanes = [...this.#hooks.lanes()];
    const oldest = Math.min(...lanes.flatMap((lane) => [lane.waitingSinceMs, lane.heldSinceMs]));
    const waitedMs = clock.now() - oldest;
    if (oldest === Number.POSITIVE_INFINITY) return;
    this.#alarm.set(clock.now() + (waitedMs < SILENT_MS ? SILENT_MS - waitedMs : LOOK_MS));
  }

  #takeBackFrom(lane: Lane, snapshot: MetadataSnapshot): void {
    const moved = awaitedOf(lane).filter((batch) => isLedElsewhere(batch, lane, snapshot));
    for (const batch of moved) this.#hooks.takeBack(batch);
    if (moved.length > 0) lane.renewIfForsaken(this.#cluster);
  }
}

/** In the order in which they were sent. */
function awaitedOf(lane: Lane): ProducerBatch[] {
  return [...lane.flights].flatMap((flight) => flight.awaited);
}

/** Epochs only grow in a snapshot, so that another leader is a newer one. */
function isLedElsewhere({ topic, partition }: ProducerBatch, lane: Lane, snapshot: MetadataSnapshot): boolean {
  const leaderId = snapshot.topics.get(topic)?.partitions.get(partition)?.leaderId ?? -1;
  return leaderId >= 0 && leaderId !== lane.broker.nodeId;
}
