// What one partition has to send, in order: batches that wait, batches under way, and where its sequence stands.
import { sequenceAfter } from '@hopwire/protocol';
import { type Identity, ProducerBatch, type RecordFields } from './batch.ts';
import type { Delivery } from './delivery.ts';

/** When a batch may go, beyond what the partition itself says. */
export interface SendRules {
  readonly maxInFlight: number;
  readonly lingerMs: number;
  readonly idempotence: boolean;
  /** flush() or close() is waiting: no lingering. */
  isFlushing: boolean;
}

const SMALLEST_BATCH_BYTES = 512;

export class PartitionQueue {
  readonly topic: string;
  readonly partition: number;
  /** In order of their records. Only the last one may be open. */
  readonly waiting: ProducerBatch[] = [];
  readonly inFlight: ProducerBatch[] = [];
  /** Not before this; 0: no failure to recover from. */
  retryAtMs = 0;
  /** How often in a row it had no leader. */
  leaderless = 0;
  identity: Identity | null = null;
  /** Its producer id is not accepted any more: take a new one once nothing is under way. */
  needsIdentity = false;
  #open: ProducerBatch | null = null;
  #nextOrder = 0;
  #nextSequence = 0;
  /**
   * The broker has acknowledged something of this identity. Before that it takes any sequence number, so that a second
   * batch could overtake a first one that was refused: the first one goes alone.
   */
  #isEstablished = false;
  #maxBatchBytes: number;
  #capacity = 256;

  constructor(topic: string, partition: number, maxBatchBytes: number) {
    this.topic = topic;
    this.partition = partition;
    this.#maxBatchBytes = maxBatchBytes;
  }

  /** Writes a record into the open batch, if there is one with room. */
  append(record: RecordFields, delivery: Delivery | null, index: number): ProducerBatch | null {
    const open = this.#open;
    if (open?.append(this.#maxBatchBytes, record, delivery, index)) return open;
    if (open) this.#capacity = capacityFor(open.sizeInBytes, this.#maxBatchBytes);
    this.#open = null;
    return null;
  }

  /** A new batch at the end. */
  begin(nowMs: number, deadlineMs: number): ProducerBatch {
    const order = { at: this.#nextOrder++, span: 1 };
    const batch = new ProducerBatch(this, order, { nowMs, deadlineMs, capacity: this.#capacity });
    this.waiting.push(batch);
    this.#open = batch;
    return batch;
  }

  /** When the first waiting batch may go; in the past: now; Infinity: something has to happen first. */
  dueMs(nowMs: number, rules: SendRules): number {
    const head = this.waiting[0];
    if (!head) return Number.POSITIVE_INFINITY;
    if (this.retryAtMs > nowMs) return this.retryAtMs;
    if (this.inFlight.length === 0) return 0;
    // A retried batch goes alone: what comes after it must not arrive before it.
    const waits = head.attempts > 0 || this.needsIdentity || (rules.idempotence && !this.#isEstablished);
    if (waits || this.inFlight.length >= rules.maxInFlight) return Number.POSITIVE_INFINITY;
    return head !== this.#open || rules.isFlushing ? 0 : head.createdAtMs + rules.lingerMs;
  }

  /** The first waiting batch, now under way. */
  take(): ProducerBatch | undefined {
    const batch = this.waiting.shift();
    if (!batch) return undefined;
    if (batch === this.#open) {
      this.#open = null;
      this.#capacity = capacityFor(batch.sizeInBytes, this.#maxBatchBytes);
    }
    this.#stamp(batch);
    batch.attempts++;
    this.inFlight.push(batch);
    return batch;
  }

  /** Its answer came, or none will. */
  landed(batch: ProducerBatch): void {
    remove(this.inFlight, batch);
  }

  /** Back to its place in the order. */
  requeue(batch: ProducerBatch): void {
    const at = this.waiting.findIndex((other) => other.order.at > batch.order.at);
    if (at < 0) this.waiting.push(batch);
    else this.waiting.splice(at, 0, batch);
  }

  drop(batch: ProducerBatch): void {
    if (batch === this.#open) this.#open = null;
    remove(this.waiting, batch);
  }

  acknowledged(batch: ProducerBatch): void {
    this.retryAtMs = 0;
    this.leaderless = 0;
    if (batch.identity === this.identity) this.#isEstablished = true;
  }

  /** Batches of this size were too large for the topic. */
  tooLarge(sizeInBytes: number): void {
    this.#maxBatchBytes = Math.max(SMALLEST_BATCH_BYTES, Math.min(this.#maxBatchBytes, sizeInBytes >> 1));
  }

  /** Is anything before this batch still to be settled? */
  hasBefore(batch: ProducerBatch): boolean {
    const isBefore = (other: ProducerBatch): boolean => other.identity !== null && other.order.at < batch.order.at;
    return this.inFlight.some(isBefore) || this.waiting.some(isBefore);
  }

  /** A new producer id: everything that waits gets its numbers anew, from 0. Only while nothing is under way. */
  adopt(identity: Identity): void {
    this.identity = identity;
    this.needsIdentity = false;
    this.#nextSequence = 0;
    this.#isEstablished = false;
    for (const batch of this.waiting) batch.identity = null;
  }

  /**
   * A batch with numbers leaves without having been acknowledged. If others with numbers are still to be settled,
   * their answers will tell; else the numbers are used again, unless the broker may have them.
   *
   * @returns whether the identity is lost: the next batch needs a new one
   */
  forget(batch: ProducerBatch): boolean {
    if (!batch.identity || batch.identity !== this.identity) return false;
    const isNumbered = (other: ProducerBatch): boolean => other !== batch && other.identity !== null;
    if (this.inFlight.some(isNumbered) || this.waiting.some(isNumbered)) return false;
    if (batch.isUnsure) this.identity = null;
    else this.#nextSequence = batch.baseSequence;
    return batch.isUnsure;
  }

  #stamp(batch: ProducerBatch): void {
    if (!this.identity || batch.identity) return;
    batch.stamp(this.identity, this.#nextSequence);
    this.#nextSequence = sequenceAfter(this.#nextSequence, batch.count);
  }
}

/** Batches of a partition tend to be alike: the next buffer begins a little larger than the last one ended. */
function capacityFor(sizeInBytes: number, most: number): number {
  return Math.min(Math.max(256, sizeInBytes + (sizeInBytes >> 2)), Math.max(most, sizeInBytes));
}

function remove<T>(list: T[], item: T): void {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
}
