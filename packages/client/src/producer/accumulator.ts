// Batches of all partitions, the bound on their memory, and when the oldest of them runs out of time.
import { clampDelay, monotonicNow } from '../util/timers.ts';
import type { ProducerBatch, RecordFields } from './batch.ts';
import type { Delivery } from './delivery.ts';
import { Memory } from './memory.ts';
import { Outstanding } from './outstanding.ts';
import { PartitionQueue } from './partition-queue.ts';

/** A record that has no batch yet: there is no room, or its topic is not known yet. */
export interface HeldRecord extends RecordFields {
  readonly topic: string;
  readonly partition: number | null;
  readonly keyBytes: Buffer | null;
  readonly bytes: number;
  readonly delivery: Delivery | null;
  readonly index: number;
  readonly deadlineMs: number;
  isSettled: boolean;
}

export type Accepted = ProducerBatch | HeldRecord;

export interface AccumulatorOptions {
  readonly batchBytes: number;
  readonly bufferBytes: number;
  readonly deliveryTimeoutMs: number;
}

export class Accumulator {
  readonly memory: Memory;
  readonly outstanding: Outstanding<Accepted> = new Outstanding();
  /** Partitions with waiting batches. */
  readonly active: Set<PartitionQueue> = new Set();
  readonly #options: AccumulatorOptions;
  readonly #hooks: { wake: () => void; expire: (unit: Accepted) => void };
  readonly #topics: Map<string, PartitionQueue[]> = new Map();
  #timer: NodeJS.Timeout | null = null;

  constructor(options: AccumulatorOptions, hooks: { wake: () => void; expire: (unit: Accepted) => void }) {
    this.#options = options;
    this.#hooks = hooks;
    this.memory = new Memory(options.bufferBytes);
  }

  queue(topic: string, partition: number): PartitionQueue {
    let partitions = this.#topics.get(topic);
    if (!partitions) {
      partitions = [];
      this.#topics.set(topic, partitions);
    }
    let queue = partitions[partition];
    if (!queue) {
      queue = new PartitionQueue(topic, partition, this.#options.batchBytes);
      partitions[partition] = queue;
    }
    return queue;
  }

  queueOf(batch: ProducerBatch): PartitionQueue {
    return this.queue(batch.topic, batch.partition);
  }

  /**
   * Writes a record into its partition's open batch. The memory is reserved already.
   *
   * @param bytes what was reserved for it
   */
  append(
    queue: PartitionQueue,
    record: RecordFields,
    entry: { bytes: number; delivery: Delivery | null; index: number },
  ): ProducerBatch {
    const batch = queue.append(record, entry.delivery, entry.index) ?? this.#begin(queue, record, entry);
    batch.reservedBytes += entry.bytes;
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
    if (queue.waiting.length === 0) this.active.delete(queue);
  }

  split(batch: ProducerBatch): void {
    const halves = batch.split();
    this.outstanding.replace(batch, halves);
    for (const half of halves) this.requeue(half);
  }

  /** The batch is settled: its memory is free. */
  finish(batch: ProducerBatch): void {
    this.outstanding.remove(batch);
    const bytes = batch.reservedBytes;
    batch.reservedBytes = 0;
    this.memory.release(bytes);
  }

  hold(record: HeldRecord): void {
    this.outstanding.add(record);
    this.#watch(record.deadlineMs);
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #begin(
    queue: PartitionQueue,
    record: RecordFields,
    entry: { delivery: Delivery | null; index: number },
  ): ProducerBatch {
    const nowMs = monotonicNow();
    const batch = queue.begin(nowMs, nowMs + this.#options.deliveryTimeoutMs);
    batch.append(this.#options.batchBytes, record, entry.delivery, entry.index);
    this.outstanding.add(batch);
    this.active.add(queue);
    this.#watch(batch.deadlineMs);
    this.#hooks.wake(); // also when the one before it became full
    return batch;
  }

  /** One timer for all deadlines. It keeps no process alive: sockets and retries do, while there is something to send. */
  #watch(deadlineMs: number): void {
    if (this.#timer) return;
    this.#timer = setTimeout(() => this.#sweep(), clampDelay(deadlineMs - monotonicNow() + 1));
    this.#timer.unref();
  }

  #sweep(): void {
    this.#timer = null;
    const nowMs = monotonicNow();
    let next = Number.POSITIVE_INFINITY;
    for (const unit of this.outstanding.all()) {
      if (unit.isSettled) continue;
      if (unit.deadlineMs <= nowMs) this.#hooks.expire(unit);
      else next = Math.min(next, unit.deadlineMs);
    }
    if (Number.isFinite(next)) this.#watch(next);
  }
}
