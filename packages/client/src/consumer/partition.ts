// One partition a consumer owns: where it is, what of it is buffered, what of it is done.
//
//   unplaced --offset known--> placed --out of range, log cut--> unplaced
//      any --taken away--> removed
//
// `fetchOffset` runs ahead of `position` (what is handed out next), and that ahead of what is done.
import type { RecordsView } from '@hopwire/protocol';
import type { StartAt } from '../options.ts';
import type { PartitionStart, TopicPartition, TopicPartitionOffset } from '../types.ts';

/** Everything a position can be looked up from. */
export type Start = PartitionStart['offset'] | StartAt | 'nearest';

/** Where the next fetch goes to. */
export type Place =
  /** The offset must be looked up first. `from`: the offset that turned out to be out of range. */
  | { name: 'unplaced'; start: Start; from: bigint | null }
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
  /** The one leader epoch of all its batches; -1: several, or unknown. */
  readonly epoch: number;
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
  /** Offset up to which `markDone` was called within what is in hand. */
  #markedUpTo: bigint | null = null;
  /** Marked out of order: not contiguous with the above yet. */
  #markedBeyond: Set<bigint> | null = null;
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

  constructor(where: TopicPartition, start: Start) {
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

  unplace(start: Start, from: bigint | null = null): void {
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
    const isPastEnd = this.end !== null && data.nextOffset > this.end && data.fetchOffset < this.end;
    this.moveTo(isPastEnd && this.end !== null ? this.end : data.nextOffset, isPastEnd ? data.epoch : data.nextEpoch);
  }

  /** What was in hand is done, and everything before `offset`. */
  moveTo(offset: bigint, leaderEpoch: number): void {
    this.#unmark();
    this.inHand = null;
    this.#position = offset;
    this.#positionEpoch = leaderEpoch;
  }

  /** The loop was left: what it held comes again, unless it was marked as done. @returns must it come again? */
  letGo(): boolean {
    const held = this.inHand;
    if (held === null) return false;
    const done = this.#markedUpTo ?? held.offset;
    this.moveTo(done, this.#positionEpoch);
    return done < held.nextOffset;
  }

  /** The loop got something new; what it had before is done. */
  hold(what: InHand): void {
    this.inHand = what;
    if (this.#markedUpTo !== null || this.#markedBeyond !== null) this.#unmark();
  }

  /** Out of order is allowed: what is not contiguous counts as soon as the gap is closed. */
  markDone({ offset, nextOffset }: InHand): void {
    if (this.inHand === null || nextOffset > this.inHand.nextOffset) return;
    let upTo = this.#markedUpTo ?? this.inHand.offset;
    if (offset > upTo) {
      this.#markedBeyond ??= new Set();
      this.#markedBeyond.add(offset);
      return;
    }
    if (nextOffset > upTo) upTo = nextOffset;
    while (this.#markedBeyond?.delete(upTo)) upTo++;
    this.#markedUpTo = upTo;
  }

  #unmark(): void {
    this.#markedUpTo = null;
    this.#markedBeyond = null;
  }

  /** Only the contiguous prefix of done records is ever committed. Null: nothing new. */
  uncommitted(): TopicPartitionOffset | null {
    const offset = this.#doneOffset();
    if (offset === null || offset === this.committedOffset) return null;
    return { topic: this.topic, partition: this.partition, offset, leaderEpoch: this.#doneEpoch() };
  }

  // Within a fetch of several epochs it is not known without a look at each record; a wrong one would look like a
  // truncated log to the next reader (KIP-320), so it is left out there.
  #doneEpoch(): number {
    if (this.inHand === null) return this.#positionEpoch;
    return this.queue[0]?.epoch === this.#positionEpoch ? this.#positionEpoch : -1;
  }

  #doneOffset(): bigint | null {
    if (this.inHand === null) return this.#position;
    return this.#markedUpTo ?? this.inHand.offset;
  }

  #clear(): void {
    this.queue.length = 0;
    this.bufferedBytes = 0;
    this.inHand = null;
    this.#unmark();
    this.failure = null;
    this.readReplica = null;
  }
}
