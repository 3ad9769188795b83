// What a consumer consists of, wired together. The consumer itself says when each part works.
import type { Cluster } from '../cluster/cluster.ts';
import { hasNewLeader } from '../cluster/leaders.ts';
import { Owner } from '../cluster/owner.ts';
import type { CorruptBatchError, UndecodableError } from '../errors.ts';
import { Committer, NO_MEMBER } from '../group/committer.ts';
import { Coordinator } from '../group/coordinator.ts';
import type { Membership } from '../group/membership.ts';
import type { ResolvedConsumerOptions } from '../options.ts';
import { Silence } from '../util/silence.ts';
import { sleep } from '../util/timers.ts';
import { Assignment } from './assignment.ts';
import { Commits } from './commits.ts';
import type { ReadPolicy } from './cursor.ts';
import { Engine } from './engine.ts';
import { FetchBuffer } from './fetch-buffer.ts';
import { askAgainSoon, type OutcomeContext, readPart, takeNothing, takePart } from './fetch-outcome.ts';
import { Fetcher } from './fetcher.ts';
import { Ownership } from './ownership.ts';
import type { Partition } from './partition.ts';
import { watchPatience } from './patience.ts';
import { Placer } from './placer.ts';
import { type LazyRecord, recordFactory } from './record.ts';
import { Refusals } from './refusals.ts';
import { resetIfDrained, resetRecreated } from './reset.ts';
import { misplaced, recreated } from './topic-identity.ts';

/** What the parts ask of the consumer. */
export interface PartsContext<K, V> {
  readonly cluster: Cluster;
  readonly options: ResolvedConsumerOptions<K, V>;
  /** Ends everything that runs in the background. */
  readonly signal: AbortSignal;
  membership(): Membership | null;
  /** Is a loop under way that wants records? */
  wantsRecords(): boolean;
  /** Is a loop under way? */
  hasLoop(): boolean;
  /** @throws why nothing is to be waited for */
  checkAlive(): void;
  onFatal(error: Error): void;
}

export class Parts<K, V> {
  readonly assignment: Assignment = new Assignment();
  readonly buffer: FetchBuffer = new FetchBuffer();
  readonly engine: Engine<K, V>;
  readonly placer: Placer;
  readonly fetcher: Fetcher;
  readonly committer: Committer | null;
  readonly commits: Commits;
  readonly ownership: Ownership;
  /** null: no group */
  readonly coordinator: Coordinator | null;
  readonly #fetching: Owner = new Owner('fetch');
  readonly #refusals = new Refusals();
  /** The group's offsets may not be read, and this loop was told so. */
  #refused: Error | null = null;
  readonly #silence: Silence;
  readonly #context: PartsContext<K, V>;
  readonly #stopWatching: () => void;

  constructor(context: PartsContext<K, V>) {
    this.#context = context;
    this.#silence = new Silence(context.cluster.options.logger);
    const { groupId } = context.options;
    this.coordinator = groupId === undefined ? null : new Coordinator(context.cluster, groupId);
    this.committer = this.#makeCommitter();
    this.engine = this.#makeEngine();
    this.commits = this.#makeCommits();
    this.ownership = this.#makeOwnership();
    this.placer = this.#makePlacer();
    this.fetcher = this.#makeFetcher();
    this.#stopWatching = this.#watchTopics();
    const { cluster, options, signal, onFatal } = context;
    const { unreachableTimeoutMs: limitMs, maxWaitMs } = options;
    void watchPatience({ cluster, limitMs, maxWaitMs, signal, onFatal });
  }

  /** After `signal` was aborted: nothing runs, waits or is connected any more when it resolves. */
  async end(): Promise<void> {
    const { cluster } = this.#context;
    this.#stopWatching();
    this.commits.stop();
    this.committer?.close();
    cluster.release(this.#fetching);
    this.coordinator?.release();
    this.ownership.dropAll();
    this.ownership.wake();
    await Promise.all([this.fetcher.ended(), this.placer.ended()]);
  }

  /** A loop begins, or goes on after another one. */
  beginLoop(): void {
    this.commits.begin();
    this.#askAgain();
    this.wake();
    this.commits.start();
  }

  /** There may be something to place and to fetch. */
  wake(): void {
    this.placer.wake();
    this.fetcher.wake();
  }

  /** This one was moved. */
  wakeFor(partition: Partition): void {
    this.placer.wakeFor(partition);
    this.fetcher.wakeForAll([partition]);
  }

  #makeCommitter(): Committer | null {
    const { cluster, options, membership } = this.#context;
    if (this.coordinator === null) return null;
    const member = () => membership()?.identity ?? NO_MEMBER;
    return new Committer(cluster, this.coordinator, {
      member,
      onExpelled: (who, error) => membership()?.expelled(who, error),
      onPutOff: (error) => this.commits.putOff(error),
      isStable: options.isolation === 'read_committed',
    });
  }

  #makeCommits(): Commits {
    const { cluster, options, membership, hasLoop, onFatal } = this.#context;
    const { commit: mode, commitIntervalMs: intervalMs } = options;
    const isMember = (): boolean => membership() !== null;
    const { assignment, committer } = this;
    const { body } = this.engine;
    return new Commits({ cluster, assignment, committer, body, mode, intervalMs, isMember, hasLoop, onFatal });
  }

  #makeEngine(): Engine<K, V> {
    const { cluster, options } = this.#context;
    const { limit, key, value, onUndecodable } = options;
    const skips = (error: UndecodableError, record: LazyRecord): boolean => {
      if (onUndecodable(error, record) === 'throw') return false;
      cluster.options.logger.warn(`left out a record, as onUndecodable says: ${error.reason}`);
      return true;
    };
    return new Engine(this.buffer, {
      policy: this.#readPolicy(),
      limit,
      factory: recordFactory({ key, value, skips }),
      onProgress: (partition) => this.#progressed(partition),
    });
  }

  /** A batch may be read several times: it is said once that it is left out. */
  #readPolicy(): ReadPolicy {
    const { cluster, options } = this.#context;
    const { maxBatchBytes, onCorrupt } = options;
    let said = '';
    const skips = (error: CorruptBatchError): boolean => {
      if (onCorrupt !== 'skip') return false;
      if (said !== error.message) cluster.options.logger.warn(`skipped what is left of a batch: ${error.message}`);
      said = error.message;
      return true;
    };
    return { maxBatchBytes, skips };
  }

  #progressed(partition: Partition): void {
    if (partition.outOfRangeAt !== null) resetIfDrained(this.#outcomeContext(), partition);
    this.fetcher.wakeFor(partition);
  }

  #makeOwnership(): Ownership {
    const { cluster, options, checkAlive, onFatal } = this.#context;
    return new Ownership({
      assignment: this.assignment,
      buffer: this.buffer,
      engine: this.engine,
      commits: this.commits,
      refusals: this.#refusals,
      hooks: options,
      place: () => this.placer.wake(),
      fetch: () => this.fetcher.wake(),
      checkAlive,
      obstacle: () => this.#context.membership()?.obstacle ?? this.#silence.obstacle ?? cluster.obstacle,
      onFatal,
    });
  }

  #makePlacer(): Placer {
    const { cluster, options, signal, onFatal } = this.#context;
    return new Placer({
      cluster,
      owner: this.#fetching,
      options,
      assignment: this.assignment,
      committer: this.committer,
      signal,
      remembered: (where, topicId, committed) => this.commits.recall(where, topicId, committed),
      isOfFormerTopic: (committed, topicId) => this.commits.isOfFormerTopic(committed, topicId),
      onPlaced: (partitions) => {
        this.ownership.wake();
        this.fetcher.wakeForAll(partitions);
      },
      onBegun: () => this.commits.soon(),
      onRefused: (error) => {
        if (this.#refused === null) this.ownership.interrupt(error);
        this.#refused = error;
      },
      onAccepted: () => {
        this.buffer.retract(this.#refused);
        this.#refused = null;
      },
      onFailed: (partition, error) => this.#failPartition(partition, error),
      onObstacle: (error) => this.#silence.note(error),
      onFatal,
    });
  }

  #makeFetcher(): Fetcher {
    const { cluster, options, signal, wantsRecords, onFatal } = this.#context;
    const context = this.#outcomeContext();
    return new Fetcher({
      cluster,
      owner: this.#fetching,
      options,
      assignment: this.assignment,
      signal,
      isActive: wantsRecords,
      read: (asked, part, answer) => readPart(context, asked, part, answer),
      onAnswer: (asked, part, version, read) => takePart(context, asked, part, version, read),
      onNoAnswer: (asked, said) => takeNothing(context, asked, said),
      onMissing: (partition, error) => {
        if (options.onMissingTopic === 'throw') this.#failPartition(partition, error);
        else if (options.until === 'end') this.#isGone(partition);
      },
      onObstacle: (error) => this.#silence.note(error),
      onFatal,
    });
  }

  /** Its topic was deleted while it was read: what is left will not come. Where nothing was read it is waited for. */
  #isGone(partition: Partition): void {
    if (partition.isAtEnd) this.#finish(partition);
    else partition.isGone = partition.position !== null;
    this.buffer.wake();
  }

  #finish(partition: Partition): void {
    if (partition.position !== null) partition.endAt(partition.position);
    this.buffer.wake();
  }

  #failPartition(partition: Partition, error: Error): void {
    this.buffer.fail(partition, error);
    this.ownership.wake();
  }

  /** A new loop is told of what is still refused, and finds out soon what is not any more. */
  #askAgain(): void {
    this.#refusals.clearAll();
    this.#refused = null;
    const context = this.#outcomeContext();
    for (const partition of this.assignment) askAgainSoon(context, partition);
  }

  #watchTopics(): () => void {
    const { cluster } = this.#context;
    const stopUsing = cluster.useTopics(() => [...this.assignment].map(({ topic }) => topic));
    const stopWatching = cluster.onSnapshot((after, before) => {
      const begun = [...this.assignment].filter(
        ({ isIdSure, committedOffset }) => !isIdSure && committedOffset === null,
      );
      for (const partition of misplaced(this.assignment, after, before)) {
        partition.forgetEnd();
        partition.unplace(partition.placedBy ?? 'committed');
      }
      if (begun.some(({ isIdSure, place }) => isIdSure && place.name === 'placed')) this.commits.soon();
      for (const partition of recreated(this.assignment, after, before)) {
        this.commits.forget(partition);
        const isThere = after.topics.get(partition.topic)?.partitions.has(partition.partition);
        // The new topic has fewer: what is not there any more has no end to come to.
        if (!isThere && this.#context.options.until === 'end') this.#finish(partition);
        else resetRecreated(this.#outcomeContext(), partition);
      }
      for (const partition of this.assignment) if (hasNewLeader(partition, after, before)) partition.isTroubled = false;
      this.wake();
    });
    return () => {
      stopUsing();
      stopWatching();
    };
  }

  #outcomeContext(): OutcomeContext {
    const { cluster, options, signal } = this.#context;
    return {
      cluster,
      options,
      buffer: this.buffer,
      refusals: this.#refusals,
      later: (ms, then) => void sleep(ms, signal).then(then, () => undefined),
      wakeFor: (partition) => this.fetcher.wakeFor(partition),
      onUnplaced: () => this.placer.wake(),
    };
  }
}
