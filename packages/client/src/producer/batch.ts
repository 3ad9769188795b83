// One batch of one partition, from its first record to the answer, and the deliveries that wait for it.
//
//   open --full, linger, flush--> ready --sent--> inFlight --answer--> delivered | failed | unknown
//                                   ^----------- retrying --------------|
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
import type { Delivery } from './delivery.ts';

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
  key: RecordBytes;
  value: RecordBytes;
  headers: readonly HeaderInput[];
  timestampMs: number;
}

export class ProducerBatch {
  readonly topic: string;
  readonly partition: number;
  readonly order: BatchOrder;
  readonly createdAtMs: number;
  readonly deadlineMs: number;
  /** How often it was sent. */
  attempts = 0;
  /** An attempt ended without an answer: the broker may have it. */
  isUnsure = false;
  /** The deliveries have their answer; the batch may still be under way. */
  isSettled = false;
  lastError: unknown = undefined;
  identity: Identity | null = null;
  baseSequence = -1;
  /** What it takes of `bufferBytes`. */
  reservedBytes = 0;
  #builder: BatchBuilder;
  #sealed: Buffer | null = null;
  // One entry for each record that someone waits for; enqueued ones have none.
  readonly #deliveries: Delivery[] = [];
  readonly #indexes: number[] = [];
  readonly #deltas: number[] = [];
  readonly #timestamps: number[] = [];

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
    this.#builder = new BatchBuilder({ capacity: options.capacity });
  }

  get count(): number {
    return this.#builder.count;
  }

  /** As it goes out, once sealed. */
  get sizeInBytes(): number {
    return this.#sealed?.length ?? this.#builder.sizeInBytes;
  }

  get isSealed(): boolean {
    return this.#sealed !== null;
  }

  /** Has it records that nobody waits for? Their loss has to be said some other way. */
  get hasUnwatched(): boolean {
    return this.#deliveries.length < this.count;
  }

  /**
   * Writes a record into the batch.
   *
   * @returns false when it would not fit; the first record of a batch always does
   */
  append(maxBytes: number, record: RecordFields, delivery: Delivery | null, index: number): boolean {
    const limit = this.#builder.count === 0 ? 0x7fffffff : maxBytes;
    const { timestampMs, key, value, headers } = record;
    const delta = this.#builder.tryAppend(limit, timestampMs, key, value, headers);
    if (delta < 0) return false;
    if (delivery) this.#track(delivery, index, delta, timestampMs);
    return true;
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

  /**
   * Takes the records of a caller out again, while none of the bytes has left.
   *
   * @returns false when it is too late
   */
  withdraw(delivery: Delivery): boolean {
    if (this.#sealed) return false;
    const gone = new Set<number>();
    for (const [at, other] of this.#deliveries.entries()) if (other === delivery) gone.add(this.#deltas[at] ?? -1);
    if (gone.size > 0) this.#rebuild((delta) => !gone.has(delta));
    return true;
  }

  /** Waits this caller for one of its records? */
  hasDelivery(delivery: Delivery): boolean {
    return this.#deliveries.includes(delivery);
  }

  /** Halves for a broker to which this is too large. Sequences stay as they were. */
  split(): [ProducerBatch, ProducerBatch] {
    const middle = this.count >> 1;
    return [this.#part(0, middle), this.#part(middle, this.count)];
  }

  /** @param baseOffset -1: not known  @param appendTimeMs -1: the records keep their own time */
  deliver(baseOffset: bigint, appendTimeMs: bigint): void {
    if (this.isSettled) return;
    this.isSettled = true;
    const { topic, partition } = this;
    const appendTime = appendTimeMs < 0n ? null : Number(appendTimeMs);
    for (let at = 0; at < this.#deliveries.length; at++) {
      const delivery = this.#deliveries[at];
      if (!delivery || delivery.isSettled) continue;
      const offset = baseOffset < 0n ? -1n : baseOffset + BigInt(this.#deltas[at] ?? 0);
      const timestampMs = appendTime ?? this.#timestamps[at] ?? -1;
      delivery.delivered(this.#indexes[at] ?? 0, { topic, partition, offset, timestampMs });
    }
  }

  /** @param reasonOf for records that fail for a reason of their own; undefined: the common one */
  fail(reason: Error, reasonOf?: (delta: number) => Error | undefined): void {
    if (this.isSettled) return;
    this.isSettled = true;
    for (let at = 0; at < this.#deliveries.length; at++) {
      const delivery = this.#deliveries[at];
      if (!delivery || delivery.isSettled) continue;
      delivery.failed(this.#indexes[at] ?? 0, reasonOf?.(this.#deltas[at] ?? -1) ?? reason);
    }
  }

  /** Why it failed, as its callers are told. */
  error(reason: string, cause: unknown, outcome: 'no' | 'unknown' = this.isUnsure ? 'unknown' : 'no'): DeliveryError {
    const place = { topic: this.topic, partition: this.partition, attempts: this.attempts, outcome };
    return new DeliveryError(reason, place, { retriable: isRetriable(cause), ...(cause !== undefined && { cause }) });
  }

  #track(delivery: Delivery, index: number, delta: number, timestampMs: number): void {
    this.#deliveries.push(delivery);
    this.#indexes.push(index);
    this.#deltas.push(delta);
    this.#timestamps.push(timestampMs);
  }

  /** Written records cannot be cut out: those that stay are written again. */
  #rebuild(stays: (delta: number) => boolean): void {
    const before = this.#builder;
    const deltas = new Map<number, number>();
    this.#builder = new BatchBuilder({ capacity: before.sizeInBytes });
    for (const [delta, record] of recordsOf(before.seal())) {
      if (!stays(delta)) continue;
      deltas.set(delta, this.#builder.append(record.timestampMs, record.key, record.value, record.headers));
    }
    this.#keep(deltas);
  }

  #keep(deltas: ReadonlyMap<number, number>): void {
    const count = this.#deliveries.length;
    const entries = Array.from({ length: count }, (_, at) => at).filter((at) => deltas.has(this.#deltas[at] ?? -1));
    const moved = entries.map((at) => deltas.get(this.#deltas[at] ?? -1) ?? -1);
    pick(this.#deliveries, entries);
    pick(this.#indexes, entries);
    pick(this.#timestamps, entries);
    this.#deltas.splice(0, count, ...moved);
  }

  #part(from: number, to: number): ProducerBatch {
    const half = this.order.span / 2;
    const order = { at: this.order.at + (from === 0 ? 0 : half), span: half };
    const { createdAtMs: nowMs, deadlineMs } = this;
    const part = new ProducerBatch(this, order, { nowMs, deadlineMs, capacity: this.#builder.sizeInBytes });
    for (const [delta, record] of recordsOf(this.seal('none'))) {
      if (delta < from || delta >= to) continue;
      part.append(0x7fffffff, record, null, 0);
    }
    for (let at = 0; at < this.#deliveries.length; at++) {
      const delta = this.#deltas[at] ?? -1;
      const delivery = this.#deliveries[at];
      if (!delivery || delta < from || delta >= to) continue;
      part.#track(delivery, this.#indexes[at] ?? 0, delta - from, this.#timestamps[at] ?? -1);
    }
    part.#inherit(this, from, to);
    return part;
  }

  #inherit(whole: ProducerBatch, from: number, to: number): void {
    this.attempts = whole.attempts;
    this.isUnsure = whole.isUnsure;
    this.lastError = whole.lastError;
    this.isSettled = whole.isSettled;
    this.identity = whole.identity;
    if (whole.identity) this.baseSequence = sequenceAfter(whole.baseSequence, from);
    this.reservedBytes = Math.round((whole.reservedBytes * (to - from)) / whole.count);
  }
}

function* recordsOf(batch: Buffer): Iterable<[delta: number, record: RecordFields]> {
  let delta = 0;
  for (const record of BatchView.at(batch).records()) yield [delta++, record];
}

/** Keeps the entries of a list at the given places. */
function pick<T>(list: T[], places: readonly number[]): void {
  const kept: T[] = [];
  for (const at of places) {
    const item = list[at];
    if (item !== undefined) kept.push(item);
  }
  list.length = 0;
  for (const item of kept) list.push(item);
}
