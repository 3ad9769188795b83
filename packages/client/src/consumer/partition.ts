// One partition a consumer owns: where it is, what of it is buffered, what of it is done.
//
//   unplaced --offset known--> placed --out of range, log cut--> unplaced
//      any --taken away--> removed
//
// `fetchOffset` runs ahead of `position` (what is handed out next), and that ahead of what is done.
import type { RecordsView } from '@hopwire/protocol';
import type { PartitionStart, TopicPartition, TopicPartitionOffset } from '../types.ts';

/** Where the next fetch goes to. */
export type Place =
  /** The offset must be looked up first. `from`: the offset that turned out to be out of range. */
  | { name: 'unplaced'; start: PartitionStart['offset']; from: bigint | null }
  | { name: 'placed'; fetchOffset: bigint; fetchEpoch: number }
  | { name: 'removed' };

/** A partition's share of one fetch: checked, filtered, still compressed. */
export interface FetchedData {
  readonly views: readonly RecordsView[];
  /** First offset that was asked for: records below it are dropped. */
  readonly fetchOffset: bigint;
  /** Where the next fetch goes on; what lies between was control records or compacted away. */
  readonly nextOffset: bigint;
  readonly nextEpoch: number;
  readonly bytes: number;
}

/** What the loop holds: a record or a batch. */
export interface InHand {
  readonly offset: bigint;
  /** The position once this is done. */
  readonly nextOffset: bigint;
}

export class Partition implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  place: Place;
  isPaused = false;
  /** The last fetch of it failed: left alone until metadata was refreshed. */
  isTroubled = false;
  /** Already in the list of partitions with data. */
  isReady = false;
  /** What the loop is working on. Everything before it is done. */
  inHand: InHand | null = null;
  /** `markDone` was called for what is in hand. */
  inHandIsDone = false;
  /** Nothing below this needs to be committed. */
  committedOffset: bigint | null = null;
  highWatermark = -1n;
  lastStableOffset = -1n;
  logStartOffset = -1n;
  /** With `until`: iteration of this partition ends here. */
  end: bigint | null = null;
  readonly queue: FetchedData[] = [];
  bufferedBytes = 0;
  /** Thrown when the loop comes to it; the partition is not fetched meanwhile. */
  failure: Error | null = null;
  /** A follower to fetch from (KIP-392), until a time. */
  readReplica: { nodeId: number; untilMs: number } | null = null;
  /** Grows when one message did not fit (Fetch 0-2 only). */
  growBytes = 0;
  #position: bigint | null = null;
  #positionEpoch = -1;
  #abort: AbortController | null = null;

  constructor(where: TopicPartition, start: PartitionStart['offset']) {
    this.topic = where.topic;
    this.partition = where.partition;
    this.place = { name: 'unplaced', start, from: null };
  }

  /** The next offset to be handed out; null: not known yet. */
  get position(): bigint | null {
    return this.inHand === null ? this.#position : this.inHand.nextOffset;
  }

  get isRemoved(): boolean {
    return this.place.name === 'removed';
  }

  get isFinished(): boolean {
    return this.end !== null && this.inHand === null && this.#position !== null && this.#position >= this.end;
  }

  /** Aborted when the partition is taken away. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.isRemoved) this.#abort.abort();
    return this.#abort.signal;
  }

  /** Goes on at an offset: after a look-up, a seek or a reset. Nothing is committed because of it (CLI-096). */
  placeAt(offset: bigint, leaderEpoch = -1): void {
    this.#clear();
    this.place = { name: 'placed', fetchOffset: offset, fetchEpoch: leaderEpoch };
    this.#position = offset;
    this.#positionEpoch = leaderEpoch;
    this.committedOffset = offset;
  }

  unplace(start: PartitionStart['offset'], from: bigint | null = null): void {
    this.#clear();
    this.place = { name: 'unplaced', start, from };
  }

  /** Taken away: nothing buffered survives, a handler at work is told. */
  remove(): void {
    this.place = { name: 'removed' };
    this.#clear();
    this.#abort?.abort();
  }

  offer(data: FetchedData): void {
    if (this.place.name !== 'placed') return;
    this.queue.push(data);
    this.bufferedBytes += data.bytes;
    this.place = { name: 'placed', fetchOffset: data.nextOffset, fetchEpoch: data.nextEpoch };
  }

  /** The front of the queue was handed out to its end. */
  finishFront(): void {
    const data = this.queue.shift();
    if (!data) return;
    this.bufferedBytes -= data.bytes;
    this.moveTo(data.nextOffset, data.nextEpoch);
  }

  /** What was in hand is done, and everything before `offset`. */
  moveTo(offset: bigint, leaderEpoch: number): void {
    this.inHand = null;
    this.inHandIsDone = false;
    this.#position = offset;
    this.#positionEpoch = leaderEpoch;
  }

  /** The loop was left: what it held comes again, unless it was marked as done. @returns must it come again? */
  letGo(): boolean {
    const held = this.inHand;
    if (held === null) return false;
    const isDone = this.inHandIsDone;
    this.moveTo(isDone ? held.nextOffset : held.offset, this.#positionEpoch);
    return !isDone;
  }

  /** Only the contiguous prefix of done records is ever committed. Null: nothing new. */
  uncommitted(): TopicPartitionOffset | null {
    const offset = this.#doneOffset();
    if (offset === null || offset === this.committedOffset) return null;
    return { topic: this.topic, partition: this.partition, offset, leaderEpoch: this.#positionEpoch };
  }

  /** Epoch under which what is in hand was written. */
  noteEpoch(leaderEpoch: number): void {
    this.#positionEpoch = leaderEpoch;
  }

  #doneOffset(): bigint | null {
    if (this.inHand === null) return this.#position;
    return this.inHandIsDone ? this.inHand.nextOffset : this.inHand.offset;
  }

  #clear(): void {
    this.queue.length = 0;
    this.bufferedBytes = 0;
    this.inHand = null;
    this.inHandIsDone = false;
    this.failure = null;
    this.readReplica = null;
  }
}
