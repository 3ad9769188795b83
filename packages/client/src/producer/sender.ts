// Drains the partitions' batches into Produce requests: one lane per broker, at most `maxInFlight` requests in each.
//
//   wake() --end of this tick--> drain: leader of each partition that is due -> one request per lane
//   answer -> settle each partition by the table -> wake()
//
// Waking at the end of the tick is what makes batches: all sends of one turn of the event loop are in by then.
import { Acks, type Api, Produce, type ProduceRequest, type ProduceResponse, ZERO_UUID } from '@hopwire/protocol';
import type { Broker } from '../cluster/broker.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { asError, brokerError, isRetriable } from '../errors.ts';
import type { ResolvedProducerOptions } from '../options.ts';
import { Backoff } from '../util/backoff.ts';
import { clampDelay, monotonicNow } from '../util/timers.ts';
import type { Accumulator } from './accumulator.ts';
import { answersOf, BY_NAME, withoutAnswer } from './answers.ts';
import type { ProducerBatch } from './batch.ts';
import { Idempotence } from './idempotence.ts';
import type { PartitionQueue, SendRules } from './partition-queue.ts';
import { Settler } from './settler.ts';

/** Batches of magic 2 need version 3; older brokers are refused with what both sides speak. */
const ProduceBatches: Api<ProduceRequest, ProduceResponse> = { ...Produce, versions: [3, Produce.versions[1]] };

const NEVER: number = Number.POSITIVE_INFINITY;

/** The requests under way to one broker. */
interface Lane {
  broker: Broker;
  inFlight: number;
}

/** What goes into one request. */
interface Load {
  readonly batches: ProducerBatch[];
  bytes: number;
}

export class Sender {
  readonly rules: SendRules;
  readonly #cluster: Cluster;
  readonly #accumulator: Accumulator;
  readonly #options: ResolvedProducerOptions;
  readonly #signal: AbortSignal;
  readonly #backoff: Backoff;
  readonly #idempotence: Idempotence;
  readonly #settler: Settler;
  readonly #lanes: Map<number, Lane> = new Map();
  readonly #loads: Map<Lane, Load> = new Map();
  readonly #drainNow: () => void;
  #isScheduled = false;
  #isRefreshing = false;
  #timer: NodeJS.Timeout | null = null;
  #timerAtMs = NEVER;

  constructor(
    cluster: Cluster,
    accumulator: Accumulator,
    options: ResolvedProducerOptions,
    signal: AbortSignal,
    onFatal: (reason: Error) => void,
  ) {
    this.#cluster = cluster;
    this.#accumulator = accumulator;
    this.#options = options;
    this.#signal = signal;
    const { retryBackoffMs, retryBackoffMaxMs } = cluster.options;
    this.#backoff = new Backoff({ initialMs: retryBackoffMs, maxMs: retryBackoffMaxMs });
    const { maxInFlight, lingerMs, idempotence } = options;
    this.rules = { maxInFlight, lingerMs, idempotence, isFlushing: false };
    this.#drainNow = () => this.#drain();
    this.#idempotence = new Idempotence(cluster, this.#backoff, signal, {
      acquired: () => this.wake(),
      refused: (reason) => this.#refuseIdentity(reason),
      failed: (reason) => this.#noteWaiting(reason),
      isNeeded: () => accumulator.active.size > 0,
    });
    this.#settler = new Settler(cluster, accumulator, this.#backoff, {
      renew: (identity) => this.#idempotence.renew(identity),
      refresh: () => this.#refresh(),
      onFatal,
    });
  }

  /** There may be something to send. */
  wake(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    process.nextTick(this.#drainNow);
  }

  /** Its deadline passed, or the producer is closed. */
  giveUp(batch: ProducerBatch, why: string, cause?: unknown): void {
    this.#settler.giveUp(batch, why, cause);
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #drain(): void {
    this.#isScheduled = false;
    if (this.#signal.aborted) return;
    const nowMs = monotonicNow();
    let dueMs = NEVER;
    do {
      this.#loads.clear();
      dueMs = NEVER;
      for (const queue of [...this.#accumulator.active]) dueMs = Math.min(dueMs, this.#consider(queue, nowMs));
      for (const [lane, load] of this.#loads) this.#launch(lane, load.batches);
    } while (this.#loads.size > 0);
    this.#wakeAt(dueMs, nowMs);
  }

  /** @returns when to look at this partition again; never: an answer will wake us */
  #consider(queue: PartitionQueue, nowMs: number): number {
    const dueMs = queue.dueMs(nowMs, this.rules);
    if (dueMs > nowMs) return dueMs;
    if (this.rules.idempotence && !this.#identify(queue)) return NEVER;
    const broker = this.#cluster.leaderOf(queue);
    if (!broker) return this.#awaitLeader(queue, nowMs);
    const lane = this.#lane(broker);
    if (lane.inFlight < this.rules.maxInFlight) this.#load(lane, queue);
    return NEVER;
  }

  #identify(queue: PartitionQueue): boolean {
    if (queue.identity && !queue.needsIdentity) return true;
    if (queue.inFlight.length > 0) return false;
    const identity = this.#idempotence.current();
    if (identity) queue.adopt(identity);
    return identity !== null;
  }

  #lane(broker: Broker): Lane {
    let lane = this.#lanes.get(broker.nodeId);
    if (!lane) {
      lane = { broker, inFlight: 0 };
      this.#lanes.set(broker.nodeId, lane);
    }
    lane.broker = broker;
    return lane;
  }

  #load(lane: Lane, queue: PartitionQueue): void {
    const load = this.#loads.get(lane) ?? { batches: [], bytes: 0 };
    const size = queue.waiting[0]?.sizeInBytes ?? 0;
    if (load.batches.length > 0 && load.bytes + size > this.#options.maxRequestBytes) return;
    const batch = queue.take();
    if (!batch) return;
    load.batches.push(batch);
    load.bytes += size;
    this.#loads.set(lane, load);
    // To the end of the line: no partition keeps others from a request that is full.
    this.#accumulator.active.delete(queue);
    if (queue.waiting.length > 0) this.#accumulator.active.add(queue);
  }

  #launch(lane: Lane, batches: ProducerBatch[]): void {
    lane.inFlight++;
    void this.#send(lane.broker, batches).finally(() => {
      lane.inFlight--;
      this.wake();
    });
  }

  async #send(broker: Broker, batches: ProducerBatch[]): Promise<void> {
    try {
      const { request, maxVersion } = this.#request(batches);
      const expectResponse = this.#options.acks !== 'none';
      const options = { maxVersion, expectResponse, timeoutMs: this.#timeLeft(batches) };
      const response = await broker.send(ProduceBatches, request, options);
      const answers = expectResponse ? answersOf(request, response) : undefined;
      for (const batch of batches) this.#settler.settle(batch, answers ? answers(batch) : withoutAnswer(batch));
    } catch (error) {
      for (const batch of batches) this.#settler.requestFailed(batch, asError(error));
    }
  }

  #request(batches: readonly ProducerBatch[]): { request: ProduceRequest; maxVersion: number | undefined } {
    const topics = new Map<string, ProduceRequest['topicData'][number]>();
    let maxVersion: number | undefined;
    for (const batch of batches) {
      let topic = topics.get(batch.topic);
      if (!topic) {
        const topicId = this.#cluster.snapshot.topics.get(batch.topic)?.topicId ?? ZERO_UUID;
        if (topicId === ZERO_UUID) maxVersion = BY_NAME;
        topic = { name: batch.topic, topicId, partitionData: [] };
        topics.set(batch.topic, topic);
      }
      topic.partitionData.push({ index: batch.partition, records: batch.seal(this.#options.compression) });
    }
    const timeoutMs = this.#cluster.options.requestTimeoutMs;
    const acks = Acks[this.#options.acks];
    return { request: { transactionalId: null, acks, timeoutMs, topicData: [...topics.values()] }, maxVersion };
  }

  /** No attempt outlives the last of its batches. */
  #timeLeft(batches: readonly ProducerBatch[]): number {
    const last = batches.reduce((latest, batch) => Math.max(latest, batch.deadlineMs), 0);
    return Math.max(1, Math.min(this.#cluster.options.requestTimeoutMs, last - monotonicNow()));
  }

  #awaitLeader(queue: PartitionQueue, nowMs: number): number {
    const code = this.#cluster.snapshot.topics.get(queue.topic)?.errorCode ?? 0;
    const reason = brokerError(code || 5, 'Metadata', { topic: queue.topic, partition: queue.partition });
    if (!reason.retriable) this.#failWaiting(queue, reason);
    else for (const batch of queue.waiting) batch.lastError = reason;
    queue.retryAtMs = nowMs + this.#backoff.delay(++queue.leaderless);
    this.#refresh();
    return queue.retryAtMs;
  }

  #refresh(): void {
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    void this.#cluster
      .refreshMetadata({ signal: this.#signal })
      .catch((error: unknown) => this.#refreshFailed(asError(error)))
      .finally(() => {
        this.#isRefreshing = false;
        this.wake();
      });
  }

  /** A refusal (wrong password, no rights) will not pass: what has no leader cannot be sent. */
  #refreshFailed(reason: Error): void {
    if (this.#signal.aborted) return;
    for (const queue of [...this.#accumulator.active]) {
      if (this.#cluster.leaderOf(queue)) continue;
      for (const batch of queue.waiting) batch.lastError = reason;
      if (!isRetriable(reason)) this.#failWaiting(queue, reason);
    }
  }

  #failWaiting(queue: PartitionQueue, reason: Error): void {
    for (const batch of [...queue.waiting]) this.#settler.giveUp(batch, reason.message, reason);
  }

  #refuseIdentity(reason: Error): void {
    const why = `the broker gives no producer id (${reason.message}); set idempotence: false to do without`;
    for (const queue of [...this.#accumulator.active]) {
      if (queue.identity && !queue.needsIdentity) continue;
      for (const batch of [...queue.waiting]) this.#settler.giveUp(batch, why, reason);
    }
  }

  #noteWaiting(reason: Error): void {
    for (const queue of this.#accumulator.active) for (const batch of queue.waiting) batch.lastError ??= reason;
  }

  /** One timer for lingering and back-off; an earlier one stays, it only looks once more. */
  #wakeAt(dueMs: number, nowMs: number): void {
    if (dueMs === NEVER || (this.#timer && this.#timerAtMs <= dueMs)) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timerAtMs = dueMs;
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        this.wake();
      },
      clampDelay(Math.ceil(dueMs - nowMs)),
    );
  }
}
