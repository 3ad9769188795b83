// Walks the records of a partition's share of one fetch. A batch is decompressed when its turn comes.
import type { RecordsView, RecordView, RecordWalk } from '@hopwire/protocol';
import type { CorruptBatchError } from '../errors.ts';
import { asCorrupt } from './fetch-response.ts';
import type { FetchedData } from './fetched.ts';
import type { Partition } from './partition.ts';
import type { RecordOrigin } from './record.ts';

/** What is done with batches that cannot be read. */
export interface ReadPolicy {
  /** What one batch may unpack to. */
  readonly maxBatchBytes: number;
  /** Told of a batch that is corrupt, or unpacks to more: true means leave out what is left of it. */
  skips(error: CorruptBatchError): boolean;
}

export class Cursor {
  readonly partition: Partition;
  readonly data: FetchedData;
  /** What the records of the current batch share. */
  origin: RecordOrigin;
  readonly #incarnation: number;
  readonly #policy: ReadPolicy;
  readonly #end: bigint | null;
  #from: bigint | null;
  #viewIndex = 0;
  #walk: RecordWalk | null = null;

  /** @param from records below it are dropped */
  constructor(partition: Partition, data: FetchedData, from: bigint, policy: ReadPolicy) {
    this.partition = partition;
    this.data = data;
    this.origin = { partition, leaderEpoch: -1, timestampType: 'create' };
    this.#incarnation = partition.incarnation;
    this.#policy = policy;
    this.#end = partition.end;
    this.#from = from;
  }

  /** The front of a partition's queue, from its position on. */
  static atFront(partition: Partition, policy: ReadPolicy): Cursor | null {
    const data = partition.queue[0];
    if (data === undefined) return null;
    const { position } = partition;
    const from = position !== null && position > data.fetchOffset ? position : data.fetchOffset;
    return new Cursor(partition, data, from, policy);
  }

  /** Has the partition been moved, paused or taken away since? Then nothing of this may be handed out. */
  get isStale(): boolean {
    const { incarnation, hold, isPaused } = this.partition;
    return incarnation !== this.#incarnation || isPaused || hold !== null;
  }

  /**
   * The next record, or null at the end. It is the same object each time: take out of it what is needed.
   *
   * @throws {CorruptBatchError} when a batch does not decompress or its structure is wrong, unless it is skipped
   */
  next(): RecordView | null {
    for (;;) {
      try {
        return this.#next();
      } catch (error) {
        const { topic, partition } = this.partition;
        const corrupt = asCorrupt(error, { topic, partition, fetchOffset: this.data.fetchOffset });
        if (!this.#policy.skips(corrupt)) throw corrupt;
        this.#leave();
      }
    }
  }

  #next(): RecordView | null {
    for (;;) {
      const walk = this.#walk;
      if (walk === null) {
        const view = this.data.views[this.#viewIndex];
        if (view === undefined) return null;
        this.#enter(view);
        continue;
      }
      if (!walk.advance()) this.#leave();
      else if (this.#isWanted(walk)) return walk;
    }
  }

  #leave(): void {
    this.#viewIndex++;
    this.#walk = null;
  }

  #enter(view: RecordsView): void {
    const { leaderEpoch, timestampType } = view;
    this.origin = { partition: this.partition, leaderEpoch, timestampType };
    this.#walk = view.walk({ maxBytes: this.#policy.maxBatchBytes });
  }

  // Offsets are compared only until the first record that counts, and when iteration has an end.
  #isWanted(record: RecordView): boolean {
    if (this.#from !== null) {
      if (record.offset < this.#from) return false;
      this.#from = null;
    }
    return this.#end === null || record.offset < this.#end;
  }
}
