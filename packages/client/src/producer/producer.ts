// The public producer: checks what it is given, and hands it on.
import type { Cluster } from '../cluster/cluster.ts';
import { ClosedError, TimeoutError } from '../errors.ts';
import { type ProducerOptions, type ResolvedProducerOptions, resolveProducerOptions } from '../options.ts';
import type { PartitionInfo, Waiting } from '../types.ts';
import { clampDelay, waitFor } from '../util/timers.ts';
import { type Accepted, Accumulator } from './accumulator.ts';
import { ProducerBatch } from './batch.ts';
import { type Delivery, ManyDelivery, type RecordMetadata, SingleDelivery } from './delivery.ts';
import { Intake, undeliverable } from './intake.ts';
import { checkRecord, checkTopic, type ProducerRecord, type TopicRecords } from './record.ts';
import { Sender } from './sender.ts';

/*
 *   open --close()--> closing --flushed, or its deadline--> closed
 *    '--fatal error of the broker--> failed --close()--> closed
 */
type State =
  | { name: 'open' }
  | { name: 'closing'; closed: Promise<void> }
  | { name: 'failed'; reason: Error }
  | { name: 'closed'; closed: Promise<void> };

/**
 * Writes records to topics.
 *
 * ```ts
 * await using producer = kafka.producer();
 * const { partition, offset } = await producer.send({ topic: 'orders', key: 'k1', value: 'paid' });
 * ```
 */
export class Producer implements AsyncDisposable {
  readonly #cluster: Cluster;
  readonly #options: ResolvedProducerOptions;
  readonly #abort: AbortController = new AbortController();
  readonly #accumulator: Accumulator;
  readonly #intake: Intake;
  readonly #sender: Sender;
  #flushes = 0;
  #state: State = { name: 'open' };

  constructor(cluster: Cluster, options: ProducerOptions = {}) {
    this.#cluster = cluster;
    this.#options = resolveProducerOptions(options);
    const hooks = { wake: () => this.#sender.wake(), expire: (unit: Accepted) => this.#expire(unit) };
    this.#accumulator = new Accumulator(this.#options, hooks);
    this.#intake = new Intake(cluster, this.#accumulator, this.#options, this.#abort.signal);
    const onFatal = (reason: Error): void => this.#fail(reason);
    this.#sender = new Sender(cluster, this.#accumulator, this.#options, this.#abort.signal, onFatal);
  }

  /** Bytes of all records that are accepted and not yet settled; at most `bufferBytes`. */
  get bufferedBytes(): number {
    return this.#accumulator.memory.usedBytes;
  }

  /**
   * Resolves when the broker has the record (by `acks`). Waits while the buffer is full.
   *
   * @throws {TypeError | RangeError} at once for what cannot be a record
   * @throws {DeliveryError} by the promise: not, or not surely, delivered within `deliveryTimeoutMs`
   */
  send(record: ProducerRecord, waiting?: Waiting): Promise<RecordMetadata>;
  /** Many records with one promise. When some fail, the DeliveryError's `results` say which. */
  send(records: TopicRecords, waiting?: Waiting): Promise<RecordMetadata[]>;
  send(what: ProducerRecord | TopicRecords, waiting?: Waiting): Promise<RecordMetadata | RecordMetadata[]> {
    if (typeof what !== 'object' || what === null)
      throw new TypeError('send takes a record { topic, value }, or { topic, messages }');
    return 'messages' in what ? this.#sendMany(what, waiting) : this.#sendOne(what, waiting);
  }

  /**
   * As `send` without a promise: a record that is not delivered is logged and seen by `onEvent`.
   *
   * @returns false when the buffer is full: await `ready()`, then give it again
   */
  enqueue(record: ProducerRecord): boolean {
    this.#checkOpen();
    return this.#intake.offer(checkRecord(record.topic, record));
  }

  /** Resolves when there is room for `enqueue`. */
  ready(waiting: Waiting = {}): Promise<void> {
    this.#checkOpen();
    waiting.signal?.throwIfAborted();
    const room = this.#accumulator.memory.whenRoom();
    return waitFor(room, waiting, () => new TimeoutError('producer.ready', waiting.timeoutMs ?? 0));
  }

  /** Sends what was accepted without lingering, and resolves when all of it is settled. Failures reach their own callers. */
  async flush(waiting: Waiting = {}): Promise<void> {
    this.#flushes++;
    this.#sender.rules.isFlushing = true;
    this.#sender.wake();
    try {
      const late = (): Error => new TimeoutError('producer.flush', waiting.timeoutMs ?? 0);
      await waitFor(this.#accumulator.outstanding.settled(), waiting, late);
    } finally {
      this.#sender.rules.isFlushing = --this.#flushes > 0;
    }
  }

  /** The partitions of a topic as the cluster describes them now. */
  async partitionsFor(topic: string, waiting?: Waiting): Promise<PartitionInfo[]> {
    checkTopic(topic);
    const snapshot = await this.#cluster.metadataFor([topic], waiting);
    const partitions = snapshot.topics.get(topic)?.partitions.values() ?? [];
    return [...partitions].map(({ partition, leaderId, leaderEpoch, replicas, isr }) => {
      return { topic, partition, leaderId, leaderEpoch, replicas, isr };
    });
  }

  /** A stream that takes records as fast as they can be sent. */
  writable(): WritableStream<ProducerRecord> {
    return new WritableStream<ProducerRecord>({
      write: async (record) => {
        while (!this.enqueue(record)) await this.ready();
      },
      close: () => this.flush(),
    });
  }

  /** Sends what was accepted, within `timeoutMs` (default: `requestTimeoutMs`); what is left then is rejected. */
  close(waiting: Waiting = {}): Promise<void> {
    if ('closed' in this.#state) return this.#state.closed;
    const closed = this.#close(waiting);
    this.#state = { name: 'closing', closed };
    return closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #sendOne(record: ProducerRecord, waiting: Waiting | undefined): Promise<RecordMetadata> {
    const checked = checkRecord(record.topic, record);
    if (this.#state.name !== 'open') return Promise.reject(this.#notOpen());
    return new Promise((resolve, reject) => {
      const delivery = new SingleDelivery(resolve, reject);
      if (waiting && !this.#watch(delivery, checked.topic, waiting)) return;
      this.#intake.accept(checked, delivery, 0);
    });
  }

  #sendMany({ topic, messages }: TopicRecords, waiting: Waiting | undefined): Promise<RecordMetadata[]> {
    if (!Array.isArray(messages)) throw new TypeError('messages must be an array of records');
    const checked = messages.map((message) => checkRecord(topic, message));
    if (this.#state.name !== 'open') return Promise.reject(this.#notOpen());
    return new Promise((resolve, reject) => {
      const delivery = new ManyDelivery(checkTopic(topic), checked.length, { resolve, reject });
      if (delivery.isSettled || (waiting && !this.#watch(delivery, topic, waiting))) return;
      for (const [index, record] of checked.entries()) this.#intake.accept(record, delivery, index);
    });
  }

  /** @returns false when the caller's signal was aborted before */
  #watch(delivery: Delivery, topic: string, { signal, timeoutMs }: Waiting): boolean {
    const abort = (): void => this.#withdraw(delivery, () => signal?.reason);
    if (signal?.aborted) {
      delivery.abandon(signal.reason);
      return false;
    }
    signal?.addEventListener('abort', abort, { once: true });
    const late = (): void => this.#withdraw(delivery, (unit) => this.#late(topic, unit, timeoutMs ?? 0));
    const timer = timeoutMs === undefined ? undefined : setTimeout(late, clampDelay(timeoutMs));
    delivery.onSettled = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    return true;
  }

  /** The caller has gone: what has not left yet is taken back; what has may still be written, which an event says. */
  #withdraw(delivery: Delivery, reasonFor: (unit: Accepted | undefined) => unknown): void {
    if (delivery.isSettled) return;
    const units = this.#accumulator.outstanding.all().filter((unit) => waitsFor(unit, delivery));
    const worst = units.find((unit) => unit instanceof ProducerBatch && unit.attempts > 0) ?? units[0];
    delivery.abandon(reasonFor(worst));
    for (const unit of units) this.#withdrawFrom(unit, delivery);
  }

  #withdrawFrom(unit: Accepted, delivery: Delivery): void {
    if (!(unit instanceof ProducerBatch)) this.#intake.withdraw(unit);
    else if (!unit.withdraw(delivery)) this.#tellPerhapsWritten(unit);
    else if (unit.count === 0) {
      this.#accumulator.drop(unit);
      this.#accumulator.finish(unit);
    }
  }

  #tellPerhapsWritten(batch: ProducerBatch): void {
    const { topic, partition, attempts, count, sizeInBytes } = batch;
    const error = batch.error('the caller does not wait any longer, but the record had left', undefined, 'unknown');
    const size = { records: count, bytes: sizeInBytes, durationMs: performance.now() - batch.createdAtMs };
    this.#cluster.emit({ type: 'batch', topic, partition, attempts, outcome: 'unknown', error, ...size });
  }

  #late(topic: string, unit: Accepted | undefined, timeoutMs: number): Error {
    const why = `not done within ${timeoutMs} ms (timeoutMs)`;
    if (unit instanceof ProducerBatch) {
      const cause = unit.lastError ?? new TimeoutError('producer.send', timeoutMs);
      const detail = unit.lastError instanceof Error ? `: ${unit.lastError.message}` : '';
      return unit.error(`${why}${detail}`, cause, unit.attempts > 0 ? 'unknown' : 'no');
    }
    const reason = this.#intake.lastErrorOf(topic);
    return unit ? undeliverable(unit, reason, why) : new TimeoutError('producer.send', timeoutMs);
  }

  #expire(unit: Accepted): void {
    const why = `its delivery timeout of ${this.#options.deliveryTimeoutMs} ms passed`;
    if (unit instanceof ProducerBatch) this.#sender.giveUp(unit, why);
    else this.#intake.fail(unit, undeliverable(unit, this.#intake.lastErrorOf(unit.topic), why));
    this.#sender.wake();
  }

  async #close(waiting: Waiting): Promise<void> {
    const timeoutMs = waiting.timeoutMs ?? this.#cluster.options.requestTimeoutMs;
    let reason: unknown;
    await this.flush({ ...waiting, timeoutMs }).catch((error: unknown) => {
      reason = error; // what is left is told why below
    });
    this.#rejectAll(
      'the producer was closed before it was delivered',
      new ClosedError('the producer', { cause: reason }),
    );
    this.#abort.abort(new ClosedError('the producer'));
    this.#sender.close();
    this.#accumulator.close();
    if (this.#state.name === 'closing') this.#state = { name: 'closed', closed: this.#state.closed };
  }

  /** The broker said that this producer is finished: everything is rejected with that. */
  #fail(reason: Error): void {
    if (this.#state.name !== 'open') return;
    this.#state = { name: 'failed', reason };
    this.#cluster.emit({ type: 'fatal', what: 'producer', error: reason });
    this.#rejectAll('the producer failed', reason);
  }

  #rejectAll(why: string, cause: Error): void {
    for (const unit of this.#accumulator.outstanding.all()) {
      if (unit instanceof ProducerBatch) this.#sender.giveUp(unit, why, cause);
      else this.#intake.fail(unit, undeliverable(unit, cause, why));
    }
  }

  #checkOpen(): void {
    if (this.#state.name !== 'open') throw this.#notOpen();
  }

  #notOpen(): Error {
    return this.#state.name === 'failed' ? this.#state.reason : new ClosedError('the producer');
  }
}

function waitsFor(unit: Accepted, delivery: Delivery): boolean {
  return unit instanceof ProducerBatch ? unit.hasDelivery(delivery) : unit.delivery === delivery;
}
