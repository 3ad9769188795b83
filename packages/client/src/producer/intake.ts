// The way of a record into its batch: room in memory, its topic's partitions, its partition.
//
// A record that finds no room, or whose topic is not known yet, is held; those behind it wait too, so that order stays.
import { Errors } from '@hopwire/protocol';
import type { Cluster } from '../cluster/cluster.ts';
import type { MetadataSnapshot, TopicMetadata } from '../cluster/metadata.ts';
import { asError, type BrokerError, brokerError, DeliveryError, isRetriable } from '../errors.ts';
import type { Partitioner } from '../options.ts';
import { Backoff } from '../util/backoff.ts';
import { clampDelay, monotonicNow, sleep } from '../util/timers.ts';
import type { Accumulator, HeldRecord } from './accumulator.ts';
import type { Delivery } from './delivery.ts';
import { checkedPartition, partitionForKey, StickyPartition } from './partitioner.ts';
import type { CheckedRecord } from './record.ts';

/** A topic that does not exist yet is looked for at least so often. */
const LOOK_AGAIN_MS = 1000;

/** One topic that is produced to. */
interface Topic {
  readonly name: string;
  readonly sticky: StickyPartition;
  /** Records from before the topic was known, in order. */
  held: HeldRecord[];
  isLoading: boolean;
  metadata: TopicMetadata | null;
  /** Partitions with a leader. */
  available: readonly number[];
  lastError: Error | undefined;
}

export interface IntakeOptions {
  readonly deliveryTimeoutMs: number;
  readonly partitioner: Partitioner | undefined;
}

export class Intake {
  readonly #cluster: Cluster;
  readonly #accumulator: Accumulator;
  readonly #options: IntakeOptions;
  readonly #signal: AbortSignal;
  readonly #backoff: Backoff;
  readonly #topics: Map<string, Topic> = new Map();
  #keeper: NodeJS.Timeout | undefined;

  constructor(cluster: Cluster, accumulator: Accumulator, options: IntakeOptions, signal: AbortSignal) {
    this.#cluster = cluster;
    this.#accumulator = accumulator;
    this.#options = options;
    this.#signal = signal;
    const { retryBackoffMs, retryBackoffMaxMs } = cluster.options;
    this.#backoff = new Backoff({ initialMs: retryBackoffMs, maxMs: Math.min(retryBackoffMaxMs, LOOK_AGAIN_MS) });
  }

  /** Takes a record that somebody waits for. What goes wrong reaches the delivery. */
  accept(record: CheckedRecord, delivery: Delivery, index: number): void {
    if (!this.#accumulator.memory.tryReserve(record.bytes)) {
      this.#waitForRoom(record, delivery, index);
      return;
    }
    try {
      this.#place(record, delivery, index);
    } catch (error) {
      this.#accumulator.memory.release(record.bytes);
      delivery.failed(index, error);
    }
  }

  /**
   * Takes a record that nobody waits for.
   *
   * @returns false when there is no room
   */
  offer(record: CheckedRecord): boolean {
    if (!this.#accumulator.memory.tryReserve(record.bytes)) return false;
    try {
      this.#place(record, null, 0);
    } catch (error) {
      this.#accumulator.memory.release(record.bytes);
      throw error;
    }
    return true;
  }

  /** Why records of this topic still wait. */
  lastErrorOf(topic: string): Error | undefined {
    return this.#topics.get(topic)?.lastError;
  }

  /** A held record is settled without having found its batch. */
  fail(held: HeldRecord, reason: Error): void {
    if (held.isSettled) return;
    held.isSettled = true;
    held.delivery?.failed(held.index, reason);
    if (!held.delivery) this.#cluster.options.logger.error('a record was not delivered', { error: reason.message });
    this.#release(held);
  }

  /** The caller has gone. */
  withdraw(held: HeldRecord): void {
    held.isSettled = true;
    this.#release(held);
  }

  #waitForRoom(record: CheckedRecord, delivery: Delivery, index: number): void {
    const held = this.#hold(record, delivery, index);
    this.#accumulator.memory.wait(record.bytes, () => {
      this.#admitted.add(held);
      if (held.isSettled) this.#release(held);
      else this.#placeHeld(held);
    });
  }

  /** Held records whose memory is reserved. */
  readonly #admitted: WeakSet<HeldRecord> = new WeakSet();

  #hold(record: CheckedRecord, delivery: Delivery | null, index: number): HeldRecord {
    const deadlineMs = monotonicNow() + this.#options.deliveryTimeoutMs;
    const held: HeldRecord = { ...record, delivery, index, deadlineMs, isSettled: delivery?.isSettled ?? false };
    this.#accumulator.hold(held);
    return held;
  }

  #release(held: HeldRecord): void {
    this.#accumulator.outstanding.remove(held);
    const topic = this.#topics.get(held.topic);
    const at = topic?.held.indexOf(held) ?? -1;
    if (at >= 0) topic?.held.splice(at, 1);
    if (this.#admitted.delete(held)) this.#accumulator.memory.release(held.bytes);
  }

  #place(record: CheckedRecord, delivery: Delivery | null, index: number): void {
    const topic = this.#topic(record.topic);
    if (topic.held.length > 0 || !this.#isKnown(topic)) {
      const held = this.#hold(record, delivery, index);
      this.#admitted.add(held);
      topic.held.push(held);
      this.#load(topic);
      return;
    }
    const queue = this.#accumulator.queue(topic.name, this.#partition(topic, record));
    this.#accumulator.append(queue, record, { bytes: record.bytes, delivery, index });
  }

  #placeHeld(held: HeldRecord): void {
    const topic = this.#topic(held.topic);
    if (topic.held.length > 0 || !this.#isKnown(topic)) {
      topic.held.push(held);
      this.#load(topic);
    } else this.#appendHeld(topic, held);
  }

  #appendHeld(topic: Topic, held: HeldRecord): void {
    try {
      const { bytes, delivery, index } = held;
      const queue = this.#accumulator.queue(topic.name, this.#partition(topic, held));
      const batch = this.#accumulator.append(queue, held, { bytes, delivery, index });
      held.isSettled = true;
      this.#admitted.delete(held);
      this.#accumulator.outstanding.replace(held, [batch]);
    } catch (error) {
      this.fail(held, asError(error));
    }
  }

  #topic(name: string): Topic {
    let topic = this.#topics.get(name);
    if (!topic) {
      const sticky = new StickyPartition();
      topic = { name, sticky, held: [], isLoading: false, metadata: null, available: [], lastError: undefined };
      this.#topics.set(name, topic);
      this.#keepFresh();
    }
    return topic;
  }

  /** Topics that are written to stay known, and new partitions are seen. Keeps no process alive. */
  #keepFresh(): void {
    if (this.#keeper || this.#signal.aborted) return;
    this.#keeper = setInterval(() => {
      const names = [...this.#topics.keys()];
      this.#cluster.metadataFor(names, { signal: this.#signal }).catch((error: unknown) => {
        for (const topic of this.#topics.values()) topic.lastError = asError(error); // told when a record fails for it
      });
    }, clampDelay(this.#cluster.options.metadataMaxAgeMs));
    this.#keeper.unref();
    this.#signal.addEventListener('abort', () => clearInterval(this.#keeper), { once: true });
  }

  #isKnown(topic: Topic): boolean {
    const metadata = this.#cluster.snapshot.topics.get(topic.name) ?? null;
    if (metadata !== topic.metadata) this.#learn(topic, metadata);
    return isUsable(topic.metadata);
  }

  #learn(topic: Topic, metadata: TopicMetadata | null): void {
    // A topic that is in trouble for a moment keeps its partitions: its batches wait for a leader.
    if (!isUsable(metadata) && isUsable(topic.metadata)) return;
    topic.metadata = metadata;
    topic.available = [...(metadata?.partitions.values() ?? [])].filter((p) => p.leaderId >= 0).map((p) => p.partition);
    if (!topic.available.includes(topic.sticky.partition)) topic.sticky.leave();
  }

  #partition(topic: Topic, record: CheckedRecord | HeldRecord): number {
    const count = topic.metadata?.partitions.size ?? 0;
    if (record.partition !== null) return checkedPartition(record.partition, topic.name, count, 'the record');
    const own = this.#options.partitioner;
    const key = record.keyBytes;
    if (own) {
      const chosen = own({ topic: topic.name, key, partitions: count });
      return checkedPartition(chosen, topic.name, count, 'the partitioner');
    }
    if (key) return partitionForKey(key, count);
    return topic.sticky.next(record.bytes, count, topic.available);
  }

  #load(topic: Topic): void {
    if (topic.isLoading) return;
    topic.isLoading = true;
    void this.#untilKnown(topic).finally(() => {
      topic.isLoading = false;
    });
  }

  /** Asks for the topic until it is there, cannot come, or nobody waits for it any more. */
  async #untilKnown(topic: Topic): Promise<void> {
    for (let attempt = 1; topic.held.length > 0 && !this.#signal.aborted; attempt++) {
      if (await this.#attempt(topic, attempt)) return;
      await sleep(this.#backoff.delay(attempt), this.#signal).catch(() => undefined); // aborted: the loop ends by itself
    }
  }

  async #attempt(topic: Topic, attempt: number): Promise<boolean> {
    try {
      const snapshot = await this.#ask(topic.name, attempt);
      if (this.#isKnown(topic)) return this.#placeAll(topic);
      throw unavailable(topic.name, snapshot);
    } catch (error) {
      topic.lastError = asError(error);
      if (isRetriable(error)) return false;
      this.#failAll(topic, asError(error));
      return true;
    }
  }

  #ask(name: string, attempt: number): Promise<MetadataSnapshot> {
    const waiting = { signal: this.#signal };
    return attempt === 1 ? this.#cluster.metadataFor([name], waiting) : this.#cluster.refreshMetadata(waiting);
  }

  #placeAll(topic: Topic): boolean {
    const held = topic.held;
    topic.held = [];
    topic.lastError = undefined;
    for (const record of held) this.#appendHeld(topic, record);
    return true;
  }

  #failAll(topic: Topic, reason: Error): void {
    for (const held of [...topic.held]) this.fail(held, undeliverable(held, reason));
  }
}

function isUsable(metadata: TopicMetadata | null): boolean {
  return metadata !== null && metadata.errorCode === 0 && metadata.partitions.size > 0;
}

function unavailable(topic: string, snapshot: MetadataSnapshot): BrokerError {
  const metadata = snapshot.topics.get(topic);
  if (!metadata) return brokerError(Errors.UNKNOWN_TOPIC_OR_PARTITION, 'Metadata', { topic });
  return brokerError(metadata.errorCode || Errors.LEADER_NOT_AVAILABLE, 'Metadata', { topic });
}

/** What a held record's caller is told: refusals of the connection as they are, all else by what it means for the record. */
export function undeliverable(held: HeldRecord, reason: Error | undefined, why?: string): Error {
  if (reason && 'code' in reason && (reason.code === 'AUTHENTICATION' || reason.code === 'CLOSED')) return reason;
  const place = { topic: held.topic, partition: held.partition ?? -1, attempts: 0, outcome: 'no' as const };
  const text = [why, reason?.message].filter((part) => part !== undefined).join(': ') || 'no reason known';
  return new DeliveryError(text, place, { retriable: isRetriable(reason), ...(reason && { cause: reason }) });
}
