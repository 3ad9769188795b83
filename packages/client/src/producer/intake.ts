// The way of a record into its batch: room in memory, its topic's partitions, its partition.
//
//   room? --no--> held in the line of Memory --room--.
//     '--yes--> topic known? --no--> held by the topic --a snapshot knows it--> its partition's open batch
//                  '--yes--> the partition that was asked for is not there --> held beyond --asked again--> batch | refused
//
// Those behind a held record of the same topic wait too, so that order stays.
import type { Cluster } from '../cluster/cluster.ts';
import { LONGEST_BEHIND_MS, type MetadataSnapshot } from '../cluster/metadata.ts';
import { asError } from '../errors.ts';
import type { Partitioner } from '../options.ts';
import { clock } from '../util/clock.ts';
import type { Accumulator } from './accumulator.ts';
import type { Delivery } from './delivery.ts';
import { Fullness } from './fullness.ts';
import { HeldRecord, NOT_WAITED_FOR, tooLate, undeliverable } from './held-record.ts';
import type { Line } from './line.ts';
import type { CheckedRecord } from './record.ts';
import { BEYOND, isFinal, ProducedTopic } from './topic.ts';

export interface IntakeOptions {
  readonly bufferBytes: number;
  readonly deliveryTimeoutMs: number;
  readonly partitioner: Partitioner | undefined;
}

export interface IntakeHooks {
  /** A topic has to be looked up. */
  readonly seek: (topic: string) => void;
  /** A record that nobody waits for is lost. */
  readonly lost: (reason: Error) => void;
  /** The topic was deleted and made anew. */
  readonly restarted: (topic: string) => void;
}

export class Intake {
  readonly #cluster: Cluster;
  readonly #accumulator: Accumulator;
  readonly #options: IntakeOptions;
  readonly #hooks: IntakeHooks;
  readonly #fullness: Fullness;
  readonly #topics: Map<string, ProducedTopic> = new Map();
  /** The caller's partitioner is at work. */
  #isChoosing = false;

  constructor(cluster: Cluster, accumulator: Accumulator, options: IntakeOptions, hooks: IntakeHooks) {
    this.#cluster = cluster;
    this.#accumulator = accumulator;
    this.#options = options;
    this.#hooks = hooks;
    this.#fullness = new Fullness(options.bufferBytes, accumulator.outstanding);
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
   * Takes a record that nobody waits for, or whose delivery is that of a stream.
   *
   * @returns false when there is no room
   */
  offer(record: CheckedRecord, delivery: Delivery | null): boolean {
    if (!this.#accumulator.memory.tryReserveAnnounced(record.bytes)) return false;
    try {
      this.#place(record, delivery, 0);
    } catch (error) {
      this.#accumulator.memory.release(record.bytes);
      throw error;
    }
    return true;
  }

  /** Topics about which something has to be found out. */
  wanted(): string[] {
    return [...this.#topics.values()].filter((topic) => topic.isWanting).map(({ name }) => name);
  }

  /** Topics that were written to since this was called last. */
  used(): string[] {
    const used = [...this.#topics.values()].filter((topic) => topic.isUsed || topic.isWanting);
    for (const topic of used) topic.isUsed = false;
    return used.map(({ name }) => name);
  }

  /** Topics that are new in the snapshot, or have changed. */
  learn(snapshot: MetadataSnapshot): void {
    for (const topic of this.#topics.values()) {
      const metadata = snapshot.topics.get(topic.name);
      if (metadata === topic.metadata) continue;
      if (topic.learn(metadata)) this.#hooks.restarted(topic.name);
      if (topic.isWanting) this.#review(topic);
    }
  }

  /** Metadata was asked for, and these topics were among those asked for. */
  answered(topics: readonly string[]): void {
    this.learn(this.#cluster.snapshot);
    for (const name of topics) {
      const topic = this.#topics.get(name);
      if (!topic) continue;
      this.#review(topic);
      this.#reviewBeyond(topic);
      topic.lastError = topic.isUsable ? undefined : topic.unavailable();
      if (topic.isWanting && topic.lastError) topic.complaint.failed(topic.lastError);
      else topic.complaint.worked();
    }
  }

  /** They could not be asked for. */
  failed(topics: readonly string[], reason: Error): void {
    for (const name of topics) {
      const topic = this.#topics.get(name);
      if (!topic) continue;
      topic.lastError = reason;
      if (isFinal(reason)) this.#failAll(topic, reason);
    }
  }

  /** A held record is settled without having found its batch. */
  fail(held: HeldRecord, reason: Error): void {
    if (held.isSettled) return;
    held.isSettled = true;
    if (held.delivery) held.delivery.failed(held.index, reason);
    else this.#hooks.lost(reason);
    this.#emit(held, reason);
    this.#release(held);
  }

  #emit({ topic, partition, bytes, sinceMs }: HeldRecord, error: Error): void {
    if (!this.#cluster.options.onEvent) return;
    const place = { topic, partition: partition ?? -1, records: 1, bytes, attempts: 0 };
    this.#cluster.emit({ type: 'batch', ...place, outcome: 'failed', durationMs: clock.now() - sinceMs, error });
  }

  expire(held: HeldRecord): void {
    const { deliveryTimeoutMs } = this.#options;
    const why = `its delivery timeout of ${deliveryTimeoutMs} ms passed`;
    this.fail(held, this.lateness(held, why, deliveryTimeoutMs));
  }

  /** Why a held record is late: what stood in its way. */
  lateness(held: HeldRecord, why: string, afterMs: number): Error {
    const obstacle = held.isAdmitted ? why : `${why}: ${this.#fullness.describe()}`;
    return tooLate(held, this.obstacleOf(held), obstacle, afterMs);
  }

  /** What stands in its way. */
  obstacleOf(held: HeldRecord): Error | undefined {
    const topic = this.#topics.get(held.topic);
    return topic?.lastError ?? topic?.lacks(held) ?? this.#cluster.obstacle ?? undefined;
  }

  /** The caller of these has gone. All of them are out before room is made: none is let in where another one leaves. */
  withdraw(records: readonly HeldRecord[]): void {
    const going = records.filter((held) => !held.isSettled);
    for (const held of going) held.isSettled = true;
    for (const held of going) this.#release(held);
    if (!this.#cluster.options.onEvent) return;
    for (const held of going) this.#emit(held, undeliverable(held, undefined, NOT_WAITED_FOR));
  }

  #waitForRoom(record: CheckedRecord, delivery: Delivery, index: number): void {
    const held = this.#hold(record, delivery, index);
    held.waitsIn = this.#accumulator.memory.wait(record.bytes, () => {
      held.waitsIn = null;
      if (held.isSettled) return this.#accumulator.memory.release(record.bytes);
      held.isAdmitted = true;
      this.#placeHeld(held);
    });
  }

  #hold(record: CheckedRecord, delivery: Delivery | null, index: number): HeldRecord {
    const times = { deadlineMs: this.#accumulator.deadlineMs(), sinceMs: clock.now() };
    const held = new HeldRecord(record, { delivery, index }, times);
    delivery?.placed(held, index);
    this.#accumulator.hold(held);
    return held;
  }

  #release(held: HeldRecord): void {
    held.waitsIn?.leave();
    held.waitsIn = null;
    this.#accumulator.outstanding.remove(held);
    if (!held.isAdmitted) return;
    held.isAdmitted = false;
    this.#accumulator.memory.release(held.bytes);
  }

  #place(record: CheckedRecord, delivery: Delivery | null, index: number): void {
    const topic = this.#topic(record.topic);
    topic.isUsed = true;
    if (topic.held.size === 0 && topic.isUsable && !this.#isChoosing) {
      const partition = this.#choose(topic, record);
      if (delivery?.isSettled) {
        this.#accumulator.memory.release(record.bytes); // withdrawn by what the partitioner did
        return;
      }
      if (partition !== BEYOND) {
        this.#accumulator.append(this.#accumulator.queue(topic.name, partition), record, delivery, index);
        return;
      }
      this.#keep(topic, topic.beyond, this.#hold(record, delivery, index));
    } else this.#keep(topic, topic.held, this.#hold(record, delivery, index));
  }

  /** The topic has the record until more is known. Its memory is reserved. */
  #keep(topic: ProducedTopic, line: Line<HeldRecord>, held: HeldRecord): void {
    held.isAdmitted = true;
    const link = line.push(held);
    held.waitsIn = { leave: () => link.remove() };
    if (!topic.isUsable || line === topic.beyond) this.#hooks.seek(topic.name);
    else if (this.#isChoosing) clock.afterIo(() => this.#review(topic)); // sent by a partitioner
  }

  #placeHeld(held: HeldRecord): void {
    const topic = this.#topic(held.topic);
    if (topic.held.size > 0 || !topic.isUsable || this.#isChoosing) this.#keep(topic, topic.held, held);
    else this.#append(topic, held);
  }

  #append(topic: ProducedTopic, held: HeldRecord | undefined): void {
    if (!held) return;
    held.waitsIn?.leave(); // its memory stays reserved
    held.waitsIn = null;
    try {
      const partition = this.#choose(topic, held);
      if (held.isSettled) return; // by what the partitioner did
      if (partition === BEYOND) {
        this.#keep(topic, topic.beyond, held);
        return;
      }
      const queue = this.#accumulator.queue(topic.name, partition);
      const batch = this.#accumulator.append(queue, held, held.delivery, held.index, held.deadlineMs);
      held.isSettled = true;
      held.isAdmitted = false;
      this.#accumulator.outstanding.replace(held, [batch]);
    } catch (error) {
      this.fail(held, asError(error));
    }
  }

  #choose(topic: ProducedTopic, record: CheckedRecord | HeldRecord): number {
    const before = this.#isChoosing;
    this.#isChoosing = true;
    try {
      return topic.choose(record, this.#options.partitioner);
    } finally {
      this.#isChoosing = before;
    }
  }

  #topic(name: string): ProducedTopic {
    let topic = this.#topics.get(name);
    if (!topic) {
      topic = new ProducedTopic(name, this.#cluster.options.logger);
      topic.learn(this.#cluster.snapshot.topics.get(name));
      this.#topics.set(name, topic);
    }
    return topic;
  }

  /** More is known: what was held finds its partition, or is refused. */
  #review(topic: ProducedTopic): void {
    const refusal = topic.refusal;
    if (refusal) {
      this.#failAll(topic, refusal);
      return;
    }
    if (!topic.isUsable || this.#isChoosing) return;
    // What the partitioner sends meanwhile is behind those, and waits for the next turn.
    for (let left = topic.held.size; left > 0; left--) this.#append(topic, topic.held.first);
    for (const held of topic.beyond) if ((held.partition ?? 0) < topic.partitions) this.#append(topic, held);
  }

  /** All who were asked for longer than a broker can be behind know no such partition: it was not made just now. */
  #reviewBeyond(topic: ProducedTopic): void {
    if (topic.metadata?.errorCode !== 0) return;
    const latestMs = clock.now() - LONGEST_BEHIND_MS;
    for (const held of [...topic.beyond]) {
      const reason = held.sinceMs <= latestMs && topic.lacks(held);
      if (reason) this.fail(held, reason);
    }
  }

  /** With one error for each partition. */
  #failAll(topic: ProducedTopic, reason: Error): void {
    const reasons = new Map<number | null, Error>();
    for (const line of [topic.held, topic.beyond]) {
      // What callbacks send meanwhile waits for the next answer.
      for (const held of [...line]) {
        const why = reasons.get(held.partition) ?? undeliverable(held, reason);
        reasons.set(held.partition, why);
        this.fail(held, why);
      }
    }
  }
}
