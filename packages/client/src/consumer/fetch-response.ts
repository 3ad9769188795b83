// One partition's bytes of a fetch -> batches that may be handed out: checked, filtered, not yet decompressed.
import { batchesOf, type RecordsView, type Steps } from '@hopwire/protocol';
import { CorruptBatchError } from '../errors.ts';
import type { TopicPartition } from '../types.ts';
import { AbortedFilter, type AbortedTransaction } from './aborted.ts';
import type { EpochSpan } from './epochs.ts';
import type { Answer, FetchedData } from './fetched.ts';

export interface PartitionBytes {
  readonly records: Buffer | null;
  readonly abortedTransactions: readonly AbortedTransaction[] | null;
}

export interface ReadOptions extends TopicPartition {
  /** What was asked for. A batch may begin below it. */
  readonly fetchOffset: bigint;
  readonly fetchEpoch: number;
  readonly isolation: 'read_committed' | 'read_uncommitted';
  /** What one batch may unpack to. */
  readonly maxBatchBytes: number;
  /** The whole answer, of which this is a part. */
  readonly answer: Answer;
}

export interface ReadResult {
  readonly data: FetchedData;
  /** Bytes came, but not one whole batch: only Fetch 0-2 may do that, and the limit has to grow. */
  readonly isCut: boolean;
}

/**
 * Wrappers of old messages have to be unpacked to know where they end. When so much was unpacked the rest is left to the
 * next fetch, so that the first of an answer full of them is handed out before all are known.
 */
const MOST_UNPACKED_BYTES = 16 * 1024 * 1024;

/**
 * A corrupt batch behind good ones ends the data before it: the next fetch begins with it and fails.
 *
 * @throws {CorruptBatchError} when the first batch is the corrupt one; nothing of it is delivered
 */
export function* readPartition(bytes: PartitionBytes, o: ReadOptions): Steps<ReadResult> {
  const records = bytes.records ?? Buffer.alloc(0);
  const reading = new Reading(bytes.abortedTransactions, o);
  try {
    for (const view of batchesOf(records)) {
      yield* reading.take(view);
      if (reading.unpackedBytes > MOST_UNPACKED_BYTES) break;
      yield;
    }
  } catch (error) {
    if (reading.nextOffset === o.fetchOffset) throw asCorrupt(error, o);
  }
  return { data: reading.end(records), isCut: records.length > 0 && reading.batches === 0 };
}

class Reading {
  nextOffset: bigint;
  batches = 0;
  unpackedBytes = 0;
  readonly #options: ReadOptions;
  readonly #filter: AbortedFilter;
  readonly #views: RecordsView[] = [];
  readonly #kept: number[] = [];
  #bytes = 0;
  #nextEpoch: number;
  readonly #epochs: EpochSpan[] = [];

  constructor(aborted: readonly AbortedTransaction[] | null, options: ReadOptions) {
    this.#options = options;
    this.#filter = new AbortedFilter(options.isolation === 'read_committed' ? aborted : null, options.maxBatchBytes);
    this.nextOffset = options.fetchOffset;
    this.#nextEpoch = options.fetchEpoch;
  }

  *take(view: RecordsView): Steps<void> {
    this.unpackedBytes += yield* view.checkInSteps({ maxBytes: this.#options.maxBatchBytes });
    this.batches++;
    const isDropped = yield* this.#filter.drops(view);
    const { lastOffset, leaderEpoch } = view;
    if (lastOffset < this.nextOffset) return;
    if (this.#epochs.at(-1)?.epoch !== leaderEpoch) this.#epochs.push({ from: this.nextOffset, epoch: leaderEpoch });
    // Even an empty batch, or one whose tail was compacted away, moves the position past its last offset (CLI-028).
    this.nextOffset = lastOffset + 1n;
    this.#nextEpoch = leaderEpoch;
    if (isDropped) return;
    this.#views.push(view);
    this.#kept.push(this.batches - 1);
    this.#bytes += view.sizeInBytes;
  }

  end(records: Buffer): FetchedData {
    const { answer } = this.#options;
    answer.add(this.#bytes);
    return {
      views: this.#views,
      fetchOffset: this.#options.fetchOffset,
      nextOffset: this.nextOffset,
      nextEpoch: this.#nextEpoch,
      epochs: this.#epochs,
      bytes: this.#bytes,
      origin: { answer, records, kept: this.#kept },
    };
  }
}

/** The protocol's complaint with topic and partition. */
export function asCorrupt(error: unknown, at: TopicPartition & { fetchOffset: bigint }): CorruptBatchError {
  const known = error instanceof Error && 'offset' in error && typeof error.offset === 'bigint' ? error.offset : null;
  return new CorruptBatchError(at.topic, at.partition, known ?? at.fetchOffset, error);
}
