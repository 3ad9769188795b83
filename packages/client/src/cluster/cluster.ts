// The cluster as we know it: bootstrap and rebootstrap, brokers by id, leaders, coordinators, the controller.
import { Errors } from '@hopwire/protocol';
import { asError, ClosedError, isBrokerError, TimeoutError } from '../errors.ts';
import type { KafkaEvent } from '../events.ts';
import type { ResolvedKafkaOptions } from '../options.ts';
import type { TopicPartition, Waiting } from '../types.ts';
import { Backoff } from '../util/backoff.ts';
import { type RetryPolicy, retry } from '../util/retry.ts';
import { monotonicNow, sleep, waitFor } from '../util/timers.ts';
import type { Broker, ClusterContext } from './broker.ts';
import { Brokers } from './brokers.ts';
import { type CoordinatorKind, Coordinators } from './coordinators.ts';
import { applyMetadata, EMPTY_SNAPSHOT, type MetadataSnapshot } from './metadata.ts';
import { askForMetadata } from './metadata-source.ts';
import { TrackedTopics } from './tracked-topics.ts';

/** When a caller names no time and the cluster has answered before. */
const CALL_TIMEOUT_MS = 60_000;
/** The same topics are not asked for more often than this. */
const REFRESH_PAUSE_MS = 100;
/** Topics nobody asked for during so many metadata ages are not refreshed any more. */
const AGES_TRACKED = 3;
/** Above the connect timeout, so that the reason of a failed connect is what the caller sees. */
const GRACE_MS = 500;

interface Flight {
  /** null: all */
  readonly topics: ReadonlySet<string> | null;
  readonly done: Promise<MetadataSnapshot>;
}

/** Shared by all producers, consumers and admins of a client. */
export class Cluster {
  readonly options: ResolvedKafkaOptions;
  readonly #brokers: Brokers;
  readonly #coordinators: Coordinators;
  readonly #tracked = new TrackedTopics();
  readonly #backoff: Backoff;
  readonly #trust = { earned: false };
  readonly #closing = new AbortController();
  readonly #fetchedAt = new Map<string, number>();
  #snapshot: MetadataSnapshot = EMPTY_SNAPSHOT;
  #flight: Flight | null = null;
  #lastRefresh = -Infinity;
  #ageTimer: NodeJS.Timeout | undefined;

  constructor(options: ResolvedKafkaOptions) {
    this.options = options;
    this.#backoff = new Backoff({ initialMs: options.retryBackoffMs, maxMs: options.retryBackoffMaxMs });
    const emit = options.onEvent && ((event: KafkaEvent) => this.emit(event));
    const context: ClusterContext = { options, emit, trust: this.#trust };
    this.#brokers = new Brokers(context);
    this.#coordinators = new Coordinators({
      anyBroker: (o) => this.anyBroker(o),
      broker: (nodeId) => this.broker(nodeId),
      learn: (address) => this.#brokers.learn(address),
    });
  }

  /** The last known picture; perhaps empty. */
  get snapshot(): MetadataSnapshot {
    return this.#snapshot;
  }

  /** Refreshes when a topic is missing, faulty or stale. Errors of topics stay data. */
  async metadataFor(topics: readonly string[], waiting: Waiting = {}): Promise<MetadataSnapshot> {
    this.#tracked.touch(topics, monotonicNow());
    if (topics.every((topic) => this.#isFresh(topic))) return this.#snapshot;
    return this.#refresh(() => this.#trackedTopics(topics), waiting);
  }

  /** Single-flight; covers all topics in use; not more often than every 100 ms. */
  refreshMetadata(waiting: Waiting = {}): Promise<MetadataSnapshot> {
    return this.#refresh(() => this.#trackedTopics([]), waiting);
  }

  /** Of every topic this user may see. */
  allTopics(waiting: Waiting = {}): Promise<MetadataSnapshot> {
    return this.#refresh(() => null, waiting);
  }

  broker(nodeId: number): Broker | undefined {
    return this.#brokers.get(nodeId);
  }

  /** A broker that answered. */
  async anyBroker(waiting: Waiting = {}): Promise<Broker> {
    if (this.#snapshot.brokers.size === 0) await this.refreshMetadata(waiting);
    const [first] = this.#brokers.candidates();
    if (!first) throw new ClosedError('the cluster');
    if (first.isConnected) return first;
    await this.refreshMetadata(waiting);
    return this.#brokers.candidates()[0] ?? first;
  }

  leaderOf({ topic, partition }: TopicPartition): Broker | undefined {
    const leaderId = this.#snapshot.topics.get(topic)?.partitions.get(partition)?.leaderId ?? -1;
    return this.#brokers.get(leaderId);
  }

  /** -1: not known */
  leaderEpochOf({ topic, partition }: TopicPartition): number {
    return this.#snapshot.topics.get(topic)?.partitions.get(partition)?.leaderEpoch ?? -1;
  }

  /** Where to create and delete topics. A broker of KRaft passes such requests on. */
  async controller(waiting: Waiting = {}): Promise<Broker> {
    const known = this.#brokers.get(this.#snapshot.controllerId);
    if (known) return known;
    await this.refreshMetadata(waiting);
    return this.#brokers.get(this.#snapshot.controllerId) ?? this.anyBroker(waiting);
  }

  coordinatorFor(key: string, kind: CoordinatorKind, waiting: Waiting = {}): Promise<Broker> {
    return retry(this.#policy(CALL_TIMEOUT_MS), waiting, (left) => this.#coordinators.find(key, kind, left));
  }

  /** It moved, or does not answer. */
  forgetCoordinator(key: string, kind: CoordinatorKind): void {
    this.#coordinators.forget(key, kind);
  }

  /** What the observer throws is logged and harmless. */
  emit(event: KafkaEvent): void {
    try {
      this.options.onEvent?.(event);
    } catch (error) {
      this.options.logger.error(`onEvent threw for a ${event.type} event`, { error });
    }
  }

  /** Of calls that name no time: 60 s, but the first call must not hang that long on a wrong address. */
  get retryPolicy(): RetryPolicy {
    return this.#policy(CALL_TIMEOUT_MS);
  }

  /** Everything that still waits fails with a ClosedError. */
  async close(_waiting: Waiting = {}): Promise<void> {
    if (this.#closing.signal.aborted) return;
    const reason = new ClosedError('the Kafka client');
    this.#closing.abort(reason);
    clearTimeout(this.#ageTimer);
    await this.#brokers.close(reason);
  }

  #isFresh(topic: string): boolean {
    if (this.#snapshot.topics.get(topic)?.errorCode !== 0) return false;
    return monotonicNow() - (this.#fetchedAt.get(topic) ?? -Infinity) < this.options.metadataMaxAgeMs;
  }

  #trackedTopics(asked: readonly string[]): string[] {
    const before = monotonicNow() - AGES_TRACKED * this.options.metadataMaxAgeMs;
    return [...new Set([...asked, ...this.#tracked.current(before)])];
  }

  #policy(timeoutMs: number): RetryPolicy {
    return {
      backoff: this.#backoff,
      timeoutMs: this.#trust.earned ? timeoutMs : this.#firstCallMs(),
      closing: this.#closing.signal,
    };
  }

  /** The first call of a client must not hang for a minute on a wrong address. */
  #firstCallMs(): number {
    return this.options.connectTimeoutMs + GRACE_MS;
  }

  #refresh(topics: () => string[] | null, waiting: Waiting): Promise<MetadataSnapshot> {
    return retry(this.#policy(CALL_TIMEOUT_MS), waiting, (left) => {
      const late = (): Error => new TimeoutError(`metadata from ${this.#addresses()}`, left.timeoutMs);
      return waitFor(this.#shared(topics), left, late);
    });
  }

  #addresses(): string {
    return this.options.brokers.map(({ host, port }) => `${host}:${port}`).join(', ');
  }

  /** Joins a request under way that covers the same topics, else begins one after it. */
  async #shared(topics: () => string[] | null): Promise<MetadataSnapshot> {
    for (;;) {
      if (this.#closing.signal.aborted) throw this.#closing.signal.reason;
      const asked = topics();
      const flight = this.#flight;
      if (!flight) return this.#begin(asked);
      if (covers(flight.topics, asked)) return flight.done;
      // Its failure is told to its own callers; here only its end counts.
      await flight.done.then(nothing, nothing);
    }
  }

  #begin(asked: string[] | null): Promise<MetadataSnapshot> {
    const done = this.#ask(asked).finally(() => {
      this.#flight = null;
    });
    this.#flight = { topics: asked && new Set(asked), done };
    return done;
  }

  async #ask(asked: readonly string[] | null): Promise<MetadataSnapshot> {
    await this.#notTooOften(asked);
    const startedAt = monotonicNow();
    this.#lastRefresh = startedAt;
    try {
      const response = await askForMetadata(this.#brokers.candidates(), asked, this.options.allowAutoTopicCreation);
      this.#trust.earned = true;
      if (response.errorCode === Errors.REBOOTSTRAP_REQUIRED) return await this.#rebootstrap(asked);
      return this.#apply(applyMetadata(this.#snapshot, response, asked), asked, startedAt);
    } catch (error) {
      this.#report(startedAt, asError(error));
      throw error;
    }
  }

  /** A topic that was never asked for is asked for at once. */
  async #notTooOften(asked: readonly string[] | null): Promise<void> {
    const isNew = asked?.some((topic) => !this.#fetchedAt.has(topic)) ?? false;
    const pauseMs = this.#lastRefresh + REFRESH_PAUSE_MS - monotonicNow();
    if (!isNew && pauseMs > 0) await sleep(pauseMs, this.#closing.signal);
  }

  /** KIP-1102: what we know of the cluster is not to be trusted any more. */
  #rebootstrap(asked: readonly string[] | null): Promise<MetadataSnapshot> {
    this.#brokers.forget();
    this.#snapshot = EMPTY_SNAPSHOT;
    return this.#ask(asked);
  }

  #apply(snapshot: MetadataSnapshot, asked: readonly string[] | null, startedAt: number): MetadataSnapshot {
    if (this.#closing.signal.aborted) throw this.#closing.signal.reason;
    this.#snapshot = snapshot;
    for (const topic of asked ?? snapshot.topics.keys()) this.#fetchedAt.set(topic, startedAt);
    this.#brokers.replace(snapshot.brokers);
    this.#report(startedAt);
    this.#armAge();
    return snapshot;
  }

  #report(startedAt: number, error?: Error): void {
    if (!this.options.onEvent) return;
    const { brokers, topics } = this.#snapshot;
    const durationMs = monotonicNow() - startedAt;
    this.emit({ type: 'metadata', durationMs, brokers: brokers.size, topics: topics.size, ...(error && { error }) });
  }

  /** Refreshes before the age is reached, jittered; failures are tried again at the next age, or when someone asks. */
  #armAge(): void {
    clearTimeout(this.#ageTimer);
    const ageMs = this.options.metadataMaxAgeMs * (0.8 + 0.2 * Math.random());
    this.#ageTimer = setTimeout(() => this.#refreshInBackground(), ageMs).unref();
  }

  #refreshInBackground(): void {
    this.refreshMetadata().catch((error: unknown) => {
      if (this.#closing.signal.aborted) return;
      const level = isBrokerError(error) ? 'warn' : 'info';
      this.options.logger[level]('metadata could not be refreshed in the background', {
        error: asError(error).message,
      });
      this.#armAge();
    });
  }
}

function covers(running: ReadonlySet<string> | null, asked: readonly string[] | null): boolean {
  if (running === null || asked === null) return running === asked;
  return asked.every((topic) => running.has(topic));
}

function nothing(): void {
  // only the end counts
}
