/*
 * Fetches ahead of the loop: one loop per broker that leads something of ours, each with a session and a long poll of
 * its own, so that a slow or idle leader delays nobody.
 *
 * A partition is asked for while it has a position, is not paused, and has room in the buffer. A loop ends when nothing
 * is left to ask its broker for; `wake()` starts it again.
 */
import {
  Errors,
  Fetch,
  type FetchRequest,
  type FetchResponse,
  type FetchResponsePartition,
  ZERO_UUID,
} from '@hopwire/protocol';
import type { Broker } from '../cluster/broker.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { asError, isRetriable, refreshesMetadata } from '../errors.ts';
import type { ResolvedConsumerOptions } from '../options.ts';
import { Backoff } from '../util/backoff.ts';
import { monotonicNow, sleep } from '../util/timers.ts';
import type { Assignment } from './assignment.ts';
import { FetchSession, type Wanted } from './fetch-session.ts';
import type { Partition } from './partition.ts';

/** While a full partition of the same broker may get room again, a poll is not held for longer than this. */
const SHORT_POLL_MS = 50;
const LARGEST_INT = 2147483647;

export interface FetcherContext {
  readonly cluster: Cluster;
  readonly options: ResolvedConsumerOptions<unknown, unknown>;
  readonly assignment: Assignment;
  readonly signal: AbortSignal;
  /** Is a loop under way that wants data? */
  isActive(): boolean;
  /** One partition's part of an answer to what was asked. */
  onAnswer(partition: Partition, wanted: Wanted, answer: FetchResponsePartition, version: number): void;
  onFatal(error: Error): void;
}

/** What is asked of one broker. */
interface Plan {
  readonly broker: Broker;
  readonly wanted: { partition: Partition; wanted: Wanted }[];
  /** Something is left out only for lack of room. */
  isShort: boolean;
}

export class Fetcher {
  readonly #context: FetcherContext;
  readonly #sessions = new Map<number, FetchSession>();
  readonly #loops = new Map<number, Promise<void>>();
  #recovery: Promise<void> | null = null;
  #turn = 0;

  constructor(context: FetcherContext) {
    this.#context = context;
  }

  /** Something may have become fetchable: a position, room, a leader, a loop. */
  wake(): void {
    if (!this.#isRunning()) return;
    for (const nodeId of this.#plans().keys()) {
      if (!this.#loops.has(nodeId)) this.#loops.set(nodeId, this.#startLoop(nodeId));
    }
    if ([...this.#context.assignment].some((partition) => this.#needsLeader(partition))) this.#recover();
  }

  /** Until all loops have ended; abort the context's signal first. */
  async ended(): Promise<void> {
    await Promise.all([...this.#loops.values(), this.#recovery]);
  }

  #isRunning(): boolean {
    return this.#context.isActive() && !this.#context.signal.aborted;
  }

  #startLoop(nodeId: number): Promise<void> {
    return this.#loop(nodeId)
      .catch((error: unknown) => {
        if (!this.#context.signal.aborted) this.#context.onFatal(asError(error));
      })
      .finally(() => {
        this.#loops.delete(nodeId);
        // What became fetchable between the last look and now.
        this.wake();
      });
  }

  async #loop(nodeId: number): Promise<void> {
    const { cluster, signal } = this.#context;
    const { retryBackoffMs, retryBackoffMaxMs } = cluster.options;
    const backoff = new Backoff({ initialMs: retryBackoffMs, maxMs: Math.min(retryBackoffMaxMs, 1_000) });
    for (let failures = 0; this.#isRunning(); ) {
      const plan = this.#plans().get(nodeId);
      if (!plan) return;
      try {
        await this.#fetch(plan);
        failures = 0;
      } catch (error) {
        this.#sessions.delete(nodeId);
        if (signal.aborted) return;
        if (!isRetriable(error)) throw error;
        for (const { partition } of plan.wanted) partition.readReplica = null;
        await sleep(backoff.delay(++failures), signal).catch(() => undefined);
        if (refreshesMetadata(error)) await this.#refresh();
      }
    }
  }

  async #fetch(plan: Plan): Promise<void> {
    const { broker, wanted } = plan;
    const { options, signal, cluster } = this.#context;
    const purpose = 'fetch' as const;
    const hasIds = wanted.every((one) => one.wanted.topicId !== ZERO_UUID);
    const limit = hasIds ? {} : { maxVersion: 12 };
    const version = await broker.versionOf(Fetch, { purpose, signal, ...limit });
    const session = this.#session(broker.nodeId);
    const body = this.#request(plan, session, version);
    const timeoutMs = options.maxWaitMs + cluster.options.requestTimeoutMs;
    const response = await broker.send(Fetch, body, { purpose, signal, version, timeoutMs });
    if (response.errorCode !== 0) {
      session.reset();
      // A session error just starts a new one; the zero version of each partition is asked for again.
      if (!SESSION_ERRORS.has(response.errorCode)) this.#troubleAll(plan);
      return;
    }
    session.answered(response.sessionId);
    this.#deliver(plan, response, version);
  }

  #deliver({ wanted }: Plan, response: FetchResponse, version: number): void {
    const asked = new Map(wanted.map((one) => [nameOf(one.wanted, version) + one.wanted.partition, one]));
    for (const { topic, topicId, partitions } of response.responses) {
      for (const answer of partitions) {
        const one = asked.get(`${version >= 13 ? topicId : topic}/${answer.partitionIndex}`);
        if (one && this.#isStillWanted(one.partition, one.wanted)) {
          this.#context.onAnswer(one.partition, one.wanted, answer, version);
        }
      }
    }
    if (this.#anyTroubled()) this.#recover();
  }

  // A seek or a rebalance while the fetch was under way: its answer is of no use (CLI-089).
  #isStillWanted(partition: Partition, wanted: Wanted): boolean {
    return partition.place.name === 'placed' && partition.place.fetchOffset === wanted.fetchOffset;
  }

  #request({ wanted, isShort }: Plan, session: FetchSession, version: number): FetchRequest {
    const { options } = this.#context;
    const fields = session.next(
      wanted.map((one) => forVersion(one.wanted, version)),
      version,
    );
    return {
      clusterId: null,
      replicaId: -1,
      replicaState: { replicaId: -1, replicaEpoch: -1n },
      maxWaitMs: isShort ? Math.min(options.maxWaitMs, SHORT_POLL_MS) : options.maxWaitMs,
      minBytes: options.minBytes,
      maxBytes: version >= 3 ? options.maxBytes : LARGEST_INT,
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

  /** What every broker should be asked for now. Partitions take turns in being first (KIP-74). */
  #plans(): Map<number, Plan> {
    const { assignment, options } = this.#context;
    const plans = new Map<number, Plan>();
    const share = options.prefetchBytes / Math.max(1, assignment.size);
    const isFull = assignment.bufferedBytes() >= options.prefetchBytes;
    for (const partition of this.#rotated()) {
      const broker = this.#isFetchable(partition) ? this.#brokerOf(partition) : undefined;
      const { place } = partition;
      if (!broker || place.name !== 'placed') continue;
      const plan = plans.get(broker.nodeId) ?? { broker, wanted: [], isShort: false };
      if (isFull || partition.bufferedBytes >= share) plan.isShort = true;
      else plan.wanted.push({ partition, wanted: this.#wanted(partition, place) });
      plans.set(broker.nodeId, plan);
    }
    for (const [nodeId, plan] of plans) if (plan.wanted.length === 0) plans.delete(nodeId);
    return plans;
  }

  #rotated(): Partition[] {
    const all = [...this.#context.assignment];
    this.#turn = all.length === 0 ? 0 : (this.#turn + 1) % all.length;
    return [...all.slice(this.#turn), ...all.slice(0, this.#turn)];
  }

  #isFetchable(partition: Partition): boolean {
    if (partition.place.name !== 'placed' || partition.isPaused || partition.isTroubled) return false;
    if (partition.failure !== null) return false;
    return partition.end === null || partition.place.fetchOffset < partition.end;
  }

  #brokerOf(partition: Partition): Broker | undefined {
    const { cluster } = this.#context;
    const replica = partition.readReplica;
    const follower = replica && replica.untilMs > monotonicNow() ? cluster.broker(replica.nodeId) : undefined;
    return follower ?? cluster.leaderOf(partition);
  }

  #wanted(partition: Partition, place: { fetchOffset: bigint; fetchEpoch: number }): Wanted {
    const { cluster, options } = this.#context;
    return {
      topic: partition.topic,
      topicId: cluster.snapshot.topics.get(partition.topic)?.topicId ?? ZERO_UUID,
      partition: partition.partition,
      fetchOffset: place.fetchOffset,
      currentLeaderEpoch: cluster.leaderEpochOf(partition),
      lastFetchedEpoch: place.fetchEpoch,
      maxBytes: Math.max(options.partitionBytes, partition.growBytes),
    };
  }

  #needsLeader(partition: Partition): boolean {
    if (partition.isTroubled) return true;
    return this.#isFetchable(partition) && this.#brokerOf(partition) === undefined;
  }

  #anyTroubled(): boolean {
    return [...this.#context.assignment].some((partition) => partition.isTroubled);
  }

  #troubleAll({ wanted }: Plan): void {
    for (const { partition } of wanted) partition.isTroubled = true;
    this.#recover();
  }

  /** Refreshes metadata with back-off until every partition has a leader again; the others are fetched meanwhile. */
  #recover(): void {
    this.#recovery ??= this.#recoverAll()
      .catch((error: unknown) => {
        if (!this.#context.signal.aborted) this.#context.onFatal(asError(error));
      })
      .finally(() => {
        this.#recovery = null;
      });
  }

  async #recoverAll(): Promise<void> {
    const { cluster, signal, assignment } = this.#context;
    const { retryBackoffMs } = cluster.options;
    const backoff = new Backoff({ initialMs: retryBackoffMs, maxMs: 1_000 });
    for (let attempt = 1; this.#isRunning(); attempt++) {
      await sleep(backoff.delay(attempt), signal);
      await this.#refresh();
      for (const partition of assignment) partition.isTroubled = false;
      this.wake();
      if (![...assignment].some((partition) => this.#needsLeader(partition))) return;
    }
  }

  async #refresh(): Promise<void> {
    const { cluster, signal } = this.#context;
    try {
      await cluster.refreshMetadata({ signal });
    } catch (error) {
      if (!signal.aborted && !isRetriable(error)) throw error;
    }
  }
}

const SESSION_ERRORS: ReadonlySet<number> = new Set([
  Errors.FETCH_SESSION_ID_NOT_FOUND,
  Errors.INVALID_FETCH_SESSION_EPOCH,
  Errors.FETCH_SESSION_TOPIC_ID_ERROR,
]);

function nameOf({ topic, topicId }: Wanted, version: number): string {
  return `${version >= 13 ? topicId : topic}/`;
}

// Older versions cannot carry the epochs.
function forVersion(wanted: Wanted, version: number): Wanted {
  if (version >= 12) return wanted;
  return { ...wanted, lastFetchedEpoch: -1, currentLeaderEpoch: version >= 9 ? wanted.currentLeaderEpoch : -1 };
}
