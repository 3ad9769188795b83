/*
 * Fetches ahead of the loop: one loop per broker that leads something of ours, each with a session and a long poll of
 * its own, so that a slow or idle leader delays nobody.
 *
 * A loop ends when nothing is left to ask its broker for; `wake()` starts it again.
 */
import {
  Errors,
  Fetch,
  type FetchRequest,
  type FetchResponse,
  type FetchResponsePartition,
  type Steps,
  ZERO_UUID,
} from '@hopwire/protocol';
import type { Cluster } from '../cluster/cluster.ts';
import { impatiently } from '../cluster/impatience.ts';
import { type LeaderHint, leaderHint } from '../cluster/leader-hint.ts';
import type { Owner } from '../cluster/owner.ts';
import { asError, brokerError, isBrokerError, isRetriable, refreshesMetadata, TimeoutError } from '../errors.ts';
import type { ResolvedConsumerOptions } from '../options.ts';
import { Backoff } from '../util/backoff.ts';
import { clock } from '../util/clock.ts';
import { inTurns } from '../util/in-turns.ts';
import { sleep } from '../util/timers.ts';
import type { Assignment } from './assignment.ts';
import type { Read } from './fetch-outcome.ts';
import { FetchPace } from './fetch-pace.ts';
import { type Asked, FetchPlanner, type Plan, type Room } from './fetch-plan.ts';
import { FetchSession, type Wanted } from './fetch-session.ts';
import { Answer } from './fetched.ts';
import { LeaderWatch } from './leader-watch.ts';
import type { LogEnd } from './log-end.ts';
import type { Partition } from './partition.ts';

/** Beyond `maxWaitMs`: a broker that has not answered by then may be gone. */
const PATIENCE_MS = 500;
const LARGEST_INT = 2147483647;
/** Versions above address topics by id. */
const BY_NAME = 12;

export interface FetcherContext {
  readonly cluster: Cluster;
  readonly owner: Owner;
  readonly options: ResolvedConsumerOptions<unknown, unknown>;
  readonly assignment: Assignment;
  readonly signal: AbortSignal;
  /** Is a loop under way that wants data? */
  isActive(): boolean;
  /** What one partition's part of an answer holds. */
  read(asked: Asked, part: FetchResponsePartition, answer: Answer): Steps<Read>;
  /** One partition's part of an answer to what was asked, and what was read in it. */
  onAnswer(asked: Asked, part: FetchResponsePartition, version: number, read: Read): void;
  /** Left out of an incremental answer: nothing has changed since the broker said that of the log. */
  onNoAnswer(asked: Asked, said: LogEnd | undefined): void;
  /** The topic of this partition is gone, as the cluster has said for a while. */
  onMissing(partition: Partition, error: Error): void;
  /** What keeps something from being read for the moment; null: all goes well again. */
  onObstacle(error: Error | null): void;
  onFatal(error: Error): void;
}

export class Fetcher {
  readonly #context: FetcherContext;
  readonly #planner: FetchPlanner;
  readonly #leaders: LeaderWatch;
  readonly #sessions = new Map<number, FetchSession>();
  readonly #paces = new Map<number, FetchPace>();
  readonly #loops = new Map<number, Promise<void>>();
  #hasFailed = false;

  constructor(context: FetcherContext) {
    this.#context = context;
    this.#planner = new FetchPlanner(context);
    const needsLeader = (partition: Partition): boolean => this.#planner.needsLeader(partition);
    const { onMissing, onFatal, onObstacle } = context;
    const isRunning = (): boolean => this.#isRunning();
    const wake = (): void => this.wake();
    this.#leaders = new LeaderWatch({ ...context, needsLeader, isRunning, wake, onMissing, onFatal, onObstacle });
  }

  /** Anything may have become fetchable: a position, room, a leader, a loop. */
  wake(): void {
    if (!this.#isRunning()) return;
    this.#startFor(this.#context.assignment);
    this.#leaders.look();
  }

  /** These may have become fetchable, or in need of a leader. */
  wakeForAll(partitions: readonly Partition[]): void {
    if (!this.#isRunning()) return;
    this.#startFor(partitions);
    if (partitions.some((partition) => this.#planner.needsLeader(partition))) this.#leaders.look();
  }

  /** This partition may have become fetchable. */
  wakeFor(partition: Partition): void {
    if (this.#isRunning()) this.#startFor([partition]);
  }

  /** Until all loops have ended; abort the context's signal first. */
  async ended(): Promise<void> {
    await Promise.all([...this.#loops.values(), this.#leaders.ended()]);
  }

  #isRunning(): boolean {
    return !this.#hasFailed && this.#context.isActive() && !this.#context.signal.aborted;
  }

  #startFor(partitions: Iterable<Partition>): void {
    let room: Room | null = null;
    for (const partition of partitions) {
      const nodeId = this.#planner.brokerFor(partition)?.nodeId;
      if (nodeId === undefined || this.#loops.has(nodeId)) continue;
      room ??= this.#planner.room();
      // A loop that would find nothing to ask for must not be started: its own end would start it again.
      if (room.for(partition) > 0) this.#loops.set(nodeId, this.#startLoop(nodeId));
    }
  }

  #startLoop(nodeId: number): Promise<void> {
    return this.#loop(nodeId)
      .catch((error: unknown) => {
        if (this.#context.signal.aborted) return;
        // A loop that fails for good must not be started again by its own end.
        this.#hasFailed = true;
        this.#context.onFatal(asError(error));
      })
      .finally(() => {
        this.#loops.delete(nodeId);
        // What became fetchable between the last look and now.
        this.wake();
      });
  }

  async #loop(nodeId: number): Promise<void> {
    const { signal, cluster } = this.#context;
    const { retryBackoffMs, retryBackoffMaxMs } = cluster.options;
    const backoff = new Backoff({ initialMs: retryBackoffMs, maxMs: Math.min(retryBackoffMaxMs, 1_000) });
    for (let failures = 0; this.#isRunning(); ) {
      const plan = await this.#next(nodeId);
      if (plan === null) return;
      const askedAt = clock.now();
      const failure = await this.#attempt(plan);
      if (failure === null) failures = 0;
      if (failure === null || signal.aborted) {
        await this.#rest(plan, clock.now() - askedAt);
        continue;
      }
      if (!isRetriable(failure) && !isBrokerError(failure)) throw failure;
      if (++failures === 1 && isSessionError(failure)) continue;
      this.#context.onObstacle(failure);
      await sleep(backoff.delay(failures), signal).catch(() => undefined);
      if (refreshesMetadata(failure)) await this.#leaders.refresh();
    }
  }

  /** A microtask later, so that all that was done by one answer is in the next request. */
  async #next(nodeId: number): Promise<Plan | null> {
    await null;
    return this.#isRunning() ? this.#planner.plan(nodeId) : null;
  }

  /** After answers that bring nothing. */
  async #rest(plan: Plan, tookMs: number): Promise<void> {
    const { nodeId } = plan.broker;
    const pace = this.#paces.get(nodeId) ?? new FetchPace();
    this.#paces.set(nodeId, pace);
    const pauseMs = pace.answered(plan, tookMs);
    if (pauseMs > 0) await sleep(pauseMs, this.#context.signal).catch(() => undefined);
  }

  async #attempt(plan: Plan): Promise<Error | null> {
    try {
      const { cluster } = this.#context;
      await impatiently(cluster, plan.maxWaitMs + PATIENCE_MS, this.#fetch(plan));
      return null;
    } catch (error) {
      this.#sessions.delete(plan.broker.nodeId);
      // The rest of its answer would be in the way of the next one.
      if (error instanceof TimeoutError) plan.broker.release(this.#context.owner, error);
      for (const { partition } of plan.asked) partition.readReplica = null;
      return asError(error);
    }
  }

  async #fetch(plan: Plan): Promise<void> {
    const { broker, asked, maxWaitMs } = plan;
    const { signal, cluster, owner } = this.#context;
    const hasIds = asked.every(({ wanted }) => wanted.topicId !== ZERO_UUID);
    const limit = hasIds ? {} : { maxVersion: BY_NAME };
    const version = await broker.versionOf(Fetch, { owner, signal, ...limit });
    const session = this.#session(broker.nodeId);
    const body = this.#request(plan, session, version);
    const answerTimeoutMs = maxWaitMs + cluster.options.requestTimeoutMs;
    const response = await broker.send(Fetch, body, {
      owner,
      signal,
      version,
      answerTimeoutMs,
      mayArriveSlowly: () => asked.every(isStillWanted),
    });
    if (response.errorCode !== 0) this.#refused(plan, session, response.errorCode);
    session.answered(response.sessionId);
    await inTurns(this.#deliver(plan, session, response, version));
  }

  /** The whole request was refused. A session error starts a new session, after a pause if it comes again. */
  #refused({ asked }: Plan, session: FetchSession, errorCode: number): never {
    session.reset();
    if (!SESSION_ERRORS.has(errorCode)) for (const { partition } of asked) partition.trouble();
    throw brokerError(errorCode, Fetch.name);
  }

  /** Also small parts are many, and a seek or a rebalance may come between any two of them. */
  *#deliver({ asked }: Plan, session: FetchSession, response: FetchResponse, version: number): Steps<void> {
    const byName = new Map(asked.map((one) => [nameOf(one.wanted, version), one]));
    const answer = new Answer(pinnedBytes(response));
    const hints: LeaderHint[] = [];
    let isOther = false;
    for (const { topic, topicId, partitions } of response.responses) {
      for (const part of partitions) {
        const key = `${version > BY_NAME ? topicId : topic}/${part.partitionIndex}`;
        const one = byName.get(key);
        byName.delete(key);
        if (one && part.errorCode === 0) session.said(one.wanted.key, part);
        if (!one) isOther = true;
        if (!one || !isStillWanted(one)) continue;
        const read = yield* this.#context.read(one, part, answer);
        yield;
        if (!isStillWanted(one)) {
          if (read !== null && !(read instanceof Error)) answer.release(read.data.bytes);
          continue;
        }
        this.#context.onAnswer(one, part, version, read);
        if (part.errorCode !== 0) hints.push(...leaderHint(one.partition, part.errorCode, part.currentLeader));
      }
    }
    for (const one of byName.values()) {
      if (isStillWanted(one)) this.#context.onNoAnswer(one, session.lastSaid(one.wanted.key));
    }
    // It answers about another session than ours, and might never say anything of what we ask for.
    if (isOther) session.reset();
    for (const partition of this.#context.assignment) partition.compact();
    this.#context.onObstacle(null);
    this.#context.cluster.learnLeaders(hints, response.nodeEndpoints);
    this.#leaders.look();
  }

  #request({ asked, maxWaitMs, maxBytes }: Plan, session: FetchSession, version: number): FetchRequest {
    const { options } = this.#context;
    const fields = session.next(
      asked.map(({ wanted }) => forVersion(wanted, version)),
      version,
    );
    return {
      clusterId: null,
      replicaId: -1,
      replicaState: { replicaId: -1, replicaEpoch: -1n },
      maxWaitMs,
      minBytes: options.minBytes,
      maxBytes: version >= 3 ? maxBytes : LARGEST_INT,
      isolationLevel: version >= 4 && options.isolation === 'read_committed' ? 1 : 0,
      rackId: '',
      ...fields,
    };
  }

  #session(nodeId: number): FetchSession {
    const known = this.#sessions.get(nodeId);
    if (known) return known;
    const session = new FetchSession();
    this.#sessions.set(nodeId, session);
    return session;
  }
}

const SESSION_ERRORS: ReadonlySet<number> = new Set([
  Errors.FETCH_SESSION_ID_NOT_FOUND,
  Errors.INVALID_FETCH_SESSION_EPOCH,
  Errors.FETCH_SESSION_TOPIC_ID_ERROR,
]);

function isSessionError(error: Error): boolean {
  return isBrokerError(error) && SESSION_ERRORS.has(error.errorCode);
}

/** A seek, a reset or a rebalance while the fetch was under way: its answer is of no use (CLI-089). */
function isStillWanted({ partition, incarnation, wanted }: Asked): boolean {
  if (partition.incarnation !== incarnation) return false;
  return partition.place.name === 'placed' && partition.place.fetchOffset === wanted.fetchOffset;
}

/** What the answer keeps in memory while a share of it is held. */
function pinnedBytes({ responses }: FetchResponse): number {
  for (const { partitions } of responses) {
    for (const { records } of partitions) if (records !== null && records.length > 0) return records.buffer.byteLength;
  }
  return 0;
}

function nameOf({ topic, topicId, partition }: Wanted, version: number): string {
  return `${version > BY_NAME ? topicId : topic}/${partition}`;
}

// Older versions cannot carry the epochs.
function forVersion(wanted: Wanted, version: number): Wanted {
  if (version >= 12) return wanted;
  return { ...wanted, lastFetchedEpoch: -1, currentLeaderEpoch: version >= 9 ? wanted.currentLeaderEpoch : -1 };
}
