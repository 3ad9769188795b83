// Batches of all partitions, the bound on their memory, and when the oldest of them runs out of time.
import { clock } from '../util/clock.ts';
import { Alarm } from './alarm.ts';
import type { ProducerBatch } from './batch.ts';
import type { Delivery } from './delivery.ts';
import type { HeldRecord } from './held-record.ts';
import { Memory } from './memory.ts';
import { Outstanding, type Unit } from './outstanding.ts';
import { PartitionQueue, type QueueLimits, type TakenRecord } from './partition-queue.ts';

/** A record whose memory is reserved. */
export interface SizedRecord extends TakenRecord {
  /** What was reserved for it. */
  readonly bytes: number;
}

export interface AccumulatorOptions {
  readonly batchBytes: number;
  readonly maxRequestBytes: number;
  readonly bufferBytes: number;
  readonly deliveryTimeoutMs: number;
  readonly lingerMs: number;
}

export interface AccumulatorHooks {
  /** There may be something to send. */
  readonly wake: () => void;
  /** Its delivery timeout passed: it has to be settled. */
  readonly expire: (unit: Unit, nowMs: number) => void;
}

/** Records that share a batch run out of time together when they were taken within this part of it. */
const TERM_SHARE = 1 / 40;
const SHORTEST_TERM_MS = 25;

export class Accumulator {
  readonly memory: Memory;
  readonly outstanding: Outstanding = new Outstanding();
  /** Partitions with waiting batches. */
  readonly active: Set<PartitionQueue> = new Set();
  readonly #options: AccumulatorOptions;
  readonly #limits: QueueLimits;
  readonly #hooks: AccumulatorHooks;
  readonly #topics: Map<string, PartitionQueue[]> = new Map();
  /** Of all deadlines. It keeps no process alive: sockets and retries do, while there is something to send. */
  readonly #alarm: Alarm = new Alarm({ keepsAlive: false, readsFirst: true }, () => this.#sweep());

  constructor(options: AccumulatorOptions, hooks: AccumulatorHooks) {
    this.#options = options;
    const { deliveryTimeoutMs } = options;
    this.#limits = {
      // Several records never make a batch that is too large for a request.
      maxBatchBytes: Math.min(options.batchBytes, options.maxRequestBytes),
      deliveryTimeoutMs,
      termMs: Math.max(SHORTEST_TERM_MS, deliveryTimeoutMs * TERM_SHARE),
    };
    this.#hooks = hooks;
    this.memory = new Memory(options.bufferBytes);
  }

  queue(topic: string, partition: number): PartitionQueue {
    const queues = this.queuesOf(topic);
    let queue = queues[partition];
    if (!queue) {
      queue = new PartitionQueue(topic, partition, this.#limits);
      queues[partition] = queue;
    }
    return queue;
  }

  /** By partition, with holes. */
  queuesOf(topic: string): PartitionQueue[] {
    let queues = this.#topics.get(topic);
    if (!queues) {
      queues = [];
      this.#topics.set(topic, queues);
    }
    return queues;
  }

  queueOf(batch: ProducerBatch): PartitionQueue {
    return this.queue(batch.topic, batch.partition);
  }

  /** When a record that is taken now runs out of time. */
  deadlineMs(): number {
    return clock.now() + this.#options.deliveryTimeoutMs;
  }

  /**
   * Writes a record into its partition's open batch.
   *
   * @param deadlineMs of a record that was held before
   */
  append(
    queue: PartitionQueue,
    record: SizedRecord,
    delivery: Delivery | null,
    index: number,
    deadlineMs?: number,
  ): ProducerBatch {
    const open = queue.append(record, delivery, index, deadlineMs);
    const batch = open ?? this.#begin(queue, record, delivery, index, deadlineMs);
    batch.reservedBytes += record.bytes;
    return batch;
  }

  /** A batch waits again, in its place. */
  requeue(batch: ProducerBatch): void {
    const queue = this.queueOf(batch);
    queue.requeue(batch);
    this.active.add(queue);
  }

  /** Takes a waiting batch out. */
  drop(batch: ProducerBatch): void {
    const queue = this.queueOf(batch);
    queue.drop(batch);
    if (queue.waiting.size === 0) this.active.delete(queue);
  }

  split(batch: ProducerBatch): void {
    const halves = batch.split();
    batch.reservedBytes = 0;
    this.outstanding.replace(batch, halves);
    for (const half of halves) this.requeue(half);
  }

  /** Everybody knows what became of the batch: its memory is free. Does nothing the second time. */
  finish(batch: ProducerBatch): void {
    const bytes = batch.reservedBytes;
    batch.reservedBytes = 0;
    this.outstanding.remove(batch);
    if (bytes > 0) this.memory.release(bytes);
  }

  hold(record: HeldRecord): void {
    this.outstanding.add(record);
    this.#alarm.set(record.deadlineMs);
  }

  close(): void {
    this.#alarm.clear();
  }

  /** One that cannot be written leaves no empty batch behind. */
  #begin(
    queue: PartitionQueue,
    record: SizedRecord,
    delivery: Delivery | null,
    index: number,
    deadlineMs?: number,
  ): ProducerBatch {
    const { deliveryTimeoutMs } = this.#options;
    const takenAtMs = deadlineMs === undefined ? clock.now() : deadlineMs - deliveryTimeoutMs;
    const batch = queue.begin(takenAtMs, takenAtMs + deliveryTimeoutMs);
    // It was held: others that come now have more time than this one.
    batch.termSinceMs = deadlineMs === undefined ? record.takenAtMs : Number.NaN;
    try {
      batch.append(this.#limits.maxBatchBytes, record, delivery, index);
    } catch (error) {
      queue.drop(batch);
      throw error;
    }
    if (deadlineMs === undefined) this.outstanding.add(batch);
    this.active.add(queue);
    this.#alarm.set(batch.dueMs);
    this.#hooks.wake(); // also when the one before it became full
    return batch;
  }

  /** The oldest ones come first; batches of which only a part is out of time stay. */
  #sweep(): void {
    const nowMs = clock.now();
    for (const unit of this.outstanding) {
      // Of those behind it, too, nothing is out of time; not even when its first records have left it.
      if (unit.deadlineMs > nowMs) return this.#alarm.set(unit.deadlineMs);
      if (unit.dueMs <= nowMs) {
        this.memory.holdBack();
        this.#hooks.expire(unit, nowMs);
        // Settled is settled, whatever else is the matter with it.
        if (unit.dueMs <= nowMs) this.outstanding.remove(unit);
      }
      if (unit.place) this.#alarm.set(unit.dueMs);
    }
  }
}
