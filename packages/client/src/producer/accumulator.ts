// Batches of all partitions, the bound on their memory, and when the oldest of them runs out of time.
import { clock } from '../util/clock.ts';
import { Alarm } from './alarm.ts';
import type { ProducerBatch, RecordFields } from './batch.ts';
import type { Delivery } from './delivery.ts';
import type { HeldRecord } from './held-record.ts';
import { Memory } from './memory.ts';
import { Outstanding, type Unit } from './outstanding.ts';
import { PartitionQueue } from './partition-queue.ts';

/** A record whose memory is reserved. */
export interface SizedRecord extends RecordFields {
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
  readonly expire: (unit: Unit) => void;
}

const JOIN_SHARE = 1 / 20;
const SHORTEST_JOIN_MS = 50;

export class Accumulator {
  readonly memory: Memory;
  readonly outstanding: Outstanding = new Outstanding();
  /** Partitions with waiting batches. */
  readonly active: Set<PartitionQueue> = new Set();
  readonly #options: AccumulatorOptions;
  /** Several records never make a batch that is too large for a request. */
  readonly #batchBytes: number;
  readonly #hooks: AccumulatorHooks;
  readonly #topics: Map<string, PartitionQueue[]> = new Map();
  /** Of all deadlines. It keeps no process alive: sockets and retries do, while there is something to send. */
  readonly #alarm: Alarm = new Alarm({ keepsAlive: false, readsFirst: true }, () => this.#sweep());

  constructor(options: AccumulatorOptions, hooks: AccumulatorHooks) {
    this.#options = options;
    this.#batchBytes = Math.min(options.batchBytes, options.maxRequestBytes);
    this.#hooks = hooks;
    this.memory = new Memory(options.bufferBytes);
  }

  queue(topic: string, partition: number): PartitionQueue {
    const queues = this.queuesOf(topic);
    let queue = queues[partition];
    if (!queue) {
      queue = new PartitionQueue(topic, partition, { maxBatchBytes: this.#batchBytes, joinMs: this.joinMs });
      queues[partition] = queue;
    }
    return queue;
  }

  /** Of the time that records have, how far apart those of one batch may begin. */
  get joinMs(): number {
    const { deliveryTimeoutMs, lingerMs } = this.#options;
    return Math.max(SHORTEST_JOIN_MS, lingerMs, deliveryTimeoutMs * JOIN_SHARE);
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
    record: RecordFields,
    delivery: Delivery | null,
    index: number,
    deadlineMs?: number,
  ): ProducerBatch {
    const { deliveryTimeoutMs } = this.#options;
    const takenAtMs = deadlineMs === undefined ? clock.now() : deadlineMs - deliveryTimeoutMs;
    const batch = queue.begin(takenAtMs, takenAtMs + deliveryTimeoutMs);
    if (deadlineMs !== undefined) queue.isSlow = true; // it was held: others that come now have more time than this one
    try {
      batch.append(this.#batchBytes, record, delivery, index);
    } catch (error) {
      queue.drop(batch);
      throw error;
    }
    if (deadlineMs === undefined) this.outstanding.add(batch);
    this.active.add(queue);
    this.#alarm.set(batch.deadlineMs);
    this.#hooks.wake(); // also when the one before it became full
    return batch;
  }

  /** The oldest ones come first. */
  #sweep(): void {
    const nowMs = clock.now();
    for (let unit = this.outstanding.first; unit; unit = this.outstanding.first) {
      if (unit.deadlineMs > nowMs) {
        this.#alarm.set(unit.deadlineMs);
        return;
      }
      this.#hooks.expire(unit);
      if (unit.place) this.outstanding.remove(unit); // settled is settled, whatever else is the matter with it
    }
  }
}
