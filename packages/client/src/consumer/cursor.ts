// Walks the records of a partition's share of one fetch. A batch is decompressed when its turn comes: at once (`next`), or
// in turns with the event loop (`step`), because a few kilobytes may unpack to a hundred megabytes.
import type { RecordsView, RecordView, RecordWalk } from '@hopwire/protocol';
import type { CorruptBatchError } from '../errors.ts';
import { inTurns } from '../util/in-turns.ts';
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

/** So many records that nobody is to see are passed over in one step. */
const MOST_PASSED = 256;

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
  #opening: Promise<void> | null = null;
  /** Of the batch that was opened last. */
  #failure: unknown = null;

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
        this.#skip(error);
      }
    }
  }

  /**
   * As `next`, but it never takes longer than a few milliseconds. Not for a cursor that `next` is called on.
   *
   * @returns undefined: none yet. It is to be asked again, when `opening` has ended if that is not null
   */
  step(): RecordView | null | undefined {
    try {
      return this.#step();
    } catch (error) {
      this.#skip(error);
      return undefined;
    }
  }

  /** Until the batch is unpacked whose turn it is. Never rejected. */
  get opening(): Promise<void> | null {
    return this.#opening;
  }

  /** @throws {CorruptBatchError} unless what is left of the batch is left out */
  #skip(error: unknown): void {
    const { topic, partition } = this.partition;
    const corrupt = asCorrupt(error, { topic, partition, fetchOffset: this.data.fetchOffset });
    if (!this.#policy.skips(corrupt)) throw corrupt;
    this.#leave();
  }

  #step(): RecordView | null | undefined {
    for (let passed = 0; passed < MOST_PASSED; passed++) {
      const walk = this.#walk;
      if (walk === null) {
        if (this.#isOpening()) return undefined;
        const view = this.data.views[this.#viewIndex];
        if (view === undefined) return null;
        this.#open(view);
        continue;
      }
      if (!walk.advance()) this.#leave();
      else if (this.#isWanted(walk)) return walk;
    }
    return undefined;
  }

  /** @throws what was wrong with the batch that was opened, each time until it is left */
  #isOpening(): boolean {
    if (this.#failure !== null) throw this.#failure;
    return this.#opening !== null;
  }

  #open(view: RecordsView): void {
    this.#describe(view);
    const opened = inTurns(view.walkInSteps({ maxBytes: this.#policy.maxBatchBytes }));
    if (opened instanceof Promise) this.#opening = this.#opened(opened);
    else this.#walk = opened;
  }

  async #opened(walk: Promise<RecordWalk>): Promise<void> {
    try {
      this.#walk = await walk;
    } catch (error) {
      this.#failure = error;
    }
    this.#opening = null;
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
    this.#failure = null;
  }

  #describe({ leaderEpoch, timestampType }: RecordsView): void {
    this.origin = { partition: this.partition, leaderEpoch, timestampType };
  }

  #enter(view: RecordsView): void {
    this.#describe(view);
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
