// The cluster as we know it: brokers by id, topics and leaders, coordinators, the controller; and who is told of changes.
import { type Api, FindCoordinator, Metadata, type MetadataResponse, type NodeEndpoint } from '@hopwire/protocol';
import { asError, brokerError, ClosedError, isBrokerError, lateBecause, type TimeoutError } from '../errors.ts';
import type { KafkaEvent } from '../events.ts';
import type { ResolvedKafkaOptions } from '../options.ts';
import type { TopicPartition, Waiting } from '../types.ts';
import { Backoff } from '../util/backoff.ts';
import { clock, type Timer } from '../util/clock.ts';
import { harmless } from '../util/harmless.ts';
import { type RetryPolicy, retry } from '../util/retry.ts';
import { after, waitFor } from '../util/timers.ts';
import { askAny } from './ask-any.ts';
import type { Broker, ClusterContext, SendOptions, Trust } from './broker.ts';
import { Brokers } from './brokers.ts';
import { Complaints } from './complaints.ts';
import { type CoordinatorKind, Coordinators } from './coordinators.ts';
import { type LeaderHint, withLeaders } from './leader-hint.ts';
import { changedLeaders } from './leaders.ts';
import { applyMetadata, EMPTY_SNAPSHOT, isContested, type MetadataSnapshot, withRefusedId } from './metadata.ts';
import { MetadataRefresh, type Wish } from './metadata-refresh.ts';
import { askForMetadata } from './metadata-source.ts';
import { Owner } from './owner.ts';
import { type TopicsInUse, TrackedTopics } from './tracked-topics.ts';

/** When a caller names no time and the cluster has answered before. */
const CALL_TIMEOUT_MS = 60_000;
/** Topics nobody asked for during so many metadata ages are not refreshed any more. */
const AGES_TRACKED = 3;
/** Topics that are asked for again so soon: the broker that answered is perhaps behind the others. */
const AGAIN_MS = 3_000;
/** Above the connect timeout, so that the reason of a failed connect is what the caller sees. */
const GRACE_MS = 500;

/** Told of each new snapshot, at once. */
export type SnapshotListener = (after: MetadataSnapshot, before: MetadataSnapshot) => void;

/** Shared by all producers, consumers and admins of a client. */
export class Cluster {
  readonly options: ResolvedKafkaOptions;
  /** Owner of the connections of metadata and of look-ups: nothing slow is sent there. */
  readonly control: Owner = new Owner('metadata');
  readonly #brokers: Brokers;
  readonly #coordinators: Coordinators;
  readonly #refresh: MetadataRefresh;
  readonly #observerFailures = new Set<KafkaEvent['type']>();
  readonly #tracked = new TrackedTopics();
  readonly #backoff: Backoff;
  readonly #trust: Trust = { earned: false, hasLoggedIn: false, refusals: 0, failure: null };
  readonly #closing = new AbortController();
  readonly #fetchedAt = new Map<string, number>();
  readonly #listeners = new Set<SnapshotListener>();
  #snapshot: MetadataSnapshot = EMPTY_SNAPSHOT;
  /** When metadata came last, by address. */
  readonly #heardAt = new Map<string, number>();
  #ageTimer: Timer | null = null;

  constructor(options: ResolvedKafkaOptions) {
    this.options = options;
    this.#backoff = new Backoff({ initialMs: options.retryBackoffMs, maxMs: options.retryBackoffMaxMs });
    const emit = options.onEvent && ((event: KafkaEvent) => this.emit(event));
    const context: ClusterContext = {
      options,
      emit,
      trust: this.#trust,
      control: this.control,
      complaints: new Complaints(options.logger),
    };
    this.#brokers = new Brokers(context);
    this.#coordinators = new Coordinators({
      ask: (body) => this.askAny(FindCoordinator, body),
      broker: (nodeId) => this.broker(nodeId),
      learn: (address) => this.#brokers.learn(address),
      late: (what, waiting) => this.late(what, waiting),
    });
    this.#refresh = new MetadataRefresh({
      ask: (topics, wish) => this.#ask(topics, wish),
      rebootstrap: () => this.#rebootstrap(),
      apply: (response, topics) => this.#apply(response, topics),
      isKnown: (topic) => this.#fetchedAt.has(topic),
      report: (startedAt, error) => this.#report(startedAt, error),
      closing: this.#closing.signal,
    });
  }

  /** The last known picture; perhaps empty. */
  get snapshot(): MetadataSnapshot {
    return this.#snapshot;
  }

  /** Why no broker can be reached, as far as the last attempt says; null: it worked. */
  get unreachable(): Error | null {
    return this.#trust.failure;
  }

  /** What keeps calls waiting, as far as is known: nobody can be reached, the
   * cluster refuses to answer, or a broker demands a pause; null: nothing. */
  get obstacle(): Error | null {
    return this.#trust.failure ?? this.#refresh.refusal ?? this.#brokers.demandedPause;
  }

  /** When any broker was heard last, of the clock; -Infinity: there is no connection. */
  get heardAt(): number {
    return this.#brokers.heardAt;
  }

  /** Is anything awaited from a broker, or is one dialed? */
  get isAwaiting(): boolean {
    return this.#brokers.isAwaiting;
  }

  /** The error of a call whose time is up, with what stood in its way. */
  late(what: string, { timeoutMs = 0 }: Waiting): TimeoutError {
    return lateBecause(what, timeoutMs, this.obstacle ?? undefined);
  }

  /** @returns ends it */
  onSnapshot(listener: SnapshotListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** These are refreshed with all others as long as `topics` names them. @returns ends it */
  useTopics(topics: TopicsInUse): () => void {
    return this.#tracked.use(topics);
  }

  /**
   * From what is known, unless a topic is missing, faulty or stale. Errors of topics stay data. With
   * `allowAutoTopicCreation` this may create a topic; refreshing does not, lest it brings deleted ones back.
   */
  async metadataFor(topics: readonly string[], waiting: Waiting = {}): Promise<MetadataSnapshot> {
    this.#tracked.touch(topics, clock.now());
    if (topics.every((topic) => this.#isFresh(topic))) return this.#snapshot;
    const mayCreate = this.options.allowAutoTopicCreation;
    const asked = (): string[] => (mayCreate ? [...new Set(topics)] : this.#trackedTopics(topics));
    return this.#refreshed({ topics: asked, since: -Infinity, mayCreate, seeksNews: false }, waiting);
  }

  /**
   * The truth about these topics: what the cluster says after the call.
   *
   * @param seeksNews what was said just now is doubted: another broker is asked
   */
  freshMetadata(topics: readonly string[], waiting: Waiting = {}, seeksNews = false): Promise<MetadataSnapshot> {
    const asked = (): string[] => this.#trackedTopics(topics);
    return this.#refreshed({ topics: asked, since: clock.now(), mayCreate: false, seeksNews }, waiting);
  }

  /** As `freshMetadata`, for topics that something waits for: with `allowAutoTopicCreation` asking may create them. */
  seekTopics(topics: readonly string[], waiting: Waiting = {}): Promise<MetadataSnapshot> {
    this.#tracked.touch(topics, clock.now());
    const mayCreate = this.options.allowAutoTopicCreation;
    const asked = (): string[] => (mayCreate ? [...new Set(topics)] : this.#trackedTopics(topics));
    return this.#refreshed({ topics: asked, since: clock.now(), mayCreate, seeksNews: true }, waiting);
  }

  /** Of all topics in use. Asked again soon, it is another broker's. */
  refreshMetadata(waiting: Waiting = {}): Promise<MetadataSnapshot> {
    const asked = (): string[] => this.#trackedTopics([]);
    return this.#refreshed({ topics: asked, since: -Infinity, mayCreate: false, seeksNews: true }, waiting);
  }

  /** Of every topic this user may see, as of after the call. */
  allTopics(waiting: Waiting = {}): Promise<MetadataSnapshot> {
    const wish = { topics: () => null, since: clock.now(), mayCreate: false, seeksNews: false };
    return this.#refreshed(wish, waiting);
  }

  broker(nodeId: number): Broker | undefined {
    return this.#brokers.get(nodeId);
  }

  /** Is what is known of the topic no older than this moment of the clock? */
  isFetchedSince(topic: string, at: number): boolean {
    return (this.#fetchedAt.get(topic) ?? -Infinity) >= at;
  }

  /** A broker that answered. */
  async anyBroker(waiting: Waiting = {}): Promise<Broker> {
    const [first] = this.#brokers.candidates();
    if (first?.isConnected) return first;
    await this.refreshMetadata(waiting);
    const [now] = this.#brokers.candidates();
    if (!now) throw new ClosedError('the cluster');
    return now;
  }

  /** One attempt: the first good answer of any broker; one that is silent is not waited for alone. */
  askAny<Q, R>(api: Api<Q, R>, body: Q, options: SendOptions = {}): Promise<R> {
    const asking = this.#askAny((broker, o) => broker.send(api, body, { ...options, ...o }), options.signal);
    return waitFor(asking, options, () => this.late(api.name, options));
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

  /** Brokers that do not lead these any more said who does (KIP-951). */
  learnLeaders(hints: readonly LeaderHint[], endpoints: readonly NodeEndpoint[]): void {
    const now = withLeaders(this.#snapshot, hints, endpoints);
    if (now !== this.#snapshot && !this.#closing.signal.aborted) this.#replace(now);
  }

  /** A leader has said that there is no topic of this id. */
  refuseId(topic: string, topicId: string): void {
    const now = withRefusedId(this.#snapshot, topic, topicId);
    if (now !== this.#snapshot && !this.#closing.signal.aborted) this.#snapshot = now;
  }

  coordinatorFor(key: string, kind: CoordinatorKind, waiting: Waiting = {}): Promise<Broker> {
    return retry(this.retryPolicy, waiting, (left) => this.#coordinators.find(key, kind, left));
  }

  /** It may be another one by now: asks, and what is known is used until the answer. */
  checkCoordinator(key: string, kind: CoordinatorKind): void {
    void this.#coordinators.lookAgain(key, kind);
  }

  /** It moved, or does not answer. */
  forgetCoordinator(key: string, kind: CoordinatorKind): void {
    this.#coordinators.forget(key, kind);
  }

  /** Closes all connections of an owner; none is opened for it any more. */
  release(owner: Owner, reason: Error = new ClosedError(`the ${owner.name}`)): void {
    owner.markReleased();
    this.#brokers.release(owner, reason);
  }

  /** What the observer throws, now or by a promise, is logged and harmless. */
  emit(event: KafkaEvent): void {
    const { onEvent } = this.options;
    if (!onEvent) return;
    harmless(
      () => onEvent(event),
      (error) => this.#observerFailed(event.type, error),
    );
  }

  /** Said once for each type: there may be thousands of events a second. */
  #observerFailed(type: KafkaEvent['type'], error: unknown): void {
    if (this.#observerFailures.has(type)) return;
    this.#observerFailures.add(type);
    this.options.logger.error(`onEvent threw for a ${type} event; that is not logged again`, { error: asError(error) });
  }

  /** Of calls that name no time: 60 s, but the first call of a client must not hang for so long on a wrong address. */
  get retryPolicy(): RetryPolicy {
    return {
      backoff: this.#backoff,
      timeoutMs: this.#trust.earned ? CALL_TIMEOUT_MS : this.options.connectTimeoutMs + GRACE_MS,
      attemptMs: this.options.requestTimeoutMs,
      closing: this.#closing.signal,
    };
  }

  /** Everything that still waits fails with a ClosedError. */
  close(): void {
    if (this.#closing.signal.aborted) return;
    const reason = new ClosedError('the Kafka client');
    this.#closing.abort(reason);
    clock.clearTimer(this.#ageTimer);
    this.#listeners.clear();
    this.#brokers.close(reason);
  }

  async #refreshed(wish: Wish, waiting: Waiting): Promise<MetadataSnapshot> {
    await retry(this.retryPolicy, waiting, (left) => {
      return waitFor(this.#refresh.run(wish), left, () => this.late(`metadata from ${this.#addresses()}`, left));
    });
    return this.#snapshot;
  }

  #isFresh(topic: string): boolean {
    if (this.#snapshot.topics.get(topic)?.errorCode !== 0) return false;
    return clock.now() - (this.#fetchedAt.get(topic) ?? -Infinity) < this.options.metadataMaxAgeMs;
  }

  #trackedTopics(asked: readonly string[]): string[] {
    const before = clock.now() - AGES_TRACKED * this.options.metadataMaxAgeMs;
    return [...new Set([...asked, ...this.#tracked.current(before)])];
  }

  #addresses(): string {
    return this.options.brokers.map(({ host, port }) => `${host}:${port}`).join(', ');
  }

  /** @param inTurn begins with a broker that was not heard lately */
  #askAny<R>(
    ask: (broker: Broker, options: SendOptions) => Promise<R>,
    signal: AbortSignal | undefined,
    inTurn = false,
  ): Promise<R> {
    const timeoutMs = this.options.requestTimeoutMs;
    const askOne = (broker: Broker, over: AbortSignal): Promise<R> => ask(broker, { signal: over, timeoutMs });
    const closing = this.#closing.signal;
    const heardAt = (broker: Broker): number => this.#heardAt.get(broker.address) ?? -Infinity;
    const candidates = this.#brokers.candidates(inTurn ? heardAt : null);
    return askAny(candidates, askOne, signal ? [closing, signal] : [closing]);
  }

  async #ask(topics: readonly string[] | null, { mayCreate, seeksNews }: Wish): Promise<MetadataResponse> {
    const inTurn = seeksNews && (topics === null || this.#wereJustAsked(topics));
    const askOne = async (broker: Broker, options: SendOptions): Promise<MetadataResponse> => {
      const response = await askForMetadata(broker, topics, mayCreate, options);
      this.#heardAt.set(broker.address, clock.now());
      return response;
    };
    const response = await this.#askAny(askOne, undefined, inTurn);
    this.#trust.earned = true;
    return response;
  }

  #wereJustAsked(topics: readonly string[]): boolean {
    const before = clock.now() - AGAIN_MS;
    return topics.length > 0 && topics.every((topic) => this.isFetchedSince(topic, before));
  }

  #rebootstrap(): void {
    this.#brokers.forget();
    this.#snapshot = EMPTY_SNAPSHOT;
  }

  /** @returns whether a topic is another one by now, if the broker that was asked is not behind */
  #apply(response: MetadataResponse, asked: readonly string[] | null): boolean {
    if (response.errorCode !== 0) throw brokerError(response.errorCode, Metadata.name);
    const before = this.#snapshot;
    const inUse = asked === null ? this.#trackedTopics([]) : [];
    const now = applyMetadata(before, response, asked, inUse);
    const at = clock.now();
    for (const topic of asked ?? now.topics.keys()) this.#fetchedAt.set(topic, at);
    this.#armAge();
    this.#replace(now);
    return isContested(before, now);
  }

  #replace(now: MetadataSnapshot): void {
    const before = this.#snapshot;
    this.#snapshot = now;
    this.#brokers.replace(now.brokers);
    for (const nodeId of changedLeaders(before, now)) this.#brokers.get(nodeId)?.hurry();
    for (const listener of [...this.#listeners]) listener(now, before);
  }

  #report(startedAt: number, error?: Error): void {
    if (!this.options.onEvent) return;
    const { brokers, topics } = this.#snapshot;
    const durationMs = clock.now() - startedAt;
    this.emit({ type: 'metadata', durationMs, brokers: brokers.size, topics: topics.size, ...(error && { error }) });
  }

  /** Refreshes before the age is reached, jittered; failures are tried again at the next age, or when someone asks. */
  #armAge(): void {
    clock.clearTimer(this.#ageTimer);
    this.#ageTimer = after(this.options.metadataMaxAgeMs * (0.8 + 0.2 * clock.random()), () => {
      this.refreshMetadata().catch((error: unknown) => this.#ageFailed(error));
    });
    this.#ageTimer.unref();
  }

  #ageFailed(error: unknown): void {
    if (this.#closing.signal.aborted) return;
    const level = isBrokerError(error) ? 'warn' : 'info';
    const said = asError(error).message;
    this.options.logger[level]('metadata could not be refreshed in the background', { error: said });
    this.#armAge();
  }
}
