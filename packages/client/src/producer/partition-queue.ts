// What one partition has to send, in order: batches that wait, batches under way, and where its sequence stands.
import { sequenceAfter } from '@hopwire/protocol';
import { clock } from '../util/clock.ts';
import { type Identity, ProducerBatch, type RecordFields } from './batch.ts';
import type { Delivery } from './delivery.ts';
import { Line, type Link } from './line.ts';

/** When a batch may go, beyond what the partition itself says. */
export interface SendRules {
  readonly maxInFlight: number;
  readonly lingerMs: number;
  readonly idempotence: boolean;
  /** A batch above this goes alone. */
  readonly maxRequestBytes: number;
  /** flush() or close() is waiting: no lingering. */
  isFlushing: boolean;
}

/** A record that has not been written into a batch yet. */
export interface TakenRecord extends RecordFields {
  /** When it was taken, of the system's clock (which may jump). */
  readonly takenAtMs: number;
}

export interface QueueLimits {
  readonly maxBatchBytes: number;
  readonly deliveryTimeoutMs: number;
  /** Records of a batch that were taken within this time run out of time together. */
  readonly termMs: number;
}

const SMALLEST_BATCH_BYTES = 512;
const NONE: readonly ProducerBatch[] = [];

export class PartitionQueue {
  readonly topic: string;
  readonly partition: number;
  /** In order of their records. Only the last one may be open. */
  readonly waiting: Line<ProducerBatch> = new Line();
  readonly inFlight: ProducerBatch[] = [];
  /** Not before this; 0: no failure to recover from. */
  retryAtMs = 0;
  /** Why nothing can be sent just now: no leader, no producer id. */
  obstacle: Error | undefined = undefined;
  /** The answer in which its topic was without it; null: the last one had it. */
  missedIn: object | null = null;
  /** Who led it when something was sent last; -1: nothing was, or there are no epochs. */
  readonly tried: { leaderId: number; leaderEpoch: number } = { leaderId: -1, leaderEpoch: -1 };
  identity: Identity | null = null;
  /** Its numbers or its producer id are lost: take the next epoch or a new id once nothing is under way. */
  needsIdentity = false;
  #open: ProducerBatch | null = null;
  #nextOrder = 0;
  #nextSequence = 0;
  /**
   * The broker has acknowledged something of this identity. Before that it takes any sequence number, so that a second
   * batch could overtake a first one that was refused: the first one goes alone.
   */
  #isEstablished = false;
  /** Place of the last batch of this identity that has left, and was written or may be. */
  #leftAt = -1;
  #maxBatchBytes: number;
  readonly #deliveryTimeoutMs: number;
  /** Records of a batch that were taken within this time run out of time together. */
  readonly #termMs: number;
  #capacity = 256;

  constructor(topic: string, partition: number, limits: QueueLimits) {
    this.topic = topic;
    this.partition = partition;
    this.#maxBatchBytes = limits.maxBatchBytes;
    this.#deliveryTimeoutMs = limits.deliveryTimeoutMs;
    this.#termMs = limits.termMs;
  }

  /**
   * Writes a record into the open batch, if there is one with room.
   *
   * @param deadlineMs of a record that was held; any other one has the whole time
   */
  append(record: TakenRecord, delivery: Delivery | null, index: number, deadlineMs?: number): ProducerBatch | null {
    const open = this.#isTooYoung(deadlineMs) ? null : this.#open;
    if (open?.append(this.#maxBatchBytes, record, delivery, index)) {
      if (deadlineMs !== undefined || !this.#isWithinTerm(open, record)) this.#setEnd(open, record, deadlineMs);
      return open;
    }
    if (this.#open) this.#capacity = capacityFor(this.#open.sizeInBytes, this.#maxBatchBytes);
    this.#open = null;
    return null;
  }

  // The hot path: the system's clock was read for the record anyway. It may jump, and so only says when to look.
  #isWithinTerm({ termSinceMs }: ProducerBatch, { takenAtMs }: TakenRecord): boolean {
    return takenAtMs >= termSinceMs && takenAtMs - termSinceMs < this.#termMs;
  }

  /**
   * A record that waited for room finds a batch of records that came later and had room announced (`ready()`). Its time would be
   * over before theirs, so it begins another batch, unless the difference is small.
   */
  #isTooYoung(heldUntilMs: number | undefined): boolean {
    return heldUntilMs !== undefined && this.#open !== null && this.#open.endMs - heldUntilMs >= this.#termMs;
  }

  #setEnd(open: ProducerBatch, { takenAtMs }: TakenRecord, heldUntilMs: number | undefined): void {
    const deadlineMs = heldUntilMs ?? clock.now() + this.#deliveryTimeoutMs;
    if (deadlineMs - open.endMs >= this.#termMs) open.lastHasUntil(deadlineMs);
    else if (heldUntilMs !== undefined && heldUntilMs < open.endMs) open.lastHasOnly(heldUntilMs);
    open.termSinceMs = heldUntilMs === undefined ? takenAtMs : Number.NaN;
  }

  /** A new batch at the end. @param nowMs when its first record was taken */
  begin(nowMs: number, deadlineMs: number): ProducerBatch {
    const order = { at: this.#nextOrder++, span: 1 };
    const batch = new ProducerBatch(this, order, { nowMs, deadlineMs, capacity: this.#capacity });
    batch.waitsIn = this.waiting.push(batch);
    this.#open = batch;
    return batch;
  }

  /** The next to be sent. */
  get head(): ProducerBatch | undefined {
    const { first } = this.waiting;
    if (!first?.awaitsProof) return first;
    for (const batch of this.waiting) if (!batch.awaitsProof) return batch;
    return undefined;
  }

  /** When the head may go; in the past: now; Infinity: something has to happen first. */
  dueMs(nowMs: number, rules: SendRules): number {
    const { head } = this;
    if (!head) return Number.POSITIVE_INFINITY;
    if (this.retryAtMs > nowMs) return this.retryAtMs;
    if (this.inFlight.length === 0) return 0;
    if (this.#isFull(head, rules) || this.#goesAlone(head, rules)) return Number.POSITIVE_INFINITY;
    return head !== this.#open || rules.isFlushing ? 0 : head.createdAtMs + rules.lingerMs;
  }

  /** The head, now under way; without the records whose callers have gone. */
  take(rules: SendRules): ProducerBatch | undefined {
    const batch = this.head;
    if (!batch) return undefined;
    batch.waitsIn?.remove();
    batch.waitsIn = null;
    this.obstacle = undefined;
    if (batch === this.#open) {
      this.#open = null;
      this.#capacity = capacityFor(batch.sizeInBytes, this.#maxBatchBytes);
    }
    batch.isBulk = batch.sizeInBytes > rules.maxRequestBytes;
    this.#stamp(batch);
    batch.attempts++;
    this.inFlight.push(batch);
    return batch;
  }

  /** Its answer came, or none will, or it is not waited for. */
  landed(batch: ProducerBatch): void {
    batch.attempt = null;
    const at = this.inFlight.indexOf(batch);
    if (at >= 0) this.inFlight.splice(at, 1);
  }

  /** Back to its place in the order. */
  requeue(batch: ProducerBatch): void {
    let next: Link<ProducerBatch> | null = this.waiting.firstLink;
    while (next && next.item.order.at < batch.order.at) next = next.next;
    batch.waitsIn = this.waiting.insertBefore(next, batch);
  }

  drop(batch: ProducerBatch): void {
    if (batch === this.#open) this.#open = null;
    batch.waitsIn?.remove();
    batch.waitsIn = null;
  }

  /** The topic was deleted and made anew: nothing is known of us there. */
  restart(): void {
    this.retryAtMs = 0;
    this.tried.leaderId = -1;
    this.tried.leaderEpoch = -1;
    if (this.identity) this.needsIdentity = true;
  }

  acknowledged(batch: ProducerBatch): void {
    this.retryAtMs = 0;
    if (batch.isRemnant) this.#cutOffRemnants(batch);
    if (batch.identity !== this.identity) return;
    this.#isEstablished = true;
    this.#leftAt = Math.max(this.#leftAt, batch.order.at);
  }

  /** The batch that it is a part of was not written, nor were those behind that. */
  #cutOffRemnants({ identity }: ProducerBatch): void {
    for (const other of this.waiting) if (other.identity === identity) other.isRemnant = false;
  }

  /** Batches of this size were too large for the topic. */
  tooLarge(sizeInBytes: number): void {
    this.#maxBatchBytes = Math.max(SMALLEST_BATCH_BYTES, Math.min(this.#maxBatchBytes, sizeInBytes >> 1));
  }

  /** Is anything before this batch still to be settled, of which the broker has not said that it is out of order? */
  hasBefore(batch: ProducerBatch): boolean {
    return this.#hasNumbered((other) => other.order.at < batch.order.at && !other.awaitsProof);
  }

  /** May a later one have been written, which is going to be sent again? */
  hasUnsureAfter(batch: ProducerBatch): boolean {
    return this.#waits(
      (other) => other.isPerhapsWritten && other.identity === batch.identity && other.order.at > batch.order.at,
    );
  }

  /** Was a later one written, or may it be, of which nothing will be heard any more? */
  hasLeftAfter(batch: ProducerBatch): boolean {
    return batch.identity === this.identity && this.#leftAt > batch.order.at;
  }

  /** The next batch goes to this leader: what another one, or itself before, said of earlier ones proves nothing here. */
  goesTo(leaderId: number, leaderEpoch: number): void {
    if (this.tried.leaderId !== leaderId || this.tried.leaderEpoch !== leaderEpoch) this.endProof();
  }

  /** @returns those that waited for proof; they are the head again */
  endProof(): readonly ProducerBatch[] {
    if (!this.waiting.first?.awaitsProof) return NONE;
    const ended: ProducerBatch[] = [];
    for (const batch of this.waiting) if (batch.awaitsProof) ended.push(batch);
    for (const batch of ended) batch.awaitsProof = false;
    return ended;
  }

  /** A new producer id or epoch: everything that waits gets its numbers anew, from 0. Only while nothing is under way. */
  adopt(identity: Identity): void {
    this.identity = identity;
    this.needsIdentity = false;
    this.#nextSequence = 0;
    this.#isEstablished = false;
    this.#leftAt = -1;
    for (const batch of this.waiting) batch.identity = null;
  }

  /**
   * A batch with numbers leaves, or gets others, without having been acknowledged. If the broker may have it: others with
   * numbers that are still to be settled tell by their answers; without any the identity is lost. If it surely has not: its
   * numbers are used again when they are the last ones, and else there is a gap before the next ones. A broker that knows
   * nothing of this identity yet would take them in spite of it, out of order: what is not settled gets new numbers. Only
   * behind a batch of which nothing is certain yet that has to wait: until that is settled, the broker calls them out of order.
   *
   * @returns whether the identity is lost: the next batch needs a new one
   */
  forget(batch: ProducerBatch): boolean {
    if (!batch.identity || batch.identity !== this.identity) return false;
    if (batch.isUnsure) return this.#forgetUnsure(batch);
    return batch.isRemnant ? this.#forgetRemnant(batch) : this.#forgetSure(batch);
  }

  /** The first of the other parts gets the number that the whole began with: it shows whether that was written. */
  #forgetRemnant(batch: ProducerBatch): boolean {
    let next = batch.baseSequence;
    for (const other of this.waiting) {
      if (other.order.at <= batch.order.at) continue;
      if (!other.isRemnant || other.identity === null || other.identity !== batch.identity) break;
      other.stamp(other.identity, next);
      next = sequenceAfter(next, other.count);
    }
    return this.#forgetUnsure(batch);
  }

  #forgetUnsure(batch: ProducerBatch): boolean {
    this.#leftAt = Math.max(this.#leftAt, batch.order.at);
    if (this.#hasNumbered((other) => other !== batch)) return false;
    this.identity = null;
    return true;
  }

  #forgetSure({ order, baseSequence }: ProducerBatch): boolean {
    const isLast = !this.#hasNumbered((other) => other.order.at > order.at);
    const isFirst = !this.#hasNumbered((other) => other.order.at < order.at);
    if (isLast) this.#nextSequence = baseSequence;
    else if (isFirst) this.needsIdentity = true;
    return !isLast && isFirst;
  }

  #hasNumbered(isSuch: (batch: ProducerBatch) => boolean): boolean {
    const isOne = (other: ProducerBatch): boolean => other.identity !== null && isSuch(other);
    return this.inFlight.some(isOne) || this.#waits(isOne);
  }

  /**
   * Brokers recognise an idempotent producer's last five batches: when the answer of one is lost while those of later
   * ones come, it must still be among them when it is sent again.
   */
  #isFull({ order }: ProducerBatch, { maxInFlight, idempotence }: SendRules): boolean {
    if (this.inFlight.length >= maxInFlight) return true;
    return idempotence && this.inFlight.some((earlier) => order.at - earlier.order.at >= maxInFlight);
  }

  /**
   * A retried batch: what comes after it must not arrive before it. The first one of an identity. And one that is so
   * large that it has a connection of its own, on which it would be overtaken.
   */
  #goesAlone(head: ProducerBatch, rules: SendRules): boolean {
    if (head.attempts > 0 || this.needsIdentity || (rules.idempotence && !this.#isEstablished)) return true;
    if (this.waiting.first?.awaitsProof) return true; // with a cut it would be one more of which nothing is certain
    return head.sizeInBytes > rules.maxRequestBytes || this.inFlight[0]?.isBulk === true;
  }

  #waits(isSuch: (batch: ProducerBatch) => boolean): boolean {
    for (const batch of this.waiting) if (isSuch(batch)) return true;
    return false;
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
