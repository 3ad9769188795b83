// The public consumer: wires membership, positions, fetching and iteration together, and keeps the account of commits.
import type { Cluster } from '../cluster/cluster.ts';
import { asError, ClosedError, TimeoutError } from '../errors.ts';
import { Committer, NO_MEMBER } from '../group/committer.ts';
import { membershipFor } from '../group/join.ts';
import type { AssignmentHandler, Membership } from '../group/membership.ts';
import { type ConsumerOptions, type ResolvedConsumerOptions, resolveConsumerOptions } from '../options.ts';
import type { PartitionStart, TopicPartition, TopicPartitionOffset, Waiting } from '../types.ts';
import { sleep, waitFor } from '../util/timers.ts';
import { Assignment } from './assignment.ts';
import type { ConsumerBatch } from './batch.ts';
import { Commits } from './commits.ts';
import { Engine } from './engine.ts';
import { FetchBuffer } from './fetch-buffer.ts';
import { Fetcher } from './fetcher.ts';
import { type Host, Iteration } from './iteration.ts';
import { Placer } from './placer.ts';
import { type ConsumerRecord, recordFactory } from './record.ts';
import { settleAnswer } from './settle.ts';

/** How long `close()` tries to commit and to leave the group. */
const CLOSE_TIMEOUT_MS = 5_000;

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
  readonly #assignment = new Assignment();
  readonly #buffer = new FetchBuffer();
  readonly #engine: Engine<K, V>;
  readonly #placer: Placer;
  readonly #fetcher: Fetcher;
  readonly #committer: Committer | null;
  readonly #commits: Commits;
  readonly #stopping = new AbortController();
  #membership: Membership | null = null;
  #loop: object | null = null;
  #failure: Error | null = null;
  #hasAssignment = false;
  #waiters: (() => void)[] = [];
  #closed: Promise<void> | null = null;

  constructor(cluster: Cluster, options: ConsumerOptions<K, V>) {
    this.#cluster = cluster;
    this.#options = resolveConsumerOptions(options);
    const { groupId, isolation } = this.#options;
    const member = () => this.#membership?.identity ?? NO_MEMBER;
    this.#committer =
      groupId === undefined ? null : new Committer(cluster, groupId, member, isolation === 'read_committed');
    this.#commits = this.#makeCommits();
    this.#engine = this.#makeEngine();
    this.#placer = this.#makePlacer();
    this.#fetcher = this.#makeFetcher();
    if (this.#options.assign.length > 0) this.#take(this.#options.assign);
  }

  /** One record after the other. A record is done when the next one is asked for. */
  [Symbol.asyncIterator](): AsyncIterableIterator<ConsumerRecord<K, V>> {
    return new Iteration(this.#host, () => this.#engine.take());
  }

  /** A partition's records of one fetch at a time. A batch is done when the next one is asked for. */
  batches(): AsyncIterableIterator<ConsumerBatch<K, V>> {
    return new Iteration(this.#host, () => this.#engine.takeBatch());
  }

  /** Reads these topics from now on. */
  async subscribe(topics: readonly (string | RegExp)[]): Promise<void> {
    this.#refuseWhenClosed();
    if (this.#membership === null && this.#assignment.size > 0)
      throw new TypeError('consumer: partitions were assigned; use another consumer to subscribe');
    const before = this.#membership;
    this.#membership = null;
    if (before !== null) {
      await this.#handler.revoked();
      await before.close(CLOSE_TIMEOUT_MS);
    }
    this.#startMembership(topics);
  }

  /** Reads exactly these partitions, without joining a group. With a `groupId` its offsets are used and committed. */
  async assign(partitions: readonly PartitionStart[]): Promise<void> {
    this.#refuseWhenClosed();
    if (this.#options.topics.length > 0 || this.#membership !== null) {
      throw new TypeError('consumer: it subscribes to topics; use another consumer to assign partitions');
    }
    await this.#commits.commitQuietly();
    this.#take(partitions);
    await this.#placed({});
  }

  /** What is ours now. */
  assignment(): TopicPartition[] {
    return this.#assignment.list();
  }

  /** Resolves once partitions are assigned and their positions known: what is produced from then on is read. */
  async whenAssigned(waiting: Waiting = {}): Promise<TopicPartition[]> {
    this.#refuseWhenClosed();
    this.#start();
    await this.#placed(waiting);
    return this.assignment();
  }

  /** Nothing of these is handed out any more; what is fetched already is kept. */
  pause(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions.map((where) => this.#assignment.require(where))) {
      partition.isPaused = true;
      this.#engine.forget(partition);
    }
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions.map((where) => this.#assignment.require(where))) {
      partition.isPaused = false;
      this.#buffer.enlist(partition);
    }
    this.#fetcher.wake();
  }

  /** Goes on elsewhere. Commits nothing. Resolves when the position is known. */
  async seek({ topic, partition: number, offset }: PartitionStart): Promise<void> {
    const partition = this.#assignment.require({ topic, partition: number });
    this.#engine.forget(partition);
    if (typeof offset === 'bigint') {
      partition.placeAt(offset);
      this.#fetcher.wake();
      return;
    }
    partition.unplace(offset);
    this.#placer.wake();
    await this.#placed({});
  }

  /** The next offset to be handed out. @throws {RangeError} when it is not ours, or not known yet */
  position(where: TopicPartition): bigint {
    const { position } = this.#assignment.require(where);
    if (position !== null) return position;
    throw new RangeError(`${where.topic}[${where.partition}]: the position is not known yet; await whenAssigned()`);
  }

  /** Records between the position and the end of the log (the last stable one in read_committed), if known. */
  lag(where: TopicPartition): bigint | undefined {
    const { position, highWatermark, lastStableOffset } = this.#assignment.require(where);
    const isCommitted = this.#options.isolation === 'read_committed' && lastStableOffset >= 0n;
    const end = isCommitted ? lastStableOffset : highWatermark;
    if (position === null || end < 0n) return undefined;
    return end > position ? end - position : 0n;
  }

  /** Done before the next one is asked for, and even if the loop is left now. */
  markDone(what: ConsumerRecord<K, V> | ConsumerBatch<K, V>): void {
    const { topic, partition, offset } = what;
    const nextOffset = 'nextOffset' in what && typeof what.nextOffset === 'bigint' ? what.nextOffset : offset + 1n;
    this.#engine.markDone({ topic, partition, offset, nextOffset });
  }

  /** Commits what is done, or these offsets (the next ones to read). */
  async commit(offsets?: readonly TopicPartitionOffset[], waiting: Waiting = {}): Promise<void> {
    this.#refuseWhenClosed();
    await this.#commits.commit(offsets ?? this.#assignment.uncommitted(), waiting);
  }

  /** Offset -1: nothing is committed. */
  async committed(partitions: readonly TopicPartition[], waiting: Waiting = {}): Promise<TopicPartitionOffset[]> {
    this.#refuseWhenClosed();
    return this.#commits.committer().fetch(partitions, waiting);
  }

  /** Ends the loop, commits what is done (unless `commit` is manual) and leaves the group. */
  close(waiting: Waiting = {}): Promise<void> {
    this.#closed ??= this.#close(waiting.timeoutMs ?? CLOSE_TIMEOUT_MS);
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(timeoutMs: number): Promise<void> {
    this.#commits.stop();
    this.#stopping.abort(new ClosedError('the consumer'));
    this.#buffer.wake();
    this.#wakeWaiters();
    await this.#commits.commitQuietly(timeoutMs);
    await this.#membership?.close(timeoutMs);
    for (const partition of this.#assignment) partition.remove();
    await Promise.all([this.#fetcher.ended(), this.#placer.ended()]);
  }

  // --- a loop begins and ends ---------------------------------------------------------------------------------------

  readonly #host: Host = ((consumer: Consumer<K, V>) => ({
    buffer: consumer.#buffer,
    enter: (loop: object) => consumer.#enter(loop),
    leave: () => consumer.#leave(),
    isOver: () => consumer.#isOver(),
    failure: () => consumer.#failure,
  }))(this);

  #enter(loop: object): void {
    if (this.#loop !== null)
      throw new TypeError('consumer: another loop is under way; end it first, or use another consumer');
    if (this.#closed !== null) return;
    this.#loop = loop;
    this.#start();
    this.#placer.wake();
    this.#fetcher.wake();
    this.#commits.start();
  }

  #leave(): void {
    this.#loop = null;
    this.#engine.letGo();
  }

  #isOver(): boolean {
    if (this.#closed !== null || this.#engine.isAtLimit) return true;
    if (this.#options.until !== 'end' || !this.#hasAssignment) return false;
    if (this.#membership?.topics && this.#membership.topics.missing.length > 0) return false;
    return [...this.#assignment].every((partition) => partition.isFinished);
  }

  #start(): void {
    if (this.#membership !== null || this.#assignment.size > 0 || this.#hasAssignment) return;
    const { topics } = this.#options;
    if (topics.length === 0)
      throw new TypeError('consumer: nothing to read; give topics, or call subscribe() or assign()');
    this.#startMembership(topics);
  }

  #startMembership(topics: readonly (string | RegExp)[]): void {
    this.#membership = membershipFor(this.#cluster, topics, this.#options, this.#handler);
    this.#membership.start();
  }

  // --- partitions come and go ---------------------------------------------------------------------------------------

  readonly #handler: AssignmentHandler = {
    assigned: (partitions) => this.#assigned(partitions),
    revoked: () => this.#revoked(),
    lost: () => this.#lost(),
    inBody: () => this.#engine.inBody,
    bodyEnded: () => this.#engine.suspend(),
    onFatal: (error) => this.#fail(error),
  };

  async #assigned(partitions: readonly TopicPartition[]): Promise<void> {
    const added = partitions.filter((where) => this.#assignment.get(where) === undefined);
    for (const where of added) this.#assignment.add(where, 'committed');
    this.#hasAssignment = true;
    await this.#options.onAssigned?.(added);
    this.#engine.resume();
    this.#placer.wake();
    this.#wakeWaiters();
  }

  // The loop's body may be in the middle of a record: it is waited for, but not for ever, because the whole group waits
  // with us. What it has not finished by then is not done, its signal is aborted, and its next owner gets it again.
  async #revoked(): Promise<void> {
    const { sessionTimeoutMs, maxProcessingMs, commit } = this.#options;
    const enough = new AbortController();
    const graceMs = Math.min(sessionTimeoutMs / 3, maxProcessingMs);
    const grace = sleep(graceMs, enough.signal).catch(() => undefined);
    await Promise.race([this.#engine.suspend(), grace]);
    enough.abort();
    if (commit === 'auto') await this.#commits.commitQuietly(graceMs);
    await this.#options.onRevoked?.(this.assignment());
    this.#dropAll();
  }

  async #lost(): Promise<void> {
    const partitions = this.assignment();
    this.#commits.remember(this.#assignment.uncommitted());
    this.#dropAll();
    await this.#options.onLost?.(partitions);
  }

  #dropAll(): void {
    this.#hasAssignment = false;
    for (const partition of [...this.#assignment]) {
      this.#engine.forget(partition);
      this.#assignment.remove(partition);
    }
  }

  #take(partitions: readonly PartitionStart[]): void {
    this.#dropAll();
    for (const { topic, partition, offset } of partitions) this.#assignment.add({ topic, partition }, offset);
    this.#hasAssignment = true;
    this.#placer.wake();
    this.#wakeWaiters();
  }

  async #placed(waiting: Waiting): Promise<void> {
    const { timeoutMs } = waiting;
    await waitFor(this.#untilPlaced(), waiting, () => new TimeoutError('partitions to be assigned', timeoutMs ?? 0));
  }

  async #untilPlaced(): Promise<void> {
    while (!this.#hasAssignment || this.#assignment.unplaced().length > 0) {
      if (this.#failure !== null) throw this.#failure;
      this.#refuseWhenClosed();
      const failed = [...this.#assignment].find((partition) => partition.failure !== null)?.failure;
      if (failed) throw failed;
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  #wakeWaiters(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
    this.#buffer.wake();
  }

  // --- failures -----------------------------------------------------------------------------------------------------

  #fail(error: Error): void {
    if (this.#failure !== null || this.#closed !== null) return;
    this.#failure = error;
    this.#cluster.emit({ type: 'fatal', what: 'consumer', error });
    this.#wakeWaiters();
  }

  #refuseWhenClosed(): void {
    if (this.#closed !== null) throw new ClosedError('the consumer');
  }

  // --- parts --------------------------------------------------------------------------------------------------------

  #makeCommits(): Commits {
    const { commit: mode, commitIntervalMs: intervalMs } = this.#options;
    const context = { cluster: this.#cluster, assignment: this.#assignment, committer: this.#committer };
    return new Commits({ ...context, mode, intervalMs, onFatal: (error) => this.#fail(error) });
  }

  #makeEngine(): Engine<K, V> {
    const { maxBatchBytes, limit, onUndecodable } = this.#options;
    return new Engine(this.#buffer, {
      maxBatchBytes,
      limit,
      factory: recordFactory(this.#options),
      skips: (error) => {
        if (onUndecodable !== 'skip') return false;
        this.#cluster.options.logger.warn(asError(error).message);
        return true;
      },
      onProgress: () => this.#fetcher.wake(),
    });
  }

  #makePlacer(): Placer {
    return new Placer({
      cluster: this.#cluster,
      options: this.#options,
      assignment: this.#assignment,
      committer: this.#committer,
      signal: this.#stopping.signal,
      remembered: (where) => this.#commits.recall(where),
      onPlaced: () => {
        this.#wakeWaiters();
        this.#fetcher.wake();
      },
      onFailed: (partition, error) => {
        this.#buffer.fail(partition, error);
        this.#wakeWaiters();
      },
      onFatal: (error) => this.#fail(error),
    });
  }

  #makeFetcher(): Fetcher {
    const context = {
      cluster: this.#cluster,
      options: this.#options,
      buffer: this.#buffer,
      onUnplaced: () => this.#placer.wake(),
    };
    return new Fetcher({
      cluster: this.#cluster,
      options: this.#options,
      assignment: this.#assignment,
      signal: this.#stopping.signal,
      isActive: () => this.#loop !== null,
      onAnswer: (partition, wanted, answer, version) => settleAnswer(context, partition, wanted, answer, version),
      onFatal: (error) => this.#fail(error),
    });
  }
}
