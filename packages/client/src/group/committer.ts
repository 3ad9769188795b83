/*
 * Commits and reads the offsets of a group, as a member of it or on its own.
 *
 * At most one OffsetCommit is waited for; what is committed meanwhile is merged by partition, the latest call wins. Each
 * call has its own deadline and signal, and learns what became of its own partitions.
 *
 *   idle --commit--> sending --answered--> sending what was merged meanwhile, or idle
 *                     | coordinator moved or lost: (short pause) again, merged with what was added
 *                     | no answer while others wait: theirs are sent behind it, over the same connection, which keeps order;
 *                     | but no third request before one of two is answered
 *
 * Commits of different generations are different requests, in order; a failed one is not repeated when a newer generation
 * commits already, so that nothing is ever set back.
 */
import {
  Errors,
  OffsetCommit,
  type OffsetCommitRequest,
  OffsetFetch,
  type OffsetFetchRequest,
  ZERO_UUID,
} from '@hopwire/protocol';
import type { Cluster } from '../cluster/cluster.ts';
import { isAgreed } from '../cluster/metadata.ts';
import { asError, type BrokerError, brokerError, ClosedError, isBrokerError, isRetriable } from '../errors.ts';
import type { TopicPartition, TopicPartitionOffset, Waiting } from '../types.ts';
import { Backoff } from '../util/backoff.ts';
import { clock, type Timer } from '../util/clock.ts';
import { withSignals } from '../util/linked-signal.ts';
import { retry } from '../util/retry.ts';
import { after } from '../util/timers.ts';
import { CommitCall, type CommitOutcomes } from './commit-call.ts';
import { type CommitAttempt, CommitLot } from './commit-lot.ts';
import { type CommitRefusal, REFUSALS } from './commit-refusal.ts';
import type { Coordinator, CoordinatorCall } from './coordinator.ts';
import { type MemberIdentity, NO_MEMBER } from './identity.ts';
import {
  type CommitOffset,
  commitError,
  commitRequest,
  committedCodes,
  type FetchedOffsets,
  fetchedOffsets,
  fetchRequest,
  isCoordinatorError,
  isGroupError,
  isOfAnotherTopic,
  LAST_VERSION_WITH_NAMES,
} from './offset-requests.ts';

/** The longest a commit or look-up may take if the caller says nothing. */
const DEFAULT_TIMEOUT_MS = 60_000;
/** Nobody waits longer than this behind an answer that does not come, or in a pause between two attempts. */
const PATIENCE_MS = 300;
/** Nor for more than this part of his own time. */
const PARTS = 3;
/** No more requests are sent while so many are not answered, also when nobody waits for them: a slow coordinator comes to each. */
const MOST_UNANSWERED = 2;
/** Between two attempts while nobody new comes. */
const LONGEST_PAUSE_MS = 1_000;

export { type MemberIdentity, NO_MEMBER };

export interface CommitterOptions {
  /** Asked at each call. */
  member(): MemberIdentity;
  /** The group went on without that one. */
  onExpelled?(member: MemberIdentity, error: Error): void;
  /** A commit did not work and is tried again. */
  onPutOff?(error: Error): void;
  /** Wait for offsets of open transactions when reading (read_committed)? */
  readonly isStable: boolean;
}

export class Committer {
  readonly #cluster: Cluster;
  readonly #coordinator: Coordinator;
  readonly #options: CommitterOptions;
  readonly #backoff: Backoff;
  readonly #closing = new AbortController();
  /** Of each generation one; the newest is the last. */
  #lots: CommitLot[] = [];
  /** The request whose answer is waited for before another is sent. */
  #current: CommitAttempt | null = null;
  readonly #attempts = new Set<CommitAttempt>();
  #failures = 0;
  #lastFailure: Error | null = null;
  #timer: Timer | null = null;
  #timerAt = Infinity;

  constructor(cluster: Cluster, coordinator: Coordinator, options: CommitterOptions) {
    this.#cluster = cluster;
    this.#coordinator = coordinator;
    this.#options = options;
    const { retryBackoffMs, retryBackoffMaxMs } = cluster.options;
    this.#backoff = new Backoff({ initialMs: retryBackoffMs, maxMs: Math.min(retryBackoffMaxMs, LONGEST_PAUSE_MS) });
  }

  get groupId(): string {
    return this.#coordinator.groupId;
  }

  /**
   * In the name of the member and generation of the moment of the call: after a rebalance the broker refuses it.
   *
   * @returns in the order of the offsets, why each could not be committed; null: it is
   * @throws only the reason of the signal, a TimeoutError at the deadline, or a ClosedError
   */
  commit(offsets: readonly CommitOffset[], waiting: Waiting = {}): Promise<CommitOutcomes> {
    const { signal, timeoutMs = DEFAULT_TIMEOUT_MS } = waiting;
    if (this.#closing.signal.aborted) return Promise.reject(this.#closing.signal.reason);
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (offsets.length === 0) return Promise.resolve([]);
    const member = this.#options.member();
    if (member.isOut) return Promise.resolve(this.#refuseAll(offsets, 'in no generation'));
    return new Promise((resolve, reject) => {
      const call = new CommitCall(offsets, {
        what: `commit of group ${this.groupId}`,
        waiting: { signal, timeoutMs },
        resolve,
        reject,
        lastFailure: () => this.#lastFailure ?? this.#cluster.obstacle,
        onGivenUp: (gaveUp, reason) => this.#givenUp(gaveUp, reason),
      });
      this.#lotOf(member).add(call);
      if (this.#current === null && this.#timer === null) this.#send();
      else this.#goOnWithin(Math.min(PATIENCE_MS, timeoutMs / PARTS));
    });
  }

  /** An offset that is not sent. @returns why */
  refuse(offset: TopicPartitionOffset, refusal: CommitRefusal): Error | null {
    const isOut = refusal === 'not ours' && this.#options.member().isOut;
    return this.#refuseAll([offset], isOut ? 'in no generation' : refusal)[0] ?? null;
  }

  /**
   * What is committed, by `topic/partition`; offset -1: nothing. An error of one partition (no rights, an open
   * transaction) leaves the others alone.
   *
   * @throws the last error when the time is up, or what refuses the whole group
   */
  fetch(partitions: readonly TopicPartition[], waiting: Waiting = {}): Promise<FetchedOffsets> {
    if (this.#closing.signal.aborted) return Promise.reject(this.#closing.signal.reason);
    if (partitions.length === 0) return Promise.resolve(new Map());
    const policy = {
      ...this.#cluster.retryPolicy,
      backoff: this.#backoff,
      timeoutMs: DEFAULT_TIMEOUT_MS,
    };
    return withSignals([waiting.signal, this.#closing.signal], (signal) =>
      retry(policy, { ...waiting, signal }, (left) => this.#fetch(partitions, left)),
    );
  }

  /** The partitions are lost: who waits is told, and nothing of what was to be committed is sent (again). */
  lose(): void {
    for (const lot of this.#lots) this.#failLot(lot, lostBefore);
  }

  /** Whoever still waits is told. */
  close(reason: Error = new ClosedError('the consumer')): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(reason);
    this.#pauseOver();
    for (const lot of this.#lots) for (const call of lot.calls()) call.giveUp(reason);
    this.#lots = [];
  }

  // --- commits ------------------------------------------------------------------------------------------------------

  #lotOf(member: MemberIdentity): CommitLot {
    const newest = this.#lots.at(-1);
    if (newest?.isOf(member)) return newest;
    const lot = new CommitLot(member);
    this.#lots.push(lot);
    return lot;
  }

  /** Sends what is to be sent next, if anything. */
  #send(): void {
    this.#pauseOver();
    this.#lots = this.#lots.filter((lot) => !lot.isEmpty);
    for (const lot of this.#attempts.size < MOST_UNANSWERED ? this.#lots : []) {
      const attempt = lot.next();
      if (attempt === null) continue;
      this.#current = attempt;
      this.#attempts.add(attempt);
      void this.#try(attempt);
      break;
    }
    if (this.#lots.some((lot) => lot.hasUnsent)) this.#goOnWithin(PATIENCE_MS);
  }

  /** Never rejects. */
  async #try(attempt: CommitAttempt): Promise<void> {
    try {
      const codes = await this.#ask(attempt);
      const isDone = attempt.signal.aborted || this.#settle(attempt, codes);
      if (isDone) this.#failures = 0;
    } catch (error) {
      if (!(error instanceof Overtaken)) this.#failed(attempt, asError(error));
    }
    this.#attempts.delete(attempt);
    if (this.#current === attempt) this.#current = null;
    if (this.#current !== null) return;
    if (this.#failures === 0) this.#send();
    else this.#goOnWithin(this.#backoff.delay(this.#failures));
  }

  async #ask(attempt: CommitAttempt): Promise<Map<string, number>> {
    const { member } = attempt.lot;
    const { requestTimeoutMs: timeoutMs } = this.#cluster.options;
    const offsets = attempt.offsets();
    const body = (version: number): OffsetCommitRequest => {
      // It looked for the coordinator while another one took over what it has to say, perhaps with newer offsets.
      if (this.#current !== attempt) throw new Overtaken();
      attempt.leaves();
      return commitRequest(this.groupId, member, offsets.values(), version);
    };
    const haveIds = [...offsets.values()].every(({ topicId = ZERO_UUID }) => topicId !== ZERO_UUID);
    const maxVersion = haveIds ? undefined : LAST_VERSION_WITH_NAMES;
    const call = { signal: attempt.signal, answerSignal: this.#closing.signal, timeoutMs, maxVersion };
    return committedCodes(await this.#coordinator.send(OffsetCommit, body, call), offsets.values());
  }

  /** @returns false: some of it is sent again after a pause */
  #settle(attempt: CommitAttempt, codes: ReadonlyMap<string, number>): boolean {
    const { member } = attempt.lot;
    const report = new CommitReport();
    const again: string[] = [];
    for (const [key, offset] of attempt.offsets()) {
      const code = codes.get(key);
      if (code !== undefined && (isCoordinatorError(code) || this.#isNews(code, offset))) {
        again.push(key);
        continue;
      }
      const error = code === 0 ? null : commitError(code, offset, this.groupId, member);
      report.add(error, offset);
      attempt.settle(key, error);
    }
    this.#report(report, attempt.startedAt);
    const [first] = again;
    const coordinatorError = first === undefined ? undefined : codes.get(first);
    if (coordinatorError)
      this.#retryLater(attempt, this.#coordinator.refused(coordinatorError, OffsetCommit.name), again);
    if (isOfAnotherTopic(coordinatorError)) void this.#lookForTopics();
    const groupError = [...codes.values()].find(isGroupError);
    if (!groupError) return again.length === 0;
    if (groupError !== Errors.REBALANCE_IN_PROGRESS) {
      this.#options.onExpelled?.(member, this.#coordinator.refused(groupError, OffsetCommit.name));
    }
    this.#failLot(attempt.lot, (offset) => commitError(groupError, offset, this.groupId, member));
    return true;
  }

  /** Do other brokers still say that there is a topic of this id? Then the coordinator may be behind, or they are. */
  #isNews(code: number, { topic, topicId }: CommitOffset): boolean {
    const known = this.#cluster.snapshot.topics.get(topic);
    return isOfAnotherTopic(code) && isAgreed(known) && known.topicId === topicId;
  }

  /** Never rejects: the next answer tells. */
  async #lookForTopics(): Promise<void> {
    await this.#cluster.refreshMetadata({ signal: this.#closing.signal }).catch(() => undefined);
  }

  /** Nothing of that generation can be committed any more. */
  #failLot(lot: CommitLot, errorFor: (offset: TopicPartition) => Error): void {
    const report = new CommitReport();
    lot.failAll((offset) => {
      const error = errorFor(offset);
      report.add(error, offset);
      return error;
    });
    this.#report(report, clock.now());
  }

  #failed(attempt: CommitAttempt, error: Error): void {
    if (attempt.signal.aborted) return;
    if (isRetriable(error)) return this.#retryLater(attempt, error);
    const report = new CommitReport();
    for (const [key, offset] of attempt.offsets()) {
      report.add(error, offset);
      attempt.settle(key, error);
    }
    this.#report(report, attempt.startedAt);
  }

  /** @param keys default: all of the attempt */
  #retryLater(attempt: CommitAttempt, error: Error, keys?: readonly string[]): void {
    this.#lastFailure = error;
    this.#options.onPutOff?.(error);
    if (attempt === this.#current) this.#failures++;
    attempt.sendAgain(keys);
    if (attempt.lot !== this.#lots.at(-1)) this.#failLot(attempt.lot, () => error);
  }

  /** Whatever is waited for now, what is to be sent is sent after so long. */
  #goOnWithin(ms: number): void {
    const at = clock.now() + ms;
    if (at >= this.#timerAt || this.#closing.signal.aborted) return;
    clock.clearTimer(this.#timer);
    this.#timerAt = at;
    this.#timer = after(ms, () => {
      this.#current?.sendAgain();
      this.#current = null;
      this.#send();
    });
  }

  #pauseOver(): void {
    clock.clearTimer(this.#timer);
    this.#timer = null;
    this.#timerAt = Infinity;
  }

  #givenUp(call: CommitCall, reason: Error): void {
    for (const attempt of this.#attempts) attempt.leave(call, reason);
    const report = new CommitReport();
    for (const offset of call.unsettled()) report.add(reason, offset);
    this.#report(report, call.startedAt);
  }

  #refuseAll(offsets: readonly TopicPartitionOffset[], refusal: CommitRefusal): CommitOutcomes {
    const { code, message } = REFUSALS[refusal];
    const report = new CommitReport();
    const errors = offsets.map((offset) => {
      const { topic, partition } = offset;
      const error = brokerError(code, OffsetCommit.name, { topic, partition, message });
      report.add(error, offset);
      return error;
    });
    this.#report(report, clock.now());
    return errors;
  }

  #report(report: CommitReport, startedAt: number): void {
    const durationMs = clock.now() - startedAt;
    for (const { error, offsets } of report.parts()) {
      this.#cluster.emit({ type: 'commit', groupId: this.groupId, offsets, durationMs, ...(error && { error }) });
    }
  }

  // --- look-ups -----------------------------------------------------------------------------------------------------

  #fetch(partitions: readonly TopicPartition[], left: Waiting): Promise<FetchedOffsets> {
    // A JoinGroup holds the connection until the whole group has joined: look-ups must not wait behind it.
    if (!this.#options.member().isOut) return this.#fetchOnce(partitions, left);
    return this.#coordinator.beside('offsets', (beside) => this.#fetchOnce(partitions, { ...left, beside }));
  }

  async #fetchOnce(partitions: readonly TopicPartition[], call: CoordinatorCall): Promise<FetchedOffsets> {
    const { groupId } = this;
    const body = (version: number): OffsetFetchRequest =>
      fetchRequest(groupId, partitions, this.#options.isStable, version);
    const response = await this.#coordinator.send(OffsetFetch, body, { ...call, maxVersion: LAST_VERSION_WITH_NAMES });
    return fetchedOffsets(response, partitions, (code) => this.#coordinator.refused(code, OffsetFetch.name));
  }
}

function lostBefore({ topic, partition }: TopicPartition): BrokerError {
  const message = 'the partition was lost before the commit was answered: it may be handled again';
  return brokerError(Errors.REBALANCE_IN_PROGRESS, OffsetCommit.name, { topic, partition, message });
}

/** Nobody sees it: this attempt has not been sent and need not be. */
class Overtaken extends Error {}

/** Offsets of one event: those that had the same outcome. */
class CommitReport {
  readonly #parts = new Map<string, { readonly error: Error | null; readonly offsets: TopicPartitionOffset[] }>();

  add(error: Error | null, { topicId: _, ...offset }: CommitOffset): void {
    const key = error && isBrokerError(error) ? error.code : (error?.message ?? '');
    const part = this.#parts.get(key) ?? { error, offsets: [] };
    part.offsets.push(offset);
    this.#parts.set(key, part);
  }

  parts(): Iterable<{ readonly error: Error | null; readonly offsets: readonly TopicPartitionOffset[] }> {
    return this.#parts.values();
  }
}

/** Did the group go on without us? */
export function isOutOfGroup(error: unknown): error is BrokerError {
  return isBrokerError(error) && isGroupError(error.errorCode);
}
