// Drains the partitions' batches into Produce requests: one lane per broker, at most `maxInFlight` requests in each.
//
//   wake() --end of this tick--> drain: leader of each partition that is due -> one request per lane
//   answer -> each batch's fate by the table -> wake()
//
// Waking at the end of the tick is what makes batches: all sends of one turn of the event loop are in by then.
import type { NodeEndpoint } from '@hopwire/protocol';
import type { Broker } from '../cluster/broker.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { type LeaderHint, leaderHint } from '../cluster/leader-hint.ts';
import type { MetadataSnapshot } from '../cluster/metadata.ts';
import { asError, ConnectionError } from '../errors.ts';
import type { ResolvedProducerOptions } from '../options.ts';
import { Backoff } from '../util/backoff.ts';
import { clock } from '../util/clock.ts';
import type { Accumulator } from './accumulator.ts';
import { Alarm } from './alarm.ts';
import type { ProducerBatch } from './batch.ts';
import { BatchFate } from './batch-fate.ts';
import { Idempotence } from './idempotence.ts';
import { Flight, Lane } from './lane.ts';
import type { PartitionQueue, SendRules } from './partition-queue.ts';
import { answersOf, NO_ANSWER, ProduceBatches, produceRequest } from './produce-request.ts';
import { Stalls } from './stalls.ts';
import { goneFrom, isFinal, withoutLeader } from './topic.ts';

/** How long partitions wait for news of their leaders when a broker has hung up on records that it does not answer. */
const DOUBT_MS = 250;

const NEVER: number = Number.POSITIVE_INFINITY;

/** What goes into one request. */
interface Load {
  readonly batches: ProducerBatch[];
  bytes: number;
}

export interface SenderHooks {
  /** Something begins to wait for news of a topic's leaders. */
  readonly seek: (topic: string) => void;
  /** Who leads these topics? */
  readonly ask: (topics: Iterable<string>) => void;
  readonly lost: (reason: Error, records: number) => void;
  readonly onFatal: (reason: Error) => void;
}

export class Sender {
  readonly rules: SendRules;
  readonly fate: BatchFate;
  readonly #cluster: Cluster;
  readonly #accumulator: Accumulator;
  readonly #options: ResolvedProducerOptions;
  readonly #signal: AbortSignal;
  readonly #hooks: SenderHooks;
  readonly #idempotence: Idempotence;
  readonly #stalls: Stalls;
  readonly #backoff: Backoff;
  readonly #lanes: Map<number, Lane> = new Map();
  /** For what is larger than requests are otherwise: nothing else waits behind it. */
  readonly #bulkLanes: Map<number, Lane> = new Map();
  readonly #loads: Map<Lane, Load> = new Map();
  /** Partitions that wait until it is known who leads them, each with the snapshot that did not say it. */
  readonly #leaderless: Map<PartitionQueue, MetadataSnapshot | null> = new Map();
  /** Lingering and back-off. */
  readonly #alarm: Alarm = new Alarm({ keepsAlive: true, readsFirst: false }, () => this.wake());
  readonly #drainNow: () => void = () => this.#drain();
  #isScheduled = false;

  constructor(
    cluster: Cluster,
    accumulator: Accumulator,
    options: ResolvedProducerOptions,
    signal: AbortSignal,
    hooks: SenderHooks,
  ) {
    this.#cluster = cluster;
    this.#accumulator = accumulator;
    this.#options = options;
    this.#signal = signal;
    this.#hooks = hooks;
    const { retryBackoffMs, retryBackoffMaxMs } = cluster.options;
    const backoff = new Backoff({ initialMs: retryBackoffMs, maxMs: retryBackoffMaxMs });
    this.#backoff = backoff;
    const { maxInFlight, lingerMs, idempotence, maxRequestBytes } = options;
    this.rules = { maxInFlight, lingerMs, idempotence, maxRequestBytes, isFlushing: false };
    this.#idempotence = new Idempotence(cluster, backoff, signal, {
      acquired: () => this.wake(),
      refused: (reason) => this.#refuseIdentity(reason),
      failed: (reason) => this.#noteWaiting(reason),
      isNeeded: () => accumulator.active.size > 0,
    });
    this.fate = new BatchFate(cluster, accumulator, backoff, {
      waitsForFollowers: options.acks === 'all',
      renew: (identity) => this.#idempotence.renew(identity),
      replace: (identity) => this.#idempotence.replace(identity),
      refresh: (batch) => this.#seekLeader(accumulator.queueOf(batch), null),
      lost: hooks.lost,
    });
    this.#stalls = new Stalls(cluster, {
      lanes: () => [...this.#lanes.values(), ...this.#bulkLanes.values()],
      ask: hooks.ask,
      takeBack: (batch) => this.#takeBack(batch),
    });
  }

  /** There may be something to send. */
  wake(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    process.nextTick(this.#drainNow);
  }

  /** Topics whose leaders something waits for. */
  wanted(): Set<string> {
    const topics = new Set<string>();
    for (const queue of this.#leaderless.keys()) {
      if (queue.waiting.size > 0) topics.add(queue.topic);
      else this.#leaderless.delete(queue);
    }
    return topics;
  }

  /** A partition that found a leader, or another one, does not wait for its back-off. */
  learn(snapshot: MetadataSnapshot): void {
    for (const queue of this.#accumulator.active) {
      const partition = snapshot.topics.get(queue.topic)?.partitions.get(queue.partition);
      if (!partition || partition.leaderId < 0) continue;
      const { leaderId, leaderEpoch } = queue.tried;
      if (partition.leaderId !== leaderId || partition.leaderEpoch !== leaderEpoch) queue.retryAtMs = 0;
    }
    this.#stalls.learn(snapshot);
    if (this.#accumulator.active.size > 0) this.wake();
  }

  /** These topics could not be asked for. A refusal (wrong password, no rights) will not pass: what has no leader cannot be sent. */
  unanswered(topics: readonly string[], reason: Error): void {
    const asked = new Set(topics);
    for (const queue of [...this.#leaderless.keys()]) {
      if (!asked.has(queue.topic) || this.#cluster.leaderOf(queue)) continue;
      queue.obstacle = reason;
      if (isFinal(reason)) this.#failWaiting(queue, reason);
    }
  }

  /** The topic was deleted and made anew: its log knows nothing of the numbers that were used before. */
  restart(topic: string): void {
    this.#accumulator.queuesOf(topic).forEach((queue) => {
      if (queue.identity) this.#idempotence.renew(queue.identity);
      queue.restart();
    });
  }

  /** Closes the connections. */
  close(reason: Error): void {
    this.#alarm.clear();
    this.#stalls.close();
    for (const lanes of [this.#lanes, this.#bulkLanes]) {
      for (const { owner } of lanes.values()) this.#cluster.release(owner, reason);
    }
  }

  #drain(): void {
    this.#isScheduled = false;
    if (this.#signal.aborted) return;
    const nowMs = clock.now();
    let dueMs = NEVER;
    do {
      this.#loads.clear();
      dueMs = NEVER;
      for (const queue of [...this.#accumulator.active]) dueMs = Math.min(dueMs, this.#consider(queue, nowMs));
      for (const [lane, load] of this.#loads) this.#launch(lane, load.batches);
    } while (this.#loads.size > 0);
    this.#alarm.set(dueMs);
  }

  /** @returns when to look at this partition again; never: an answer, or news of its leader, will wake us */
  #consider(queue: PartitionQueue, nowMs: number): number {
    const dueMs = queue.dueMs(nowMs, this.rules);
    if (dueMs > nowMs) return dueMs;
    if (this.rules.idempotence && !this.#identify(queue)) return NEVER;
    const broker = this.#cluster.leaderOf(queue);
    if (!broker) this.#awaitLeader(queue);
    else this.#load(broker, queue);
    return NEVER;
  }

  #identify(queue: PartitionQueue): boolean {
    if (queue.identity && !queue.needsIdentity) return true;
    if (queue.inFlight.length > 0) return false;
    const identity = this.#idempotence.current();
    if (identity) queue.adopt(identity);
    return identity !== null;
  }

  #lane(broker: Broker, isBulk: boolean): Lane {
    const lanes = isBulk ? this.#bulkLanes : this.#lanes;
    let lane = lanes.get(broker.nodeId);
    if (!lane) {
      const [name, most] = isBulk ? (['producer (bulk)', 1] as const) : (['producer', this.rules.maxInFlight] as const);
      lane = new Lane(broker, name, most, this.#doubt);
      lanes.set(broker.nodeId, lane);
    }
    lane.broker = broker;
    return lane;
  }

  /**
   * With `acks: 'none'` a broker that does not lead a partition can say so only by hanging up: those that were written to
   * over this connection wait a moment, in which it is asked who leads them.
   */
  readonly #doubt = (lane: Lane): void => {
    const untilMs = clock.now() + DOUBT_MS;
    for (const queue of lane.unanswered) queue.retryAtMs = Math.max(queue.retryAtMs, untilMs);
    this.#hooks.ask(new Set([...lane.unanswered].map(({ topic }) => topic)));
    lane.unanswered.clear();
  };

  #load(broker: Broker, queue: PartitionQueue): void {
    queue.goesTo(broker.nodeId, this.#cluster.leaderEpochOf(queue));
    const size = this.#trimmedSize(queue);
    const lane = this.#lane(broker, size > this.rules.maxRequestBytes);
    if (lane.isFull) return;
    if (!lane.isReady) {
      this.#hold(lane, queue);
      return;
    }
    const load = this.#loads.get(lane) ?? { batches: [], bytes: 0 };
    if (load.batches.length > 0 && load.bytes + size > this.rules.maxRequestBytes) return;
    const batch = queue.take(this.rules);
    if (!batch) return;
    queue.missedIn = null;
    queue.tried.leaderId = broker.nodeId;
    queue.tried.leaderEpoch = this.#cluster.leaderEpochOf(queue);
    this.#leaderless.delete(queue);
    // To the end of the line: no partition keeps others from a request that is full.
    this.#accumulator.active.delete(queue);
    if (queue.waiting.size > 0) this.#accumulator.active.add(queue);
    if (!this.#seals(batch)) return;
    if (this.#options.acks === 'none') lane.unanswered.add(queue);
    load.batches.push(batch);
    load.bytes += size;
    this.#loads.set(lane, load);
  }

  /** Nothing is sealed before it can leave: until then callers take back what they do not wait for any longer. */
  #hold(lane: Lane, queue: PartitionQueue): void {
    lane.held.add(queue);
    const { pauseMs } = lane;
    if (pauseMs > 0 || queue.obstacle === undefined) queue.obstacle = lane.obstacle;
    const { requestTimeoutMs: timeoutMs } = this.#cluster.options;
    lane.prepare({ signal: this.#signal, timeoutMs: timeoutMs + pauseMs }, (failure, held) => {
      if (this.#signal.aborted) return;
      if (failure) for (const one of held) this.#unreachable(lane, one, failure);
      this.wake();
    });
    this.#stalls.watch();
  }

  /** Its leader could not be connected to. */
  #unreachable(lane: Lane, queue: PartitionQueue, reason: Error): void {
    if (queue.waiting.size === 0 || this.#cluster.leaderOf(queue) !== lane.broker) return;
    queue.obstacle = reason;
    queue.retryAtMs = clock.now() + this.#backoff.delay(lane.failures);
    if (isFinal(reason)) this.#failWaiting(queue, reason);
    else this.#seekLeader(queue, null);
  }

  /** Of the first batch, without the records whose callers have gone. */
  #trimmedSize(queue: PartitionQueue): number {
    const { head } = queue;
    const freed = head?.trim() ?? 0;
    if (freed > 0) this.#accumulator.memory.release(freed);
    return head?.sizeInBytes ?? 0;
  }

  /** One that cannot be compressed fails alone. */
  #seals(batch: ProducerBatch): boolean {
    try {
      batch.seal(this.#options.compression);
      return true;
    } catch (error) {
      this.#accumulator.queueOf(batch).landed(batch);
      this.fate.giveUp(batch, asError(error).message, error);
      this.wake();
      return false;
    }
  }

  #launch(lane: Lane, batches: ProducerBatch[]): void {
    const flight = new Flight(lane, batches);
    lane.flights.add(flight);
    this.#stalls.watch();
    void this.#send(flight).then(() => {
      lane.flights.delete(flight);
      this.wake();
    });
  }

  // A late batch keeps its place until it is answered: no longer than others behind it have to live.
  get #attemptMs(): number {
    return Math.min(this.#cluster.options.requestTimeoutMs, this.#options.deliveryTimeoutMs);
  }

  async #send(flight: Flight): Promise<void> {
    const { lane, batches } = flight;
    try {
      const { acks } = this.#options;
      const timeoutMs = this.#attemptMs;
      const { request, maxVersion } = produceRequest(batches, this.#cluster.snapshot, { acks, timeoutMs });
      const expectResponse = acks !== 'none';
      const onLeft = (): void => {
        flight.hasLeft = true;
      };
      const options = { owner: lane.owner, maxVersion, expectResponse, timeoutMs, onLeft };
      const response = await lane.broker.send(ProduceBatches, request, options);
      const answers = expectResponse ? answersOf(request, response) : () => NO_ANSWER;
      if (expectResponse) this.#learnLeaders(flight, answers, response.nodeEndpoints);
      this.#settle(flight, answers);
    } catch (error) {
      for (const batch of flight.awaited) this.fate.requestFailed(batch, asError(error), flight.hasLeft);
    }
  }

  /** What was delivered is told before an answer ends the producer. */
  #settle(flight: Flight, answers: ReturnType<typeof answersOf>): void {
    let fatal: Error | null = null;
    for (const batch of flight.awaited) {
      const answer = answers(batch);
      if (answer instanceof Error) this.fate.requestFailed(batch, answer, true);
      else fatal = this.fate.settle(batch, answer) ?? fatal;
    }
    if (fatal) this.#hooks.onFatal(fatal);
  }

  /** Before the batches are judged: those whose leader is another one now go there at once. */
  #learnLeaders(flight: Flight, answers: ReturnType<typeof answersOf>, endpoints: readonly NodeEndpoint[]): void {
    const hints: LeaderHint[] = [];
    for (const batch of flight.batches) {
      const answer = answers(batch);
      if (answer instanceof Error || answer.errorCode === 0) continue;
      hints.push(...leaderHint(batch, answer.errorCode, answer.currentLeader));
    }
    if (hints.length > 0) this.#cluster.learnLeaders(hints, endpoints);
  }

  #takeBack(batch: ProducerBatch): void {
    const address = this.#lanes.get(this.#accumulator.queueOf(batch).tried.leaderId)?.broker.address ?? 'its leader';
    this.fate.takeBack(batch, new ConnectionError(address, 'silent, and another broker leads now', { sent: true }));
  }

  /** Each snapshot is judged once, however often it is looked at. */
  #awaitLeader(queue: PartitionQueue): void {
    const { snapshot } = this.#cluster;
    if (this.#leaderless.get(queue) === snapshot) return;
    const reason = this.#goneForSure(queue, snapshot) ?? withoutLeader(snapshot, queue);
    queue.obstacle = reason;
    if (reason instanceof RangeError || isFinal(reason)) this.#failWaiting(queue, reason);
    else this.#seekLeader(queue, snapshot);
  }

  /** Two answers have to say so: the first may be of a broker that has not heard yet of partitions that were added. */
  #goneForSure(queue: PartitionQueue, snapshot: MetadataSnapshot): RangeError | null {
    const metadata = snapshot.topics.get(queue.topic);
    const reason = goneFrom(metadata, queue);
    const before = queue.missedIn;
    queue.missedIn = reason && metadata ? metadata : null;
    return before && before !== metadata ? reason : null;
  }

  #seekLeader(queue: PartitionQueue, judged: MetadataSnapshot | null): void {
    if (queue.waiting.size === 0) return;
    this.#leaderless.set(queue, judged);
    this.#hooks.seek(queue.topic);
  }

  #failWaiting(queue: PartitionQueue, reason: Error): void {
    for (const batch of [...queue.waiting]) this.fate.giveUp(batch, reason.message, reason);
  }

  #refuseIdentity(reason: Error): void {
    const why = `the broker gives no producer id (${reason.message}); set idempotence: false to do without`;
    for (const queue of [...this.#accumulator.active]) {
      if (queue.identity && !queue.needsIdentity) continue;
      for (const batch of [...queue.waiting]) this.fate.giveUp(batch, why, reason);
    }
  }

  #noteWaiting(reason: Error): void {
    for (const queue of this.#accumulator.active) if (!queue.identity || queue.needsIdentity) queue.obstacle = reason;
  }
}
