// A partition's records of one fetch, as `batches()` gives them.

import type { ConsumerRecord } from '../consumer-record.ts';
import { clock } from '../util/clock.ts';
import { nextTurn } from '../util/timers.ts';
import type { Cursor } from './cursor.ts';
import type { Partition } from './partition.ts';
import { Pending } from './pending.ts';
import type { InHand } from './progress.ts';
import type { Made, RecordFactory } from './record.ts';
import { showAs } from './shown.ts';

/** The event loop waits for so long at most, if the body takes no time. */
const SLICE_MS = 5;

const NEEDS_AWAIT = 'a deserialiser of this consumer answers with a promise: read the batch with `for await`';

/** A partition's records of one fetch. Iterating decodes; it may be done once, many times, or not at all. */
export class ConsumerBatch<K = Buffer | null, V = Buffer | null> implements Iterable<ConsumerRecord<K, V>>, InHand {
  /** Where the batch begins. */
  readonly offset: bigint;
  /** Where reading goes on after it: past its last record, or further if control or compacted records follow. */
  readonly nextOffset: bigint;
  /** End of the log as the fetch saw it. */
  readonly highWatermark: bigint;
  readonly #partition: Partition;
  readonly #open: () => Cursor;
  readonly #make: RecordFactory<K, V>;
  #offsets: bigint[] | null = null;

  constructor(
    partition: Partition,
    range: { offset: bigint; nextOffset: bigint },
    open: () => Cursor,
    make: RecordFactory<K, V>,
  ) {
    this.offset = range.offset;
    this.nextOffset = range.nextOffset;
    this.highWatermark = partition.logEnd.highWatermark;
    this.#partition = partition;
    this.#open = open;
    this.#make = make;
  }

  get topic(): string {
    return this.#partition.topic;
  }

  get partition(): number {
    return this.#partition.partition;
  }

  /** Aborted when the partition is taken away. */
  get signal(): AbortSignal {
    return this.#partition.signal;
  }

  /** @throws {TypeError} when a deserialiser answers with a promise: then use `for await` */
  *[Symbol.iterator](): Iterator<ConsumerRecord<K, V>> {
    const cursor = this.#open();
    for (let view = cursor.next(); view !== null && view.offset < this.nextOffset; view = cursor.next()) {
      const record = this.#make(view, cursor.origin);
      if (record instanceof Pending) throw new TypeError(NEEDS_AWAIT);
      if (record !== null) yield record;
    }
  }

  /**
   * As the plain iteration, and also where deserialisers answer with promises. Timers and sockets have their turns while a
   * large batch is unpacked and read.
   */
  async *[Symbol.asyncIterator](): AsyncIterator<ConsumerRecord<K, V>> {
    const cursor = this.#open();
    let since = clock.now();
    for (let view = cursor.step(); view !== null; view = cursor.step()) {
      if (view !== undefined && view.offset >= this.nextOffset) return;
      let record: Made<K, V> | ConsumerRecord<K, V> | null = view ? this.#make(view, cursor.origin) : null;
      if (record instanceof Pending) {
        const outcome = await record.outcome(this.signal);
        if (outcome === null) return; // taken away, perhaps by a close
        record = record.judge(outcome);
      }
      if (record !== null) yield record;
      else if (cursor.opening !== null) await cursor.opening;
      if (clock.now() - since < SLICE_MS) continue;
      await nextTurn();
      since = clock.now();
    }
  }

  /** For the account of what is done: offset of the first record at or after this one; `nextOffset` if there is none. */
  recordAt(from: bigint): bigint {
    this.#offsets ??= [...this.#offsetsInOrder()];
    let low = 0;
    for (let high = this.#offsets.length; low < high; ) {
      const middle = (low + high) >>> 1;
      if ((this.#offsets[middle] ?? from) < from) low = middle + 1;
      else high = middle;
    }
    return this.#offsets[low] ?? this.nextOffset;
  }

  /** All of them, as a list. */
  records(): ConsumerRecord<K, V>[] {
    return [...this];
  }

  /** Where it is, without its records: there may be a million. */
  toJSON(): { topic: string; partition: number; offset: string; nextOffset: string } {
    const { topic, partition, offset, nextOffset } = this;
    return { topic, partition, offset: String(offset), nextOffset: String(nextOffset) };
  }

  *#offsetsInOrder(): Iterable<bigint> {
    const cursor = this.#open();
    for (let view = cursor.next(); view !== null && view.offset < this.nextOffset; view = cursor.next()) {
      yield view.offset;
    }
  }
}

showAs('ConsumerBatch', ConsumerBatch, ({ topic, partition, offset, nextOffset, highWatermark }) => {
  return { topic, partition, offset, nextOffset, highWatermark };
});
