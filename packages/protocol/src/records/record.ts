// What a reader gets for one record, whatever the format it was stored in.
import type { Steps } from '../steps.ts';

/**
 * A header as it is read. Names may repeat and keep their order. Bytes of a name that are not UTF-8 stand in it as halves
 * of surrogate pairs, U+DC80 to U+DCFF, and are written again as they were.
 */
export type Header = readonly [name: string, value: Buffer | null];

/** A header as it may be written; a string is written as UTF-8. */
export type HeaderInput = readonly [name: string, value: Uint8Array | string | null];

/** Bytes of a key or value as they may be written; a string is written as UTF-8. */
export type RecordBytes = Uint8Array | string | null;

/** One record. Byte fields are views that pin the batch they lie in, decoded when touched. */
export interface RecordView {
  readonly offset: bigint;
  /** Milliseconds since 1970; -1: none. Beyond 2^53 (nobody's milliseconds) rounded to the nearest double. */
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly Header[];
}

/** Goes from record to record without making an object for each: its fields are those of the record where it stands. */
export interface RecordWalk extends RecordView {
  /**
   * To the next record; at first to the first one.
   *
   * @returns false: there is none, and the fields mean nothing
   * @throws {CorruptBatchError} at the first thing that does not add up
   */
  advance(): boolean;
}

/** What batches of all three formats have in common. */
export interface RecordsView {
  readonly magic: number;
  readonly baseOffset: bigint;
  /** The next fetch goes to this plus one. */
  readonly lastOffset: bigint;
  /** All bytes, the prefix of offset and size included. */
  readonly sizeInBytes: number;
  readonly isControl: boolean;
  readonly isTransactional: boolean;
  /** -1: none. */
  readonly producerId: bigint;
  /** -1: unknown. */
  readonly leaderEpoch: number;
  readonly timestampType: 'create' | 'append';
  /** @throws {CorruptBatchError} when the checksum is wrong */
  verify(): void;
  /**
   * Finds out `baseOffset` and `lastOffset` within a limit. Those of a wrapper of old messages stand inside: it is
   * unpacked for that, and what was unpacked is not kept.
   *
   * @returns how many bytes were unpacked
   * @throws {CorruptBatchError} when it unpacks to more than `maxBytes` (default 256 MiB), or to nonsense
   */
  locate(options?: RecordsOptions): number;
  /** `verify` and `locate` in steps, however large the batch is. */
  checkInSteps(options?: RecordsOptions): Steps<number>;
  /**
   * @param options `maxBytes`: what a compressed batch may unpack to (default 256 MiB)
   * @throws {CorruptBatchError} while iterating, at the first thing that does not add up
   */
  records(options?: RecordsOptions): Iterable<RecordView>;
  /** As `records()`, for who goes through very many and keeps none. */
  walk(options?: RecordsOptions): RecordWalk;
  /** The same, unpacked in steps. */
  walkInSteps(options?: RecordsOptions): Steps<RecordWalk>;
}

/** How much is believed. */
export interface RecordsOptions {
  readonly maxBytes?: number;
}

/** What a compressed batch may unpack to, unless told otherwise. */
export const DEFAULT_MAX_UNPACKED_BYTES: number = 256 * 1024 * 1024;
