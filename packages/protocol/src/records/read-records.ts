// Every record of a fetch's or produce's bytes as plain data: for tools that look into them. A consumer, which has to
// be fast, takes `batchesOf` and its views.
import { asBuffer } from '../wire/as-buffer.ts';
import { BatchView } from './batch-view.ts';
import type { CompressionName } from './compression/index.ts';
import type { MessageSetView } from './message-set.ts';
import type { Header, RecordView } from './record.ts';
import { batchesOf, partialBytesOf } from './records.ts';
import { sequenceAfter } from './sequence.ts';

/** What the records of one batch have in common. A message of magic 0 or 1 outside of a wrapper is its own batch. */
export interface BatchFacts {
  /** 0: before Kafka 0.10. 1: before 0.11. 2: since. */
  readonly magic: number;
  readonly codec: CompressionName;
  readonly baseOffset: bigint;
  /** May lie behind the last record, when compaction removed that one. */
  readonly lastOffset: bigint;
  /** All bytes of the batch as they lie there, compressed or not. */
  readonly sizeInBytes: number;
  /** -1: none, as in magic 0 and 1. */
  readonly producerId: bigint;
  /** -1: none. */
  readonly producerEpoch: number;
  /** Sequence of the first record; -1: none. */
  readonly baseSequence: number;
  readonly isTransactional: boolean;
  /** Its records are markers of a broker: see `readControlRecord`. */
  readonly isControl: boolean;
  /** Of the leader that appended the batch; -1: unknown. */
  readonly leaderEpoch: number;
}

/** One record and the facts of its batch. Byte fields are views into the bytes it was read from. */
export interface ReadRecord {
  readonly offset: bigint;
  /** Milliseconds since 1970; -1: none, as in magic 0. */
  readonly timestampMs: number;
  /** Who gave the time: the producer (`create`), or the broker (`append`). */
  readonly timestampType: 'create' | 'append';
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly Header[];
  /** Of an idempotent producer; -1: none. */
  readonly sequence: number;
  /** One object for all records of the batch. */
  readonly batch: BatchFacts;
}

/** How much is believed. */
export interface ReadRecordsOptions {
  /** Checksums are compared unless this is false. */
  readonly verify?: boolean;
  /** What one compressed batch may unpack to; default 256 MiB. */
  readonly maxBytes?: number;
}

/** Records that are read while they are iterated, each time from the first. */
export interface ReadRecords extends Iterable<ReadRecord> {
  /** Bytes at the end of a batch that is not all there, as a fetch may leave them; 0 when nothing is missing. */
  readonly partialBytes: number;
}

/**
 * The records of batches and message sets of any magic, in any mix.
 *
 * @param bytes what a Fetch answer or a Produce request has in `records`; null has none
 * @throws {CorruptBatchError} at once for sizes that cannot be; while iterating for a wrong checksum or structure, and
 * for a batch that unpacks to more than `maxBytes`
 * @example
 * const records = readRecords(partition.records);
 * for (const { offset, key, value, batch } of records) console.log(offset, `${key}`, `${value}`, batch.codec);
 * if (records.partialBytes > 0) console.log('the next fetch brings the rest');
 */
export function readRecords(bytes: Uint8Array | null, options: ReadRecordsOptions = {}): ReadRecords {
  const buffer = bytes === null ? Buffer.alloc(0) : asBuffer(bytes);
  return { partialBytes: partialBytesOf(buffer), [Symbol.iterator]: () => recordsOf(buffer, options) };
}

function* recordsOf(buffer: Buffer, { verify = true, ...limits }: ReadRecordsOptions): Generator<ReadRecord, void> {
  for (const view of batchesOf(buffer)) {
    if (verify) view.verify();
    // Before the facts, which would unpack a wrapper without knowing the limit.
    const records = view.records(limits);
    const batch = factsOf(view);
    for (const record of records) yield plainRecord(record, view.timestampType, batch);
  }
}

function plainRecord(record: RecordView, timestampType: 'create' | 'append', batch: BatchFacts): ReadRecord {
  const { offset, timestampMs, key, value, headers } = record;
  const sequence = sequenceAfter(batch.baseSequence, Number(offset - batch.baseOffset));
  return { offset, timestampMs, timestampType, key, value, headers, sequence, batch };
}

function factsOf(view: BatchView | MessageSetView): BatchFacts {
  const { magic, codec, baseOffset, lastOffset, sizeInBytes, producerId, isTransactional, isControl, leaderEpoch } =
    view;
  const { producerEpoch, baseSequence } = view instanceof BatchView ? view : { producerEpoch: -1, baseSequence: -1 };
  return {
    magic,
    codec,
    baseOffset,
    lastOffset,
    sizeInBytes,
    producerId,
    producerEpoch,
    baseSequence,
    isTransactional,
    isControl,
    leaderEpoch,
  };
}
