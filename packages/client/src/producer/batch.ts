// One batch of one partition, from its first record to the answer, and the deliveries that wait for it.
//
//   open --full, linger, flush--> ready --sent--> inFlight --answer--> delivered | failed | unknown
//                                   ^----- retrying, taken back --------|
import {
  BatchBuilder,
  BatchView,
  type CompressionName,
  type HeaderInput,
  patchProducer,
  type RecordBytes,
  sequenceAfter,
} from '@hopwire/protocol';
import { DeliveryError, isRetriable } from '../errors.ts';
import { BatchEntries } from './batch-entries.ts';
import type { Delivery } from './delivery.ts';
import type { Link } from './line.ts';
import type { Unit } from './outstanding.ts';
import { Terms } from './terms.ts';

const NO_LIMIT = 0x7fffffff;

/** What the broker knows an idempotent producer by. */
export interface Identity {
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

/** Place among the batches of a partition. A split batch hands its span on to its halves. */
export interface BatchOrder {
  readonly at: number;
  readonly span: number;
}

/** A record on its way into a batch: fields only, nothing is kept. */
export interface RecordFields {
  readonly key: RecordBytes;
  readonly value: RecordBytes;
  readonly headers: readonly HeaderInput[];
  readonly timestampMs: number;
}

/** The request that a batch is under way in. Answers of another one are not about it any more. */
export interface Attempt {
  readonly startedAtMs: number;
}

export class ProducerBatch implements Unit {
  readonly topic: string;
  readonly partition: number;
  readonly order: BatchOrder;
  readonly createdAtMs: number;
  /** When the first record that was accepted ran out of time, or will. */
  deadlineMs: number;
  /** Of the system's clock: what is taken soon after it runs out of time with the record before; NaN: nothing does. */
  termSinceMs: number = Number.NaN;
  ticket = 0;
  place: Link<Unit> | null = null;
  /** Among those of its partition that wait; null: it does not. */
  waitsIn: Link<ProducerBatch> | null = null;
  /** null: not under way. */
  attempt: Attempt | null = null;
  /** How often it was sent. */
  attempts = 0;
  /** How often in a row the connection was lost with it, and nothing else. */
  hangUps = 0;
  /** An attempt of it, as it is now, ended without an answer: the broker may have it. */
  isUnsure = false;
  /**
   * So did one, and the broker has said since that it does not have it. Its request may yet come: TCP sends again what it could not
   * send, also when the connection was closed and a later one was faster.
   */
  mayYetArrive = false;
  /**
   * A part of a batch that may have been written. Its numbers begin with those of the whole, or follow another part: the broker
   * takes it if the whole was not written, and else calls it out of order.
   */
  isRemnant = false;
  /** It is said to be out of order and may have been written: what the broker says of a later one shows which is true. */
  awaitsProof = false;
  /** The deliveries have their answer, or halves of it have taken its place. If nobody waits, it may still be under way. */
  isSettled = false;
  /** Larger than requests are otherwise: it goes alone, on a connection of its own. */
  isBulk = false;
  lastError: unknown = undefined;
  identity: Identity | null = null;
  baseSequence = -1;
  /** What it takes of `bufferBytes`. */
  reservedBytes = 0;
  #builder: BatchBuilder;
  #sealed: Buffer | null = null;
  #entries: BatchEntries = new BatchEntries();
  #terms: Terms;
  /** Records whose callers have gone, or that are out of time, still in the batch. */
  #withdrawn = 0;
  /** Those before this place are to be left out, whether anybody waited for them or not. */
  #outBefore = 0;
  /** Of those, the ones that nobody ever waited for. */
  #lost = 0;

  constructor(
    where: { topic: string; partition: number },
    order: BatchOrder,
    options: { nowMs: number; deadlineMs: number; capacity: number },
  ) {
    this.topic = where.topic;
    this.partition = where.partition;
    this.order = order;
    this.createdAtMs = options.nowMs;
    this.deadlineMs = options.deadlineMs;
    this.#terms = new Terms(options.deadlineMs);
    this.#builder = new BatchBuilder({ capacity: options.capacity });
  }

  get count(): number {
    return this.#builder.count;
  }

  /** As it goes out, once sealed. */
  get sizeInBytes(): number {
    return this.#sealed?.length ?? this.#builder.sizeInBytes;
  }

  /** When the first records that are left run out of time. */
  get dueMs(): number {
    return this.#terms.dueMs;
  }

  /** When the last ones do. */
  get endMs(): number {
    return this.#terms.endMs;
  }

  /** Records that nobody ever waited for: their loss has to be said some other way. */
  get unwatched(): number {
    return this.count - this.#entries.size - this.#lost;
  }

  /** Of an attempt that has ended nobody can say that it was not written, and will not be. */
  get isInDoubt(): boolean {
    return this.isPerhapsWritten || this.mayYetArrive;
  }

  /** The broker may have it: what it says of its numbers shows. */
  get isPerhapsWritten(): boolean {
    return this.isUnsure || this.isRemnant;
  }

  /** It was sent once: records cannot be taken out of it any more, and as a whole it may be sent (again). */
  get mayBeWritten(): boolean {
    return this.isInDoubt || this.#sealed !== null;
  }

  /** Records of which it is not told yet what becomes of them. */
  get untold(): number {
    return this.isSettled ? 0 : this.count - this.#withdrawn;
  }

  /** Everybody who waited for it has gone. */
  get isAbandoned(): boolean {
    return this.#withdrawn >= this.count;
  }

  /**
   * Writes a record into the batch.
   *
   * @returns false when it would not fit; the first record of a batch always does
   */
  append(maxBytes: number, record: RecordFields, delivery: Delivery | null, index: number): boolean {
    const limit = this.#builder.count === 0 ? NO_LIMIT : maxBytes;
    const { timestampMs, key, value, headers } = record;
    const delta = this.#builder.tryAppend(limit, timestampMs, key, value, headers);
    if (delta < 0) return false;
    if (delivery) {
      this.#entries.add(delivery, index, delta, timestampMs);
      delivery.placed(this, index);
    }
    return true;
  }

  /** The record that was taken last has more time than those before it. */
  lastHasUntil(deadlineMs: number): void {
    this.#terms.add(this.count - 1, deadlineMs);
  }

  /** The record that was taken last waited outside, and has less time than those before it: they share it. */
  lastHasOnly(deadlineMs: number): void {
    this.#terms.shorten(deadlineMs);
    this.deadlineMs = Math.min(this.deadlineMs, deadlineMs);
  }

  /** Its first records are out of time. @returns the place of the first one that has more; null: none has */
  passTerms(nowMs: number): number | null {
    return this.#terms.pass(nowMs);
  }

  /** The callers of the records before this place are told; the records stay. @returns how many were told */
  failBefore(place: number, reason: Error): number {
    const told = this.#entries.failBefore(place, reason);
    this.#withdrawn += told;
    return told;
  }

  /**
   * As `failBefore`, and the records are left out like those whose callers have gone. Only before it is sealed.
   *
   * @returns how many of them nobody ever waited for, and what of `reservedBytes` is free again
   */
  leaveOutBefore(place: number, reason: Error): { told: number; lost: number; freed: number } {
    const lost = place - this.#outBefore - this.#entries.between(this.#outBefore, place);
    const told = this.#entries.failBefore(place, reason);
    this.#outBefore = place;
    this.#lost += lost;
    return { told, lost, freed: this.withdrew(told + lost) };
  }

  /**
   * Callers of so many of its records have gone. They are left out when the batch is sealed; once half of a batch is
   * gone at once, so that it does not hold memory for nothing.
   *
   * @returns what of `reservedBytes` is free again
   */
  withdrew(records: number): number {
    this.#withdrawn += records;
    return this.#withdrawn * 2 > this.count && !this.isAbandoned ? this.trim() : 0;
  }

  /** Leaves out records whose callers have gone, as long as nothing is sealed. @returns what is free again */
  trim(): number {
    if (this.#withdrawn === 0 || this.#sealed || this.isAbandoned) return 0;
    const gone = this.#entries.abandoned();
    return this.#rewrite(this.#builder.seal(), (delta) => delta >= this.#outBefore && !gone.has(delta));
  }

  /** Sequence numbers for an idempotent producer. After an earlier sealing the bytes are copied: they may be on their way. */
  stamp(identity: Identity, baseSequence: number): void {
    this.identity = identity;
    this.baseSequence = baseSequence;
    if (!this.#sealed) return;
    this.#sealed = Buffer.from(this.#sealed);
    patchProducer(this.#sealed, { ...identity, baseSequence });
  }

  /** The batch as it goes out. */
  seal(compression: CompressionName): Buffer {
    this.#sealed ??= this.#builder.seal({
      compression,
      ...(this.identity && { ...this.identity, baseSequence: this.baseSequence }),
    });
    return this.#sealed;
  }

  /** Halves for a broker to which this is too large. Sequences stay as they were. */
  split(): [ProducerBatch, ProducerBatch] {
    const middle = this.count >> 1;
    const halves: [ProducerBatch, ProducerBatch] = [this.#part(0, middle), this.#part(middle, this.count)];
    this.isSettled = true;
    return halves;
  }

  /**
   * Fails these records alone, for reasons of their own. The others are to be sent again: with new numbers, or with the first ones
   * of the whole while it is in doubt whether that was written.
   */
  leaveOut(reasonOf: (delta: number) => Error | undefined): number {
    const failing = new Set<number>();
    for (let delta = 0; delta < this.count; delta++) if (reasonOf(delta)) failing.add(delta);
    const own = new BatchEntries();
    this.#entries.moveTo(own, new Map([...failing].map((delta) => [delta, delta])));
    const freed = this.#rewrite(this.seal('none'), (delta) => !failing.has(delta));
    this.#sealed = null;
    if (this.isInDoubt) this.#becomeRemnant();
    else this.identity = null;
    own.fail(new TypeError('a record without a reason'), reasonOf);
    return freed;
  }

  /** @param baseOffset -1: not known  @param appendTimeMs -1: the records keep their own time */
  deliver(baseOffset: bigint, appendTimeMs: bigint): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.#entries.deliver({ topic: this.topic, partition: this.partition, baseOffset, appendTimeMs });
  }

  /** @param reasonOf for records that fail for a reason of their own; undefined: the common one */
  fail(reason: Error, reasonOf?: (delta: number) => Error | undefined): void {
    if (this.isSettled) return;
    this.isSettled = true;
    this.#entries.fail(reason, reasonOf);
  }

  /** Why it failed, as its callers are told. */
  error(reason: string, cause: unknown, outcome: 'no' | 'unknown' = this.isInDoubt ? 'unknown' : 'no'): DeliveryError {
    const place = { topic: this.topic, partition: this.partition, attempts: this.attempts, outcome };
    return new DeliveryError(reason, place, { retriable: isRetriable(cause), ...(cause !== undefined && { cause }) });
  }

  #becomeRemnant(): void {
    this.isRemnant = true;
    this.isUnsure = this.mayYetArrive = false;
  }

  /** Written records cannot be cut out: those that stay are written again. @returns what of `reservedBytes` is free */
  #rewrite(bytes: Buffer, stays: (delta: number) => boolean): number {
    const before = this.#builder.sizeInBytes;
    this.#builder = new BatchBuilder({ capacity: before });
    const moved = new Map<number, number>();
    for (const [delta, record] of recordsOf(bytes)) {
      if (!stays(delta)) continue;
      moved.set(delta, this.#builder.append(record.timestampMs, record.key, record.value, record.headers));
    }
    const entries = new BatchEntries();
    this.#entries.moveTo(entries, moved);
    this.#entries = entries;
    this.#withdrawn = entries.abandoned().size;
    this.#outBefore = 0;
    this.#lost = 0;
    // The record that the last term began with may be gone.
    this.termSinceMs = Number.NaN;
    this.#terms = this.#terms.moved((from) => keptBefore(moved, from), this.count);
    const freed = Math.floor(this.reservedBytes * Math.max(0, 1 - this.#builder.sizeInBytes / before));
    this.reservedBytes -= freed;
    return freed;
  }

  #part(from: number, to: number): ProducerBatch {
    const half = this.order.span / 2;
    const order = { at: this.order.at + (from === 0 ? 0 : half), span: half };
    const { createdAtMs: nowMs, deadlineMs } = this;
    const part = new ProducerBatch(this, order, { nowMs, deadlineMs, capacity: this.#builder.sizeInBytes });
    const moved = new Map<number, number>();
    for (const [delta, record] of recordsOf(this.seal('none'))) {
      if (delta < from || delta >= to) continue;
      part.append(NO_LIMIT, record, null, 0);
      moved.set(delta, delta - from);
    }
    this.#entries.moveTo(part.#entries, moved);
    part.#terms = this.#terms.moved((place) => place - from, part.count);
    part.#entries.placeAll(part);
    part.#inherit(this, from, to);
    return part;
  }

  #inherit(whole: ProducerBatch, from: number, to: number): void {
    this.attempts = whole.attempts;
    this.isRemnant = whole.isInDoubt;
    this.lastError = whole.lastError;
    this.isSettled = whole.isSettled;
    this.#withdrawn = this.#entries.abandoned().size;
    this.identity = whole.identity;
    if (whole.identity) this.baseSequence = sequenceAfter(whole.baseSequence, from);
    const upTo = (records: number): number => Math.floor((whole.reservedBytes * records) / whole.count);
    this.reservedBytes = upTo(to) - upTo(from);
  }
}

function keptBefore(moved: ReadonlyMap<number, number>, place: number): number {
  let kept = 0;
  for (const before of moved.keys()) if (before < place) kept++;
  return kept;
}

function* recordsOf(batch: Buffer): Iterable<[delta: number, record: RecordFields]> {
  let delta = 0;
  for (const record of BatchView.at(batch).records()) yield [delta++, record];
}
