// What stands behind every style of iteration: takes what is buffered, one partition after the other, and keeps the
// account of what is done. Nothing here waits.

import type { TopicPartition } from '../types.ts';
import { ConsumerBatch, type MakeRecord } from './batch.ts';
import { Cursor } from './cursor.ts';
import type { FetchBuffer } from './fetch-buffer.ts';
import type { InHand, Partition } from './partition.ts';
import type { ConsumerRecord, RecordFactory } from './record.ts';

export interface EngineOptions<K, V> {
  readonly maxBatchBytes: number;
  readonly limit: number;
  readonly factory: RecordFactory<K, V>;
  /** Told of a record whose deserialiser threw: true means leave it out. */
  skips(error: unknown): boolean;
  /** A partition has room again, or came to its end. */
  onProgress(partition: Partition): void;
}

export class Engine<K, V> {
  readonly #buffer: FetchBuffer;
  readonly #options: EngineOptions<K, V>;
  #cursor: Cursor | null = null;
  /** Whose record or batch the loop works on. */
  #holder: Partition | null = null;
  #inBody: InHand | null = null;
  #left: number;
  /** How many records of the limit what is in hand has used. */
  #heldCount = 1;
  #suspended: { freed: () => void } | null = null;

  constructor(buffer: FetchBuffer, options: EngineOptions<K, V>) {
    this.#buffer = buffer;
    this.#options = options;
    this.#left = options.limit;
  }

  get isAtLimit(): boolean {
    return this.#left <= 0;
  }

  /** What the loop's body works on, even if its partition was taken away meanwhile. */
  get inBody(): InHand | null {
    return this.#inBody;
  }

  /** Is the loop's body at work? */
  get isBusy(): boolean {
    return this.#inBody !== null;
  }

  /**
   * The next record; the one before is done with that. Null: nothing buffered.
   *
   * @throws {CorruptBatchError | UndecodableError | ...} once; what was in hand is done, the position stays at the culprit
   */
  take(): (ConsumerRecord<K, V> & InHand) | null {
    this.#inBody = null;
    if (this.#suspended !== null || this.#left <= 0) return this.#rest();
    try {
      return this.#take();
    } catch (error) {
      const culprit = this.#cursor?.partition;
      this.#settle();
      if (culprit) this.#buffer.enlist(culprit);
      throw error;
    }
  }

  // Hot path: one record object per call, offsets are compared by the cursor only where they have to be.
  #take(): (ConsumerRecord<K, V> & InHand) | null {
    for (;;) {
      const cursor = this.#cursor ?? this.#nextCursor();
      if (cursor === null) return null;
      const view = cursor.next();
      if (view === null) {
        this.#finish(cursor);
        continue;
      }
      const { partition } = cursor;
      const record = this.#make(view, cursor.origin);
      if (record === null) continue;
      this.#left--;
      this.#heldCount = 1;
      this.#holder = partition;
      partition.hold(record);
      this.#inBody = record;
      return record;
    }
  }

  /** As `take`, for all that one fetch gave of a partition. */
  takeBatch(): ConsumerBatch<K, V> | null {
    this.#inBody = null;
    if (this.#suspended !== null || this.#left <= 0) return this.#rest();
    this.#settle();
    for (let cursor = this.#nextCursor(); cursor !== null; cursor = this.#nextCursor()) {
      const before = this.#left;
      const batch = this.#batchOf(cursor);
      this.#cursor = null;
      if (batch !== null) {
        this.#heldCount = before - this.#left;
        this.#holder = cursor.partition;
        cursor.partition.hold(batch);
        this.#inBody = batch;
        return batch;
      }
      this.#finish(cursor);
    }
    return null;
  }

  #batchOf({ partition, data }: Cursor): ConsumerBatch<K, V> | null {
    if (data.views.length === 0) return null;
    const offset = partition.position ?? data.fetchOffset;
    const { maxBatchBytes } = this.#options;
    const open = (): Cursor => new Cursor(partition, data, offset, maxBatchBytes);
    const end = partition.end !== null && partition.end < data.nextOffset ? partition.end : data.nextOffset;
    const range = { offset, nextOffset: this.#cutAtLimit(open(), end) };
    return new ConsumerBatch(partition, range, open, this.#make);
  }

  // Counting means decoding, so it is done only when there is a limit.
  #cutAtLimit(cursor: Cursor, end: bigint): bigint {
    if (this.#left === Infinity) return end;
    for (let view = cursor.next(); view !== null; view = cursor.next()) {
      this.#left--;
      if (this.#left === 0) return view.offset + 1n;
    }
    return end;
  }

  /** The loop was left: what it held comes again, unless marked as done. */
  letGo(): void {
    this.#inBody = null;
    this.#suspended?.freed();
    const holder = this.#holder;
    this.#holder = null;
    this.#cursor = null;
    if (holder === null || holder.isRemoved) return;
    if (holder.letGo()) this.#left += this.#heldCount;
    this.#trim(holder);
  }

  /** The partition was taken away, moved or paused: its cursor is worth nothing any more. */
  forget(partition: Partition): void {
    if (this.#cursor?.partition === partition) this.#cursor = null;
  }

  /** What is not in hand any more is done already. */
  markDone(what: InHand & TopicPartition): void {
    const holder = this.#holder;
    if (holder?.topic === what.topic && holder.partition === what.partition) holder.markDone(what);
  }

  /** Hands out nothing more; resolves as soon as the loop's body has ended. */
  suspend(): Promise<void> {
    return new Promise((freed) => {
      this.#suspended = { freed };
      if (!this.isBusy) freed();
    });
  }

  resume(): void {
    this.#suspended?.freed();
    this.#suspended = null;
    this.#buffer.wake();
  }

  #rest(): null {
    this.#settle();
    this.#suspended?.freed();
    return null;
  }

  // The loop has asked for more, so what it held is done.
  #settle(): void {
    const holder = this.#holder;
    this.#holder = null;
    this.#cursor = null;
    const held = holder?.inHand;
    if (!holder || !held || holder.isRemoved) return;
    holder.moveTo(held.nextOffset, holder.queue[0]?.epoch ?? -1);
    this.#trim(holder);
  }

  // Drops what lies before the position at the front of the queue, and puts the partition back in line.
  #trim(partition: Partition): void {
    const front = partition.queue[0];
    const { position } = partition;
    if (front !== undefined && position !== null && position >= front.nextOffset) partition.finishFront();
    this.#options.onProgress(partition);
    this.#buffer.enlist(partition);
  }

  #finish(cursor: Cursor): void {
    this.#cursor = null;
    cursor.partition.finishFront();
    this.#options.onProgress(cursor.partition);
    this.#buffer.enlist(cursor.partition);
  }

  #nextCursor(): Cursor | null {
    this.#settle();
    const partition = this.#buffer.next();
    if (partition === null) return null;
    if (partition.queue.length === 0 && partition.failure !== null) {
      const error = partition.failure;
      partition.failure = null;
      throw error;
    }
    this.#cursor = Cursor.atFront(partition, this.#options.maxBatchBytes);
    return this.#cursor;
  }

  readonly #make: MakeRecord<K, V> = (view, origin) => {
    try {
      return this.#options.factory(view, origin);
    } catch (error) {
      if (this.#options.skips(error)) return null;
      throw error;
    }
  };
}
