// What stands behind every style of iteration: takes what is buffered, one partition after the other, and keeps the
// account of what is done. Nothing here waits.

import type { ConsumerRecord } from '../consumer-record.ts';
import type { TopicPartition } from '../types.ts';
import { clock } from '../util/clock.ts';
import { nextTurn } from '../util/timers.ts';
import { ConsumerBatch } from './batch.ts';
import { BodyWatch } from './body-watch.ts';
import { Cursor, type ReadPolicy } from './cursor.ts';
import type { FetchBuffer } from './fetch-buffer.ts';
import type { Source } from './iteration.ts';
import type { Partition } from './partition.ts';
import type { InHand, Progress } from './progress.ts';
import type { Made, RecordFactory } from './record.ts';

export interface EngineOptions<K, V> {
  readonly policy: ReadPolicy;
  readonly limit: number;
  readonly factory: RecordFactory<K, V>;
  /** A partition has room again, or came to its end. */
  onProgress(partition: Partition): void;
}

/** For so long records that nobody is to see are passed over without a turn of the event loop. */
const MOST_FRUITLESS_MS = 8;

/** What the loop works on, and in which incarnation of its partition it was handed out. */
interface Held {
  what: InHand;
  readonly partition: Partition;
  readonly progress: Progress;
}

export class Engine<K, V> implements Source<ConsumerRecord<K, V>> {
  readonly #buffer: FetchBuffer;
  readonly #options: EngineOptions<K, V>;
  readonly #body = new BodyWatch();
  #cursor: Cursor | null = null;
  #held: Held | null = null;
  #left: number;
  /** How many records of the limit what is in hand has used. */
  #heldCount = 1;
  #isStopped = false;
  /** A batch is being unpacked, or the event loop has its turn; null: nothing is to be waited for. */
  #waitsFor: Promise<void> | null = null;
  /** Since when nothing was handed out although there is something, of the clock; null: something was. */
  #fruitlessSince: number | null = null;
  /**
   * Nothing is handed out for now: others may have the partitions, or they are about to be replaced. Whoever finds that out
   * sets it; it ends when the loop, which waits now, looks again. What was in hand is done once the loop asks for more, as
   * always.
   */
  isHeld = false;

  constructor(buffer: FetchBuffer, options: EngineOptions<K, V>) {
    this.#buffer = buffer;
    this.#options = options;
    this.#left = options.limit;
  }

  /** No record will be handed out any more: the limit is reached, or the consumer closes. */
  get isOver(): boolean {
    return this.#left <= 0 || this.#isStopped;
  }

  /** What the loop's body works on, even if its partition was taken away meanwhile. */
  get body(): BodyWatch {
    return this.#body;
  }

  /** Hands out nothing more. */
  stop(): void {
    this.#isStopped = true;
    this.#buffer.wake();
  }

  /**
   * The next record; the one before is done with that. Null: nothing buffered.
   *
   * @throws {CorruptBatchError | UndecodableError | ...} once; what was in hand is done, the position stays at the culprit
   */
  take(): Made<K, V> | null {
    this.#body.leave();
    if (this.isHeld || this.isOver) return this.#rest();
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
  #take(): Made<K, V> | null {
    for (;;) {
      const cursor = this.#cursor ?? this.#nextCursor();
      if (cursor === null) return null;
      if (cursor.isStale) {
        this.#settle();
        continue;
      }
      if (this.#waitsFor !== null) return null;
      const view = cursor.step();
      if (view) {
        const record = this.#options.factory(view, cursor.origin);
        if (cursor.isStale) continue; // the deserialiser has sought, or paused
        if (record !== null) return this.#handOut(cursor, record);
      } else if (view === null) this.#finish(cursor);
      else if (cursor.opening !== null) return this.#waitFor(cursor.opening);
      if (this.#isTurnDue()) return this.#waitFor(nextTurn());
    }
  }

  #handOut(cursor: Cursor, record: Made<K, V>): Made<K, V> {
    this.#fruitlessSince = null;
    this.#left--;
    this.#heldCount = 1;
    this.#hand(cursor.partition, record);
    return record;
  }

  /** Records were passed over, or batches without any: others have waited for long enough. */
  #isTurnDue(): boolean {
    const now = clock.now();
    this.#fruitlessSince ??= now;
    return now - this.#fruitlessSince >= MOST_FRUITLESS_MS;
  }

  /** Nothing is handed out before that; what was in hand is done. The loop that waits for the buffer looks again then. */
  #waitFor(what: Promise<void>): null {
    const held = this.#held;
    this.#held = null;
    this.#fruitlessSince = null;
    held?.partition.finish(held.what, held.progress);
    this.#waitsFor = what;
    void what.then(() => {
      if (this.#waitsFor === what) this.#waitsFor = null;
      this.#buffer.wake();
    });
    return null;
  }

  /** What was taken and was not ready is ready now. May it be handed out, or was its partition moved or paused meanwhile? */
  isStillWanted(what: InHand): boolean {
    const held = this.#held;
    if (held?.what !== what) return true; // more was asked for meanwhile, so that this counts as done
    const { progress, isPaused, hold, isRemoved } = held.partition;
    const isOurs = progress === held.progress && !isPaused && hold === null && !isRemoved;
    if (isOurs && !this.isHeld && !this.#isStopped) return true;
    this.letGo();
    return false;
  }

  /** What was taken is left out: it does not count for the limit, and is done when the next one is asked for. */
  leaveOut(what: InHand): void {
    if (this.#held?.what !== what) return;
    this.#left += this.#heldCount;
    this.#heldCount = 0;
  }

  /** The same by batches. */
  get batches(): Source<ConsumerBatch<K, V>> {
    return {
      take: () => this.#takeBatch(),
      isStillWanted: (what) => this.isStillWanted(what),
      leaveOut: (what) => this.leaveOut(what),
    };
  }

  /** As `take`, for all that one fetch gave of a partition. */
  #takeBatch(): ConsumerBatch<K, V> | null {
    this.#body.leave();
    if (this.isHeld || this.isOver) return this.#rest();
    this.#settle();
    for (let cursor = this.#nextCursor(); cursor !== null; cursor = this.#nextCursor()) {
      const before = this.#left;
      const batch = this.#batchOf(cursor);
      this.#cursor = null;
      if (batch !== null) {
        this.#heldCount = before - this.#left;
        this.#hand(cursor.partition, batch);
        return batch;
      }
      this.#finish(cursor);
    }
    return null;
  }

  #batchOf({ partition, data }: Cursor): ConsumerBatch<K, V> | null {
    if (data.views.length === 0) return null;
    const offset = partition.position ?? data.fetchOffset;
    const { policy } = this.#options;
    const open = (): Cursor => new Cursor(partition, data, offset, policy);
    const end = partition.end !== null && partition.end < data.nextOffset ? partition.end : data.nextOffset;
    const range = { offset, nextOffset: this.#cutAtLimit(open(), end) };
    return new ConsumerBatch(partition, range, open, this.#options.factory);
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
    this.#body.leave();
    const held = this.#held;
    if (held === null) return this.#settle();
    this.#held = null;
    this.#drop();
    const comesAgain = held.progress.letGo();
    if (held.partition.progress !== held.progress) return;
    if (comesAgain) this.#left += this.#heldCount;
    this.#trim(held.partition);
  }

  /** What is not in hand any more is done already, or of no use. */
  markDone(what: { offset: bigint; nextOffset: bigint } & TopicPartition): void {
    const partition = this.#held?.partition;
    if (partition?.topic === what.topic && partition.partition === what.partition) partition.account?.markDone(what);
  }

  #hand(partition: Partition, what: InHand): void {
    const { progress } = partition;
    const held = this.#held;
    if (progress === null) return;
    if (held !== null && held.progress === progress) {
      progress.advance(held.what, what);
      held.what = what;
    } else {
      progress.hand(what);
      this.#held = { what, partition, progress };
    }
    this.#body.enter(partition, what);
  }

  #rest(): null {
    this.#settle();
    return null;
  }

  // The loop has asked for more, so what it held is done.
  #settle(): void {
    const held = this.#held;
    const partition = this.#cursor?.partition;
    this.#held = null;
    this.#drop();
    if (held?.partition.finish(held.what, held.progress)) this.#trim(held.partition);
    else if (partition) this.#buffer.enlist(partition);
  }

  #drop(): void {
    this.#cursor = null;
    this.#waitsFor = null;
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
    const { partition } = cursor;
    this.#cursor = null;
    const held = this.#held;
    if (held !== null) {
      this.#held = null;
      partition.finish(held.what, held.progress);
    }
    partition.finishFront();
    this.#options.onProgress(partition);
    this.#buffer.enlist(partition);
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
    this.#cursor = Cursor.atFront(partition, this.#options.policy);
    return this.#cursor;
  }
}
