// The public consumer: checks what it is given, begins and ends loops, and closes.
import type { Cluster } from '../cluster/cluster.ts';
import type { ConsumerRecord } from '../consumer-record.ts';
import { ClosedError, TimeoutError } from '../errors.ts';
import { membershipFor } from '../group/join.ts';
import type { Membership } from '../group/membership.ts';
import { NO_TOPICS } from '../group/topic-choice.ts';
import { type ConsumerOptions, type ResolvedConsumerOptions, resolveConsumerOptions } from '../options.ts';
import type { PartitionStart, TopicPartition, TopicPartitionOffset, Waiting } from '../types.ts';
import { onAbort } from '../util/abort.ts';
import { checkOffsets, checkOneStart, checkPartitions, checkStarts, listOf } from '../util/check-positions.ts';
import { checkWaiting } from '../util/check-waiting.ts';
import { Deadline, nextTurn, waitFor } from '../util/timers.ts';
import { checkTopics } from '../util/topic-name.ts';
import { Turns } from '../util/turns.ts';
import type { ConsumerBatch } from './batch.ts';
import { Closing } from './closing.ts';
import { doneOf } from './done.ts';
import { hasReachedEnds } from './ends.ts';
import { type Host, Iteration } from './iteration.ts';
import type { Partition } from './partition.ts';
import { Parts } from './parts.ts';
import { Reassignments } from './reassignments.ts';
import { seek } from './seek.ts';

/** How long `close()` and a change of topics may take when the caller names no time. */
const CLOSE_TIMEOUT_MS = 5_000;
/** After the signal of `close()` was aborted: to tell the group that we leave, not to wait for anything. */
const FAREWELL_MS = 75;

/*
 *   open --close(), signal--> closing --the body has ended, its work is committed, the group left; or the deadline--> closed
 *    '--fatal error--> failed (loops and calls get the error) --close()--> closing
 */
type State = { name: 'open' } | { name: 'failed'; reason: Error } | Ending;
type Ending =
  | { name: 'closing'; closing: Pick<Closing<unknown, unknown>, 'within' | 'hurry'>; closed: Promise<void> }
  | { name: 'closed'; closed: Promise<void> };

/**
 * Reads records: as a member of a group, without one, or from partitions it is given.
 *
 * ```ts
 * await using consumer = kafka.consumer({ groupId: 'billing', topics: ['orders'], startAt: 'earliest' });
 * for await (const record of consumer) await handle(record);
 * ```
 */
export class Consumer<K = Buffer | null, V = Buffer | null>
  implements AsyncIterable<ConsumerRecord<K, V>>, AsyncDisposable
{
  readonly #cluster: Cluster;
  readonly #options: ResolvedConsumerOptions<K, V>;
  readonly #onClosed: (consumer: Consumer<K, V>) => void;
  readonly #stopping = new AbortController();
  readonly #parts: Parts<K, V>;
  readonly #reassignments: Reassignments<K, V>;
  readonly #host: Host;
  readonly #stopListening: () => void;
  readonly #subscribing = new Turns();
  #membership: Membership | null = null;
  #loop: object | null = null;
  #state: State = { name: 'open' };

  constructor(
    cluster: Cluster,
    options: ConsumerOptions<K, V>,
    onClosed: (consumer: Consumer<K, V>) => void = () => undefined,
  ) {
    this.#cluster = cluster;
    this.#options = resolveConsumerOptions(options);
    this.#onClosed = onClosed;
    const { assign, signal } = this.#options;
    checkStarts('assign', assign);
    this.#parts = this.#makeParts();
    this.#reassignments = new Reassignments(this.#parts, () => this.#checkAlive());
    this.#host = this.#makeHost();
    if (assign.length > 0) this.#parts.ownership.take(assign);
    const end = (): void => {
      const state = this.#beginClosing(true);
      if (state.name === 'closing') state.closing.within(CLOSE_TIMEOUT_MS);
    };
    this.#stopListening = signal ? onAbort(signal, end) : () => undefined;
    if (signal?.aborted) end();
  }

  /** One record after the other. A record is done when the next one is asked for. */
  [Symbol.asyncIterator](): AsyncIterableIterator<ConsumerRecord<K, V>> {
    return new Iteration(this.#host, this.#parts.engine);
  }

  /** A partition's records of one fetch at a time. A batch is done when the next one is asked for. */
  batches(): AsyncIterableIterator<ConsumerBatch<K, V>> {
    return new Iteration(this.#host, this.#parts.engine.batches);
  }

  /**
   * Reads these topics from now on. What was read before is given back first, within `timeoutMs` (default 5,000). Calls of
   * `subscribe()` made meanwhile take their turn; until it resolves, `seek()`, `whenAssigned()` and the like are about what
   * was read before. Not in the body of the loop: it would wait for the body that waits for it.
   */
  async subscribe(topics: readonly (string | RegExp)[], options: Waiting = {}): Promise<void> {
    const waiting = checkWaiting('consumer.subscribe', options);
    const asked = checkTopics('subscribe', topics, 1);
    const deadline = new Deadline(waiting.timeoutMs ?? CLOSE_TIMEOUT_MS);
    const turn = this.#subscribing.take(() => this.#subscribe(asked, waiting.signal, deadline));
    const late = (): Error => new TimeoutError('consumer.subscribe', waiting.timeoutMs ?? 0);
    await waitFor(turn, waiting, late);
  }

  /**
   * Reads exactly these partitions, without joining a group. With a `groupId` its offsets are used and committed.
   * Resolves when their positions are known. Once what was read before is committed these partitions take its place, also
   * when the time then runs out before their positions are known; until then nothing is handed out. A record at work is not
   * waited for: its `signal` is aborted, and it comes again. What was paused and stays is paused. Calls made meanwhile take
   * their turn, `seek()` and `whenAssigned()` too; one that a later one replaces resolves with that one.
   */
  async assign(partitions: readonly PartitionStart[], options: Waiting = {}): Promise<void> {
    const waiting = checkWaiting('consumer.assign', options);
    this.#checkAlive();
    checkStarts('assign', partitions);
    if (this.#options.topics.length > 0 || this.#membership !== null) {
      throw new TypeError('consumer: it subscribes to topics; use another consumer to assign partitions');
    }
    const asked = partitions.map((one) => ({ ...one }));
    const deadline = new Deadline(waiting.timeoutMs ?? CLOSE_TIMEOUT_MS);
    await this.#reassignments.assign(asked, waiting, deadline);
  }

  /** What is ours now. */
  assignment(): TopicPartition[] {
    return this.#parts.assignment.list();
  }

  /**
   * Resolves once partitions are assigned and their positions known: what is produced from then on is read. In the loop's
   * body give a `timeoutMs`: partitions that were lost meanwhile are assigned anew only when the body has ended.
   */
  async whenAssigned(options: Waiting = {}): Promise<TopicPartition[]> {
    const waiting = checkWaiting('consumer.whenAssigned', options);
    this.#checkAlive();
    this.#start();
    await this.#reassignments.before('consumer.whenAssigned', waiting, (left) =>
      this.#parts.ownership.whenAssigned(left),
    );
    return this.assignment();
  }

  /** Nothing of these is handed out any more; what is fetched already is kept. */
  pause(partitions: readonly TopicPartition[]): void {
    for (const partition of this.#required('pause', partitions)) partition.isPaused = true;
  }

  resume(partitions: readonly TopicPartition[]): void {
    const resumed = this.#required('resume', partitions);
    for (const partition of resumed) {
      partition.isPaused = false;
      this.#parts.buffer.enlist(partition);
    }
    this.#parts.fetcher.wakeForAll(resumed);
  }

  /**
   * Goes on elsewhere. Resolves when the position is known; when it rejects, reading goes on where it was, or where an earlier
   * seek says that is still looked up. The new position is what is committed next, as in Java; with `commit: 'manual'` nothing
   * is committed by itself. Of several the last one holds; those before it resolve with it.
   *
   * @throws {RangeError} when the partition is not ours, or is taken away meanwhile
   */
  async seek(start: PartitionStart, options: Waiting = {}): Promise<void> {
    const waiting = checkWaiting('consumer.seek', options);
    checkOneStart('seek', start);
    waiting.signal?.throwIfAborted();
    const place = { ...start };
    await this.#reassignments.before('consumer.seek', waiting, async (left) => {
      await seek(this.#parts, this.#parts.assignment.require(place, 'seek'), place.offset, left);
    });
  }

  /** The next offset to be handed out. @throws {RangeError} when it is not ours, or not known yet */
  position(where: TopicPartition): bigint {
    const { position } = this.#parts.assignment.require(where, 'position');
    if (position !== null) return position;
    throw new RangeError(`${where.topic}[${where.partition}]: the position is not known yet; await whenAssigned()`);
  }

  /** Records between the position and the end of the log (the last stable one in read_committed), if known. */
  lag(where: TopicPartition): bigint | undefined {
    const { position, logEnd } = this.#parts.assignment.require(where, 'lag');
    const { highWatermark, lastStableOffset } = logEnd;
    const isCommitted = this.#options.isolation === 'read_committed' && lastStableOffset >= 0n;
    const end = isCommitted ? lastStableOffset : highWatermark;
    if (position === null || end < 0n) return undefined;
    return end > position ? end - position : 0n;
  }

  /** Done before the next one is asked for, and even if the loop is left now. */
  markDone(what: ConsumerRecord<K, V> | ConsumerBatch<K, V>): void {
    this.#parts.engine.markDone(doneOf(what));
  }

  /**
   * Commits what is done, or these offsets (the next ones to read). While `close()` waits for the loop's body, the body
   * may still commit. A member of a group commits only what is assigned to it; a body whose partitions were lost meanwhile
   * is refused (REBALANCE_IN_PROGRESS) until it has ended: others may have gone on. So is whoever has left the loop, once.
   */
  async commit(offsets?: readonly TopicPartitionOffset[], options: Waiting = {}): Promise<void> {
    const waiting = checkWaiting('consumer.commit', options);
    if (this.#state.name === 'closed') return this.#parts.commits.commitTooLate(offsets);
    this.#checkNotOver();
    if (offsets !== undefined) checkOffsets('commit', offsets);
    const late = (): Error => this.#cluster.late('consumer.commit', waiting);
    // The caller may go on to use its objects.
    const asked = offsets?.map((offset) => ({ ...offset }));
    await waitFor(this.#parts.commits.commit(asked, waiting), waiting, late);
  }

  /** Offset -1: nothing is committed. Hooks may call it while `close()` waits for them. */
  async committed(partitions: readonly TopicPartition[], options: Waiting = {}): Promise<TopicPartitionOffset[]> {
    const waiting = checkWaiting('consumer.committed', options);
    this.#checkNotOver();
    checkPartitions('committed', partitions);
    const late = (): Error => this.#cluster.late('consumer.committed', waiting);
    const found = await waitFor(this.#parts.commits.committer().fetch(partitions, waiting), waiting, late);
    return partitions.map(({ topic, partition }) => {
      const one = found.get(`${topic}/${partition}`);
      if (one instanceof Error) throw one;
      return one ?? { topic, partition, offset: -1n };
    });
  }

  /**
   * Hands out nothing more, waits for the loop's body, commits what is done (unless `commit` is manual) and leaves the
   * group; all that within `timeoutMs` (default 5,000). What the body has not finished by then is not done. Whoever has
   * committed by hand may do so once more after the loop: that is waited for while something is not committed, until
   * another call of `close()`. A second call joins the first, and brings its end forward if it gives less time. In the
   * body itself leave the loop instead: `close()` would wait for the body that waits for it.
   *
   * Rejects only with the reason of an aborted `signal`: then nothing more is waited for, and the group is told that we
   * leave.
   */
  async close(options: Waiting = {}): Promise<void> {
    const { timeoutMs = CLOSE_TIMEOUT_MS, signal } = checkWaiting('consumer.close', options);
    const state = this.#beginClosing(this.#parts.commits.isByHand && this.#loop !== null);
    if (state.name === 'closed') return state.closed;
    const { closing, closed } = state;
    if (this.#loop === null) closing.hurry();
    closing.within(signal?.aborted ? 0 : timeoutMs);
    if (!signal) return closed;
    const stop = onAbort(signal, () => closing.within(FAREWELL_MS));
    return waitFor(closed, { signal }, () => new TimeoutError('consumer.close', timeoutMs)).finally(stop);
  }

  /** @param mayFollow a commit by hand of whoever works through the loop, or through what it has taken out of it */
  #beginClosing(mayFollow: boolean): Ending {
    if ('closed' in this.#state) return this.#state;
    const closing = new Closing(this.#parts, this.#membership, mayFollow && this.#options.commit === 'manual');
    const state: Ending = { name: 'closing', closing, closed: this.#close(closing) };
    this.#state = state;
    this.#parts.ownership.wake();
    return state;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(closing: Closing<K, V>): Promise<void> {
    // The limit is set by the caller of this before anything runs.
    await null;
    await closing.run();
    // What was written last leaves with the end of this turn.
    if (closing.isLate) await nextTurn();
    this.#stopping.abort(new ClosedError('the consumer'));
    await this.#parts.end();
    this.#stopListening();
    if ('closed' in this.#state) this.#state = { name: 'closed', closed: this.#state.closed };
    this.#onClosed(this);
  }

  // --- a loop begins and ends ---------------------------------------------------------------------------------------

  #makeHost(): Host {
    return {
      buffer: this.#parts.buffer,
      stopped: this.#stopping.signal,
      enter: (loop) => this.#enter(loop),
      leave: () => this.#leave(),
      look: (now) => {
        const leftMs = (this.#membership?.certainUntil ?? Infinity) - now;
        this.#parts.engine.isHeld = leftMs <= 0 || this.#reassignments.areUnderWay;
        return leftMs;
      },
      isOver: () => this.#isOver(),
      failure: () => (this.#state.name === 'failed' ? this.#state.reason : null),
      // Commits by hand may follow the loop, and then the close waits for them.
      closed: () => ('closed' in this.#state && this.#options.commit === 'auto' ? this.#state.closed : undefined),
    };
  }

  #enter(loop: object): void {
    if (this.#loop !== null)
      throw new TypeError('consumer: another loop is under way; end it first, or use another consumer');
    if ('closed' in this.#state) return;
    this.#loop = loop;
    try {
      this.#start();
    } catch (error) {
      this.#loop = null;
      throw error;
    }
    this.#parts.beginLoop();
  }

  #leave(): void {
    this.#loop = null;
    if (this.#parts.engine.body.what !== null) this.#parts.commits.expectOne();
    this.#parts.engine.letGo();
  }

  #isOver(): boolean {
    if ('closed' in this.#state || this.#parts.engine.isOver) return true;
    if (this.#options.until !== 'end') return false;
    return hasReachedEnds(this.#parts.ownership, this.#parts.assignment, this.#membership?.topics ?? NO_TOPICS);
  }

  #start(): void {
    if (this.#membership !== null || this.#parts.ownership.hasAssignment) return;
    const { topics } = this.#options;
    if (topics.length === 0)
      throw new TypeError('consumer: nothing to read; give topics, or call subscribe() or assign()');
    this.#startMembership(topics);
  }

  async #subscribe(
    topics: readonly (string | RegExp)[],
    signal: AbortSignal | undefined,
    deadline: Deadline,
  ): Promise<void> {
    signal?.throwIfAborted();
    this.#checkAlive();
    if (this.#membership === null && this.#parts.assignment.size > 0)
      throw new TypeError('consumer: partitions were assigned; use another consumer to subscribe');
    const before = this.#membership;
    if (before !== null) await before.close(deadline);
    this.#checkAlive();
    this.#startMembership(topics, before?.identity.memberId);
    this.#parts.commits.start();
  }

  #startMembership(topics: readonly (string | RegExp)[], memberId?: string): void {
    const { ownership, coordinator } = this.#parts;
    ownership.beginAnew();
    this.#membership = membershipFor(this.#cluster, coordinator, topics, this.#options, ownership, memberId);
    this.#membership.start();
  }

  #makeParts(): Parts<K, V> {
    return new Parts({
      cluster: this.#cluster,
      options: this.#options,
      signal: this.#stopping.signal,
      membership: () => this.#membership,
      hasLoop: () => this.#loop !== null,
      wantsRecords: () => this.#loop !== null && this.#state.name === 'open',
      checkAlive: () => this.#checkAlive(),
      onFatal: (error) => this.#fail(error),
    });
  }

  #required(what: string, partitions: readonly TopicPartition[]): Partition[] {
    return listOf(what, partitions).map(([at, where]) => this.#parts.assignment.require(where, at));
  }

  #fail(reason: Error): void {
    if ('closed' in this.#state) {
      // No loop will get it any more; a commit of what was lost by that does.
      this.#parts.commits.losses.reason = reason;
      return this.#cluster.options.logger.error('a consumer that was being closed failed', { error: reason });
    }
    if (this.#state.name !== 'open') return;
    this.#state = { name: 'failed', reason };
    this.#cluster.emit({ type: 'fatal', what: 'consumer', error: reason });
    this.#parts.ownership.wake();
    this.#parts.commits.stop();
    // Others shall have what is not read here any more. Never rejects.
    void this.#membership?.close(new Deadline(CLOSE_TIMEOUT_MS));
  }

  /** While it closes, bodies and hooks may still commit, and look what is committed. */
  #checkNotOver(): void {
    if (this.#state.name === 'closed') throw new ClosedError('the consumer');
    if (this.#state.name === 'failed') throw this.#state.reason;
  }

  #checkAlive(): void {
    if (this.#state.name === 'failed') throw this.#state.reason;
    if ('closed' in this.#state) throw new ClosedError('the consumer');
  }
}
