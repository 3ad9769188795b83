// The log of one partition in memory: batches as bytes, in segments, so that a fetch is a view and not a copy.
//
// There are no followers, so the high watermark and the last stable offset are the log end. Not emulated: retention
// and compaction by time; `deleteUpTo` and `truncateTo` do what they would do, when a test says so.
import { BatchView, patchAppendTime, patchBaseOffset, type RecordView } from '@hopwire/protocol';

const FIRST_SEGMENT = 64 * 1024;
const LARGEST_SEGMENT = 4 * 1024 * 1024;

interface Segment {
  readonly buffer: Buffer;
  length: number;
}

interface StoredBatch {
  readonly baseOffset: bigint;
  readonly lastOffset: bigint;
  readonly segment: Segment;
  readonly start: number;
  readonly end: number;
  readonly maxTimestamp: number;
  readonly leaderEpoch: number;
}

/** An offset with the timestamp and the epoch of its record. */
export interface FoundOffset {
  readonly offset: bigint;
  readonly timestamp: bigint;
  readonly leaderEpoch: number;
}

/** One partition's records. */
export class PartitionLog {
  #batches: StoredBatch[] = [];
  #segment: Segment = { buffer: Buffer.alloc(0), length: 0 };
  #start = 0n;
  #end = 0n;
  /** Where each leader epoch began, oldest first. */
  #epochs: { readonly epoch: number; readonly start: bigint }[] = [];
  readonly #listeners = new Set<() => void>();

  /** First offset that is still there. */
  get start(): bigint {
    return this.#start;
  }

  /** High watermark and log end. */
  get end(): bigint {
    return this.#end;
  }

  /**
   * Stores a batch of magic 2 that was checked before.
   *
   * @param appendTime set: LogAppendTime, the batch's timestamps become this one
   * @returns the offset of its first record
   */
  append(batch: Buffer, leaderEpoch: number, appendTime: number | null = null): bigint {
    const segment = this.#roomFor(batch.length);
    const start = segment.length;
    batch.copy(segment.buffer, start);
    segment.length += batch.length;
    const bytes = segment.buffer.subarray(start, segment.length);
    patchBaseOffset(bytes, this.#end, leaderEpoch);
    if (appendTime !== null) patchAppendTime(bytes, appendTime);
    const { baseOffset, lastOffset, maxTimestamp } = BatchView.at(bytes, 0);
    this.#batches.push({ baseOffset, lastOffset, segment, start, end: segment.length, maxTimestamp, leaderEpoch });
    this.#end = lastOffset + 1n;
    for (const listener of [...this.#listeners]) listener();
    return baseOffset;
  }

  /**
   * Whole batches from the one that holds `offset`.
   *
   * @param atLeastOne the first batch is returned even when it is larger than `maxBytes` (KIP-74)
   */
  read(offset: bigint, maxBytes: number, atLeastOne: boolean): Buffer {
    const from = this.#indexOf(offset);
    const first = this.#batches[from];
    if (!first) return Buffer.alloc(0);
    let end = first.end;
    if (end - first.start > maxBytes && !atLeastOne) return Buffer.alloc(0);
    for (let i = from + 1; i < this.#batches.length; i++) {
      const next = this.#batches[i];
      if (!next || next.segment !== first.segment || next.start !== end || next.end - first.start > maxBytes) break;
      end = next.end;
    }
    return first.segment.buffer.subarray(first.start, end);
  }

  /** Calls back on every change of the log until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** First record whose timestamp is at least the given one. */
  firstAt(timestamp: bigint): FoundOffset | null {
    for (const batch of this.#batches) {
      if (BigInt(batch.maxTimestamp) < timestamp) continue;
      const found = this.#find(batch, (record) => BigInt(record.timestampMs) >= timestamp);
      if (found) return found;
    }
    return null;
  }

  /** The record with the largest timestamp (KIP-734). */
  latestTimestamp(): FoundOffset | null {
    let newest: StoredBatch | undefined;
    for (const batch of this.#batches) if (!newest || batch.maxTimestamp > newest.maxTimestamp) newest = batch;
    if (!newest) return null;
    const { maxTimestamp } = newest;
    return this.#find(newest, (record) => record.timestampMs === maxTimestamp);
  }

  /** A leader begins: what is appended from here on is of its epoch. */
  beginEpoch(epoch: number): void {
    // An epoch in which nothing was written leaves no trace, as in Kafka.
    this.#epochs = this.#epochs.filter(({ start }) => start < this.#end);
    this.#epochs.push({ epoch, start: this.#end });
  }

  /** Where the given epoch, or the last one before it, ends (KIP-320); null: it is not known. */
  endOfEpoch(epoch: number): { epoch: number; endOffset: bigint } | null {
    if (this.#epochs.at(-1)?.epoch === epoch) return { epoch, endOffset: this.#end };
    const next = this.#epochs.find((known) => known.epoch > epoch);
    if (!next) return null;
    const floor = this.#epochs.findLast((known) => known.epoch <= epoch);
    return { epoch: floor?.epoch ?? epoch, endOffset: next.start };
  }

  /** Epoch of the record at, or of the last one before, an offset; -1 in an empty log. */
  epochAt(offset: bigint): number {
    const batch = this.#batches[this.#indexOf(offset)] ?? this.#batches.at(-1);
    return batch?.leaderEpoch ?? -1;
  }

  /** The batches that are still there, those that begin before the log start too. */
  *batches(): Iterable<BatchView> {
    for (const batch of this.#batches) yield viewOf(batch);
  }

  /** Everything that can still be read. */
  *records(): Iterable<RecordView> {
    for (const batch of this.#batches) {
      for (const record of viewOf(batch).records()) if (record.offset >= this.#start) yield record;
    }
  }

  /** Moves the log start, as DeleteRecords and retention do. */
  deleteUpTo(offset: bigint): void {
    this.#start = offset > this.#end ? this.#end : offset;
    this.#batches = this.#batches.filter((batch) => batch.lastOffset >= this.#start);
    for (const listener of [...this.#listeners]) listener();
  }

  /** Cuts the end off, as an unclean leader election does: the batch that holds `offset` and all later ones are gone. */
  truncateTo(offset: bigint): void {
    this.#batches = this.#batches.filter((batch) => batch.lastOffset < offset);
    this.#end = (this.#batches.at(-1)?.lastOffset ?? this.#start - 1n) + 1n;
    this.#epochs = this.#epochs.filter(({ start }) => start < this.#end);
    for (const listener of [...this.#listeners]) listener();
  }

  #find(batch: StoredBatch, wanted: (record: RecordView) => boolean): FoundOffset | null {
    for (const record of viewOf(batch).records()) {
      if (record.offset < this.#start || !wanted(record)) continue;
      return { offset: record.offset, timestamp: BigInt(record.timestampMs), leaderEpoch: batch.leaderEpoch };
    }
    return null;
  }

  /** Index of the first batch that ends at or after the offset. */
  #indexOf(offset: bigint): number {
    let low = 0;
    let high = this.#batches.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const batch = this.#batches[middle];
      if (batch && batch.lastOffset < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #roomFor(size: number): Segment {
    if (this.#segment.buffer.length - this.#segment.length >= size) return this.#segment;
    const next = Math.min(LARGEST_SEGMENT, Math.max(FIRST_SEGMENT, 2 * this.#segment.buffer.length));
    this.#segment = { buffer: Buffer.allocUnsafeSlow(Math.max(next, size)), length: 0 };
    return this.#segment;
  }
}

function viewOf(batch: StoredBatch): BatchView {
  return BatchView.at(batch.segment.buffer.subarray(batch.start, batch.end), 0);
}
