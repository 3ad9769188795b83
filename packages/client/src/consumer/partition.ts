// One partition a consumer owns: where it is, what of it is buffered, what of it is done.
//
//   unplaced --offset known--> placed --out of range, log cut, topic made anew, seek--> unplaced or placed
//      any --taken away--> removed
//
// Each arrow begins a new incarnation: whatever was asked, fetched, handed out or committed for an older one moves nothing
// any more. `fetchOffset` runs ahead of `position` (what is handed out next), and that ahead of what is done.
import { ZERO_UUID } from '@hopwire/protocol';
import { TopicRecreatedError } from '../errors.ts';
import type { TopicPartition, TopicPartitionOffset } from '../types.ts';
import { clock } from '../util/clock.ts';
import { Epochs } from './epochs.ts';
import { type FetchedData, onItsOwn } from './fetched.ts';
import { type LogEnd, UNKNOWN_END } from './log-end.ts';
import { type Kept, type Place, Sought, type Start, type Whereabouts } from './place.ts';
import { type InHand, Progress } from './progress.ts';

/** That a position is none any more, and nobody has been told yet: an error for the loop, or what an event will say. */
export interface Untold {
  readonly failure: Error | null;
  /** By which rule it was being looked up. */
  readonly start: Start | null;
  readonly from: bigint | null;
  readonly why: string | null;
  readonly topicId: string;
}

const NOWHERE = { start: null, from: null, why: null } as const;

/** Why nothing of it is handed out or fetched for the moment. */
export type Hold = 'onAssigned' | 'revoking';

export class Partition implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  /** `topic/partition` */
  readonly key: string;
  place: Place;
  /** Grows with each arrow above. */
  incarnation = 0;
  hold: Hold | null = null;
  isPaused = false;
  /** It is given back, and no seek counts any more. */
  isLeaving = false;
  /** The last fetch of it failed: left alone until metadata was refreshed. */
  isTroubled = false;
  /** How often in a row it was in trouble; 0 after a good answer. */
  troubles = 0;
  /** Since when all answers say that there is no such topic, of the clock; null: it is there. */
  unknownSince: number | null = null;
  /** Its topic is not there any more, as far as brokers say. */
  isGone = false;
  /** Already in the list of partitions with data. */
  isReady = false;
  /** It appeared after its topic was first looked at: nothing of it is to be missed. */
  isNew = false;
  /** Id of the topic that it was placed in. */
  topicId: string = ZERO_UUID;
  /** The rule that gave its position; null: somebody named an offset. */
  placedBy: Start | null = null;
  /** Metadata that are newer than its assignment have said so. */
  isIdSure = false;
  /** Of the clock. */
  readonly createdAt: number = clock.now();
  /** What the group has; null: not known, or to be replaced by the position. */
  committedOffset: bigint | null = null;
  /** What the group has, as far as we know, also after a seek; null: nothing that we know of. */
  groupOffset: bigint | null = null;
  /** What was done when that was committed: until more is done nothing is committed, even after another offset by hand. */
  doneWhenCommitted: bigint | null = null;
  logEnd: LogEnd = UNKNOWN_END;
  /** With `until`: iteration of this partition ends here. null: looked up with the next position. */
  end: bigint | null = null;
  readonly queue: FetchedData[] = [];
  bufferedBytes = 0;
  /** Thrown when the loop comes to it; the partition is not fetched meanwhile. */
  failure: Error | null = null;
  /** It may not be read. `resting`: it is not asked for until a timer says so; `tried`: it is asked for again, because rights
   * may come back; null: it may be read. */
  refusal: 'resting' | 'tried' | null = null;
  /** When it was refused last, of the clock. */
  refusedAt = 0;
  /** The log does not have this offset. What is buffered is handed out first, then the position is reset. */
  outOfRangeAt: bigint | null = null;
  /** A follower to fetch from (KIP-392), until a time. */
  readReplica: { nodeId: number; untilMs: number } | null = null;
  /** Grows when one message did not fit (Fetch 0-2 only). */
  growBytes = 0;
  #progress: Progress | null = null;
  /** The last seek that had to be looked up. */
  #sought: Sought | null = null;
  #epochs: Epochs = new Epochs(-1);
  #inherited: Untold | null = null;
  #abort: AbortController | null = null;

  constructor(where: TopicPartition, start: Start) {
    this.topic = where.topic;
    this.partition = where.partition;
    this.key = keyOf(where);
    this.place = { name: 'unplaced', start, from: null, why: null };
  }

  /** Of the present incarnation; null: not placed yet. */
  get progress(): Progress | null {
    return this.#progress;
  }

  /** What was handed out last and is done: until a seek is looked up, at the place before. */
  get account(): Progress | null {
    return this.#soughtFrom === null ? this.#progress : this.#soughtFrom.progress;
  }

  /** null: no seek is looked up */
  get #soughtFrom(): Whereabouts | null {
    return this.#sought?.place === this.place ? this.#sought.before : null;
  }

  /** The next offset to be handed out; null: not known yet. */
  get position(): bigint | null {
    return this.#progress?.position ?? null;
  }

  /** Also while it is in doubt. */
  get hasPosition(): boolean {
    return this.place.name === 'placed' || (this.place.name === 'unplaced' && this.#progress !== null);
  }

  get isRemoved(): boolean {
    return this.place.name === 'removed';
  }

  /** All is handed out that is to be read. */
  get isAtEnd(): boolean {
    return this.end !== null && this.position !== null && this.position >= this.end;
  }

  get isFinished(): boolean {
    const progress = this.#progress;
    if (this.end === null || !progress?.isIdle || progress.position < this.end) return false;
    return !this.isBeyondEnd;
  }

  /** Behind where reading is to end, perhaps out of range: only an answer to a fetch tells. */
  get isBeyondEnd(): boolean {
    const { end, position } = this;
    return end !== null && position !== null && position > end && this.logEnd.highWatermark < position;
  }

  /** Read to the end of a log that ends before the end that was looked up: it was cut since. */
  get isCutShort(): boolean {
    const { end, position, logEnd } = this;
    if (end === null || position === null || logEnd.highWatermark < 0n || !this.isDrained) return false;
    // A follower may know less than the leader.
    return this.readReplica === null && logEnd.highWatermark <= position && position < end;
  }

  /** null: nobody has to be told anything. */
  get untold(): Untold | null {
    const { place, topicId } = this;
    const failure = this.failure instanceof TopicRecreatedError ? this.failure : null;
    const { start, from, why } = place.name === 'unplaced' ? place : NOWHERE;
    return failure === null && why === null ? this.#inherited : { failure, start, from, why, topicId };
  }

  /** It was taken away before that was told, and is ours again: told unless somebody else has gone on in the meantime. */
  inherit(untold: Untold): void {
    this.#inherited = untold;
    this.topicId = untold.topicId;
  }

  /** What was inherited, once. */
  takeInherited(): Untold | null {
    const untold = this.#inherited;
    this.#inherited = null;
    return untold;
  }

  /** Everything that was fetched is handed out and done. */
  get isDrained(): boolean {
    return this.queue.length === 0 && (this.#progress?.isIdle ?? true);
  }

  /** Aborted when the partition is taken away. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.isRemoved) this.#abort.abort();
    return this.#abort.signal;
  }

  /**
   * Goes on at an offset: after a look-up, a seek or a reset.
   *
   * @param isCommitted the offset is the group's own; any other one is committed as soon as commits are made (as Java
   * does), so that what comes while nobody reads is not missed by whoever reads next
   */
  placeAt(offset: bigint, leaderEpoch = -1, isCommitted = false): void {
    // While a seek was looked up another offset may have been committed, or be on its way.
    const isKnown = isCommitted && this.#soughtFrom === null;
    this.#begin();
    this.place = { name: 'placed', fetchOffset: offset, fetchEpoch: leaderEpoch };
    this.#progress = new Progress(offset);
    this.#epochs = new Epochs(leaderEpoch);
    this.placedBy = null;
    this.committedOffset = isKnown ? offset : null;
    this.doneWhenCommitted = null;
  }

  /** The topic is another one: the end of the old one means nothing in it. */
  forgetEnd(): void {
    this.end = null;
    this.logEnd = UNKNOWN_END;
  }

  /** The end of the log was looked up. It only comes nearer: what is written while we read is not read. */
  endAt(offset: bigint): void {
    if (this.end === null || offset < this.end) this.end = offset;
  }

  unplace(start: Start, from: bigint | null = null, why: string | null = null): void {
    this.#begin();
    this.place = { name: 'unplaced', start, from, why };
    this.#progress = null;
  }

  /** The end is looked up again. Until that is known, position and what is done stay as they are. */
  doubtEnd(position: bigint): void {
    this.#doubt(this.#keep(position));
  }

  /** As `doubtEnd`: is that offset in the log? */
  doubtPosition(from: bigint, why: string): void {
    this.#doubt({ inRange: this.#keep(from) }, from, why);
  }

  #doubt(start: Start, from: bigint | null = null, why: string | null = null): void {
    const progress = this.#progress;
    this.#begin();
    this.#progress = progress;
    this.place = { name: 'unplaced', start, from, why };
  }

  #keep(offset: bigint): Kept {
    return { offset, leaderEpoch: this.#epochs.before(offset) };
  }

  /**
   * Goes on where a rule says, once that is looked up. What is done before is committed as if there were no seek until then.
   *
   * @returns takes it back, as long as nothing else has moved the partition: to an earlier seek that is still wanted, or to
   * where reading was
   */
  seek(start: Start): () => void {
    const before = this.#soughtFrom;
    const earlier = before === null ? null : this.#sought;
    const from = before ?? this.#whereabouts;
    this.unplace(start);
    const sought = new Sought(this.place, from, earlier);
    this.#sought = sought;
    return () => this.#takeBack(sought);
  }

  #takeBack(sought: Sought): void {
    const earlier = sought.giveUp();
    if (this.place !== sought.place) return;
    if (earlier === null) return this.#restore(sought.before);
    this.#begin();
    this.place = earlier.place;
    this.#sought = earlier;
  }

  /** What is buffered is dropped and fetched again from an offset that was read before; the account of what is done goes on. */
  refetch(fetchOffset: bigint): void {
    const progress = this.#progress;
    this.#begin();
    this.#progress = progress;
    this.place = this.#placeBefore(fetchOffset);
  }

  /** Goes back to an offset of which the epoch is known, as far as one was read. */
  goBackTo(offset: bigint): void {
    this.placeAt(offset, this.#epochs.before(offset));
  }

  #placeBefore(fetchOffset: bigint): Place {
    return { name: 'placed', fetchOffset, fetchEpoch: this.#epochs.before(fetchOffset) };
  }

  /**
   * The log does not know the epoch that we named, but has all up to our position: a leader came and went without a record
   * (its epoch came from a look-up of the end). The next fetch names the epoch that the log has there.
   */
  agree(fetchOffset: bigint, fetchEpoch: number): void {
    if (this.place.name === 'placed' && this.place.fetchOffset === fetchOffset) {
      this.place = { name: 'placed', fetchOffset, fetchEpoch };
    }
    if (this.position === fetchOffset) this.#epochs.correct(fetchOffset, fetchEpoch);
  }

  /** It is given back, and what is done is committed for the last time: a seek that is looked up never was. */
  leave(): void {
    this.isLeaving = true;
    if (this.#soughtFrom !== null) this.#restore(this.#soughtFrom);
  }

  /** Taken away: nothing buffered survives, a handler at work is told. A seek that is looked up never was. */
  remove(): void {
    if (this.#soughtFrom !== null) this.#restore(this.#soughtFrom);
    this.#begin();
    this.place = { name: 'removed' };
    this.#abort?.abort();
  }

  /** An answer said that it cannot be read there now. */
  trouble(): void {
    this.isTroubled = true;
    this.troubles++;
  }

  offer(data: FetchedData): void {
    if (this.place.name !== 'placed') return;
    this.queue.push(data);
    this.bufferedBytes += data.bytes;
    this.#epochs.add(data.epochs);
    this.place = { name: 'placed', fetchOffset: data.nextOffset, fetchEpoch: data.nextEpoch };
  }

  /** The front of the queue was handed out to its end. */
  finishFront(): void {
    const data = this.queue.shift();
    if (!data) return;
    this.bufferedBytes -= data.bytes;
    data.origin?.answer.release(data.bytes);
    const isPastEnd = this.end !== null && data.nextOffset > this.end && data.fetchOffset < this.end;
    const progress = this.#progress;
    progress?.skipTo(isPastEnd && this.end !== null ? this.end : data.nextOffset);
    if (progress) this.#epochs.forget(progress.doneOffset);
  }

  /** What is in hand is done. @returns is it of the present incarnation? */
  finish(what: InHand, progress: Progress): boolean {
    progress.finish(what);
    return this.#progress === progress;
  }

  /** Answers of which little is left are let go: what is buffered of them gets bytes of its own. */
  compact(): void {
    for (const [at, data] of this.queue.entries()) {
      if (data.origin?.answer.isMostlyRead) this.queue[at] = onItsOwn(data);
    }
  }

  /** Only the contiguous prefix of done records is ever committed. Null: nothing new. */
  uncommitted(): TopicPartitionOffset | null {
    const offset = this.account?.doneOffset ?? null;
    const { committedOffset, doneWhenCommitted } = this.#soughtFrom ?? this;
    if (offset === null || offset === committedOffset || offset === doneWhenCommitted) return null;
    const epochs = this.#soughtFrom?.epochs ?? this.#epochs;
    return { topic: this.topic, partition: this.partition, offset, leaderEpoch: epochs.before(offset) };
  }

  /** The group has this now. @param done what was done when that was sent */
  noteCommitted(offset: bigint, done: bigint | null): void {
    const account = this.#soughtFrom ?? this;
    account.committedOffset = offset;
    account.doneWhenCommitted = done;
  }

  get #whereabouts(): Whereabouts {
    const { place, committedOffset, doneWhenCommitted, placedBy } = this;
    return { place, committedOffset, doneWhenCommitted, placedBy, progress: this.#progress, epochs: this.#epochs };
  }

  /** As if nothing had happened; what was buffered is fetched again. */
  #restore(before: Whereabouts): void {
    const { place, progress } = before;
    this.#begin();
    this.#progress = progress;
    this.#epochs = before.epochs;
    this.committedOffset = before.committedOffset;
    this.doneWhenCommitted = before.doneWhenCommitted;
    this.placedBy = before.placedBy;
    const isPlaced = place.name === 'placed' && progress !== null;
    this.place = isPlaced ? this.#placeBefore(progress.doneOffset) : { ...place };
  }

  #begin(): void {
    this.incarnation++;
    for (const { origin, bytes } of this.queue) origin?.answer.release(bytes);
    this.queue.length = 0;
    this.bufferedBytes = 0;
    this.failure = null;
    this.refusal = null;
    this.outOfRangeAt = null;
    this.readReplica = null;
  }
}

export function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}
