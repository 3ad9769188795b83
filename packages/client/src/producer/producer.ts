// The public producer: checks what it is given, and hands it on.
import type { Cluster } from '../cluster/cluster.ts';
import { ClosedError, DeliveryError } from '../errors.ts';
import { type ProducerOptions, resolveProducerOptions, type TypedProducerOptions } from '../options.ts';
import type { Bytes, PartitionInfo, Waiting } from '../types.ts';
import { checkWaiting } from '../util/check-waiting.ts';
import { kindOf } from '../util/kind-of.ts';
import { waitFor } from '../util/timers.ts';
import { checkTopic } from '../util/topic-name.ts';
import { Closing } from './closing.ts';
import { ManyDelivery, type RecordMetadata, SingleDelivery } from './delivery.ts';
import { Engine } from './engine.ts';
import { partitionsOf } from './partitions.ts';
import { checkRecord, checkRecords, type ProducerRecord, type TopicRecords } from './record.ts';
import { recordStream } from './record-stream.ts';

/*
 *   open --close()--> closing (see Closing), for good
 *    '--fatal error of the broker--> failed --close()--> closing
 */
type State = { name: 'open' } | { name: 'closing'; closing: Closing } | { name: 'failed'; reason: Error };

/**
 * Writes records to topics.
 *
 * ```ts
 * await using producer = kafka.producer();
 * const { partition, offset } = await producer.send({ topic: 'orders', key: 'k1', value: 'paid' });
 * ```
 */
export class Producer<K = Bytes | null, V = Bytes | null> implements AsyncDisposable {
  readonly #cluster: Cluster;
  readonly #options: TypedProducerOptions<K, V>;
  readonly #engine: Engine;
  readonly #onClosed: (producer: Producer<K, V>) => void;
  #state: State = { name: 'open' };

  /** @param onClosed called once, when nothing of it is left */
  constructor(
    cluster: Cluster,
    options: ProducerOptions<K, V> = {},
    onClosed: (producer: Producer<K, V>) => void = () => undefined,
  ) {
    this.#cluster = cluster;
    this.#onClosed = onClosed;
    this.#options = resolveProducerOptions(options);
    this.#engine = new Engine(cluster, this.#options, (reason) => this.#fail(reason));
  }

  /** Bytes of all records that are accepted and not yet settled; at most `bufferBytes`. */
  get bufferedBytes(): number {
    return this.#engine.bufferedBytes;
  }

  /**
   * Resolves when the broker has the record (by `acks`). Waits while the buffer is full. Never throws: whatever is
   * wrong is told by the promise.
   *
   * Rejects with a TypeError or RangeError for what cannot be a record; with a DeliveryError when it was not, or not
   * surely, delivered within `deliveryTimeoutMs` or `timeoutMs`; with the signal's reason when that is aborted.
   */
  send(record: ProducerRecord<K, V>, waiting?: Waiting): Promise<RecordMetadata>;
  /** Many records with one promise. When some fail, the DeliveryError's `results` say which. */
  send(records: TopicRecords<K, V>, waiting?: Waiting): Promise<RecordMetadata[]>;
  send(what: ProducerRecord<K, V> | TopicRecords<K, V>, waiting?: Waiting): Promise<RecordMetadata | RecordMetadata[]> {
    try {
      if (this.#state.name !== 'open') throw this.#notOpen(what);
      const limits = waiting && checkWaiting('producer.send', waiting);
      return isMany(what) ? this.#sendMany(what, limits) : this.#sendOne(what, limits);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * As `send` without a promise: a record that is not delivered is logged and seen by `onEvent`.
   *
   * @returns false when the buffer is full: await `ready()`, then give it again
   * @throws {TypeError | RangeError} for what cannot be a record
   */
  enqueue(record: ProducerRecord<K, V>): boolean {
    if (this.#state.name !== 'open') throw this.#notOpen(record);
    return this.#engine.intake.offer(checkRecord(record, this.#options), null);
  }

  /**
   * Resolves when there is room for `enqueue`, which is kept until the next turn of the event loop. What takes it is written
   * before a `send()` that was called meanwhile and still waits for room.
   */
  async ready(waiting?: Waiting): Promise<void> {
    const limits = checkWaiting('producer.ready', waiting);
    if (this.#state.name !== 'open') throw this.#notOpen();
    const { room, leave } = this.#engine.accumulator.memory.whenRoom();
    await this.#bounded('producer.ready', room, limits).finally(leave);
  }

  /** Sends what was accepted without lingering, and resolves when all of it is settled. Failures reach their own callers. */
  async flush(waiting?: Waiting): Promise<void> {
    const limits = checkWaiting('producer.flush', waiting);
    const { done, leave } = this.#engine.flush();
    await this.#bounded('producer.flush', done, limits).finally(leave);
  }

  /**
   * The partitions of a topic as the cluster describes them now.
   *
   * @throws {BrokerError} when there is no such topic, or it must not be seen
   */
  async partitionsFor(topic: string, waiting?: Waiting): Promise<PartitionInfo[]> {
    const limits = checkWaiting('producer.partitionsFor', waiting);
    checkTopic(topic);
    if (this.#state.name !== 'open') throw this.#notOpen();
    const asked = this.#engine.whileOpen((signal) => partitionsOf(this.#cluster, topic, { ...limits, signal }));
    return this.#bounded('producer.partitionsFor', asked, limits);
  }

  /**
   * A stream that takes records as fast as they can be sent. When one of them is not delivered, the stream fails with
   * the reason: `write` and `close` reject.
   */
  writable(): WritableStream<ProducerRecord<K, V>> {
    return recordStream({
      offer: (record, delivery) => {
        if (this.#state.name !== 'open') throw this.#notOpen(record);
        return this.#engine.intake.offer(checkRecord(record, this.#options), delivery);
      },
      ready: (waiting) => this.ready(waiting),
      flush: (waiting) => this.flush(waiting),
    });
  }

  /**
   * Sends what was accepted, within `timeoutMs` (default: `requestTimeoutMs`) or until `signal` is aborted; what is left
   * then is rejected. Twice joins the first, and ends it at the earlier of their limits.
   */
  close(waiting?: Waiting): Promise<void> {
    try {
      const { requestTimeoutMs } = this.#cluster.options;
      const { signal, timeoutMs = requestTimeoutMs } = checkWaiting('producer.close', waiting);
      if (this.#state.name !== 'closing') this.#state = { name: 'closing', closing: this.#beginClosing() };
      this.#state.closing.hasten({ signal, timeoutMs });
      return this.#state.closing.done;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #sendOne(record: ProducerRecord<K, V>, limits: Waiting | undefined): Promise<RecordMetadata> {
    const checked = checkRecord(record, this.#options);
    return new Promise((resolve, reject) => {
      const delivery = new SingleDelivery(resolve, reject);
      if (limits && !this.#engine.withdrawals.watch(delivery, limits)) return;
      this.#engine.intake.accept(checked, delivery, 0);
    });
  }

  #sendMany(records: TopicRecords<K, V>, limits: Waiting | undefined): Promise<RecordMetadata[]> {
    const { topic, messages } = checkRecords(records, this.#options);
    return new Promise((resolve, reject) => {
      const delivery = new ManyDelivery(topic, messages.length, { resolve, reject });
      if (delivery.isSettled || (limits && !this.#engine.withdrawals.watch(delivery, limits))) return;
      for (let at = 0; at < messages.length && !delivery.isSettled; at++) {
        const message = messages[at];
        if (message) this.#engine.intake.accept(message, delivery, at);
      }
    });
  }

  #bounded<T>(what: string, work: Promise<T>, limits: Waiting): Promise<T> {
    return waitFor(work, limits, () => this.#cluster.late(what, limits));
  }

  #beginClosing(): Closing {
    const failure = this.#state.name === 'failed' ? this.#state.reason : undefined;
    return new Closing(
      (signal) => this.flush({ signal }),
      (cause) => {
        this.#engine.close(new ClosedError('the producer', { cause: failure ?? cause }));
        this.#onClosed(this);
      },
    );
  }

  /** The broker said that this producer is finished: everything is rejected with that. */
  #fail(reason: Error): void {
    if (this.#state.name !== 'open') return;
    this.#state = { name: 'failed', reason };
    this.#cluster.emit({ type: 'fatal', what: 'producer', error: reason });
    this.#engine.rejectAll('the producer failed', reason);
  }

  /** @param refused what cannot be sent for that, be it a record or not */
  #notOpen(refused?: { topic: string } | null): Error {
    if (this.#state.name !== 'failed') return new ClosedError('the producer');
    const { reason } = this.#state;
    const topic: unknown = refused?.topic;
    if (typeof topic !== 'string') return reason;
    const why = `the producer failed (${reason.message}); create a new one`;
    return new DeliveryError(why, { topic, partition: -1, attempts: 0, outcome: 'no' }, { cause: reason });
  }
}

function isMany<K, V>(what: ProducerRecord<K, V> | TopicRecords<K, V>): what is TopicRecords<K, V> {
  if (typeof what !== 'object' || what === null || Array.isArray(what)) {
    throw new TypeError(`send takes a record { topic, value }, or { topic, messages }, not ${kindOf(what)}`);
  }
  return 'messages' in what;
}
