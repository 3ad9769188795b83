/*
 * Membership in a classic group.
 *
 *   idle --start--> unjoined --JoinGroup--> joining --SyncGroup--> stable --rebalance, topics changed--> revoking
 *   joining --any failure--> unjoined
 *   revoking --given back: join again--> unjoined
 *   stable, revoking --lost: unknown member, old generation, session over without an answer--> outside
 *   stable, revoking --body or hook too long: leave--> outside
 *   outside --the body and the hooks have ended--> unjoined
 *   any --close()--> revoking, if something is ours --> leaving --> left
 *
 * One loop walks through it, so that the handler's calls come one after the other. What may come at any moment (heartbeats'
 * answers, new topics, a body that is overdue, close) only notes an ending and brings the limit of the call under way
 * forward. Assignment is eager: all partitions go back before every join.
 */
import type { Cluster } from '../cluster/cluster.ts';
import { asError, ClosedError, isBrokerError, TimeoutError } from '../errors.ts';
import type { RebalanceEvent } from '../events.ts';
import type { TopicPartition } from '../types.ts';
import { Backoff } from '../util/backoff.ts';
import { clock } from '../util/clock.ts';
import { Silence } from '../util/silence.ts';
import { Deadline, sleep, waitFor } from '../util/timers.ts';
import { ClosingTime } from './closing-time.ts';
import type { Coordinator } from './coordinator.ts';
import type { Ending } from './ending.ts';
import { Generation } from './generation.ts';
import { HandlerCalls } from './handler-calls.ts';
import { type MemberIdentity, NO_MEMBER } from './identity.ts';
import { type ClassicGroupOptions, type Joined, Joiner } from './joiner.ts';
import { ForeignTopics } from './leader.ts';
import { Limit } from './limit.ts';
import type { AssignmentHandler, Membership } from './membership.ts';
import { fatalIn, fatalOf, isOutOfGeneration, type Who } from './recovery.ts';
import type { ChosenTopics } from './topic-choice.ts';
import { ownTopics, type TopicWatch, type TopicWatchOptions } from './topic-watch.ts';

const LONGEST_PAUSE_MS = 1_000;

type State =
  | { readonly name: 'idle' | 'unjoined' | 'left'; readonly memberId: string }
  | { readonly name: 'joining'; readonly memberId: string; readonly since: number }
  | { readonly name: 'stable' | 'revoking'; readonly generation: Generation };

export class ClassicGroup implements Membership {
  readonly #cluster: Cluster;
  readonly #coordinator: Coordinator;
  readonly #options: ClassicGroupOptions;
  readonly #handler: AssignmentHandler;
  readonly #watch: TopicWatch;
  readonly #foreign: ForeignTopics;
  readonly #joiner: Joiner;
  readonly #calls: HandlerCalls;
  readonly #backoff: Backoff;
  /** Aborted when close begins: whatever only waits ends. */
  readonly #closing = new AbortController();
  /** Aborted when close has ended: nothing is under way any more. */
  readonly #closed = new AbortController();
  /** Until when, at close, the answer to the first JoinGroup is waited for. */
  readonly #lastAnswer = new Limit();
  /** About failing to get into the group. */
  readonly #silence: Silence;
  #time: ClosingTime | null = null;
  #state: State;
  #joinReason = 'first join';
  #failures = 0;
  #isFailed = false;
  #running: Promise<void> | null = null;
  #wake: () => void = nothing;

  constructor(
    cluster: Cluster,
    coordinator: Coordinator,
    options: ClassicGroupOptions,
    topics: Pick<TopicWatchOptions, 'topics' | 'onMissing'>,
    handler: AssignmentHandler,
  ) {
    this.#cluster = cluster;
    this.#coordinator = coordinator;
    this.#options = options;
    this.#state = { name: 'idle', memberId: options.memberId };
    this.#handler = handler;
    this.#silence = new Silence(cluster.options.logger);
    const onChange = (): void => this.#compareTopics();
    this.#watch = ownTopics(cluster, topics, handler, onChange);
    this.#foreign = new ForeignTopics(cluster, options.sessionTimeoutMs / 3, onChange);
    this.#joiner = new Joiner(cluster, coordinator, options, this.#foreign);
    this.#calls = new HandlerCalls({
      rebalanceTimeoutMs: options.rebalanceTimeoutMs,
      logger: cluster.options.logger,
      time: () => this.#time,
      ending: () => this.#generation?.ending ?? null,
    });
    this.#backoff = new Backoff({ initialMs: cluster.options.retryBackoffMs, maxMs: LONGEST_PAUSE_MS });
  }

  get identity(): MemberIdentity {
    return this.#generation?.claim ?? { ...NO_MEMBER, memberId: this.#memberId, isOut: true };
  }

  get topics(): ChosenTopics | null {
    return this.#watch.found;
  }

  get obstacle(): Error | null {
    return this.#watch.obstacle ?? this.#silence.obstacle;
  }

  get certainUntil(): number {
    return this.#generation?.certainUntil ?? Infinity;
  }

  expelled(member: MemberIdentity, error: Error): void {
    if (this.#generation?.isOf(member)) this.#generation.end('lost', error.message, error);
  }

  start(): void {
    if (this.#time === null) this.#running ??= this.#run();
  }

  async close(deadline: Deadline): Promise<void> {
    if (this.#time === null) this.#beginClosing(new ClosingTime(deadline));
    else if (deadline.at < this.#time.deadline.at) this.#closeBy(new ClosingTime(deadline));
    if (deadline.passed) this.#sayFarewell();
    const late = (): Error => new TimeoutError('leaving the group', 0);
    await waitFor(this.#running ?? Promise.resolve(), { timeoutMs: deadline.remainingMs }, late).catch(nothing);
    if (this.#state.name === 'left' || this.#time?.deadline.passed) this.#end();
  }

  /** There is no time to leave in order, and others need not wait for the session to end. */
  #sayFarewell(): void {
    const memberId = this.#memberId;
    if (memberId === '' || this.#options.groupInstanceId !== null || this.#state.name === 'left') return;
    this.#coordinator.farewell(memberId, 'the consumer was closed without waiting');
  }

  #beginClosing(time: ClosingTime): void {
    this.#closing.abort(time.reason);
    this.#closeBy(time);
    this.#wake();
    if (this.#running === null) this.#end();
  }

  /** Also later, when there is less time than was thought. */
  #closeBy(time: ClosingTime): void {
    this.#time = time;
    this.#lastAnswer.by(time.committedBy, time.reason);
    this.#calls.hasten();
  }

  get #generation(): Generation | null {
    return 'generation' in this.#state ? this.#state.generation : null;
  }

  get #who(): Who {
    const { groupInstanceId } = this.#options;
    return { groupId: this.#coordinator.groupId, memberId: this.#memberId, groupInstanceId };
  }

  /** '': none, or one that the broker does not know. */
  get #memberId(): string {
    const state = this.#state;
    return 'generation' in state ? state.generation.claim.memberId : state.memberId;
  }

  // --- the way through the states -----------------------------------------------------------------------------------

  /** Never rejects. */
  async #run(): Promise<void> {
    this.#state = { name: 'unjoined', memberId: this.#memberId };
    try {
      while (this.#time === null) await this.#live();
    } catch (error) {
      if (this.#time === null) this.#fail(asError(error));
    }
    await this.#depart();
    this.#end();
  }

  /**
   * One generation, or one attempt to get into it. It begins when user code has ended that began under one before, also of a
   * membership before this: what that commits would count under this one, and set back what others have committed since.
   *
   * @throws what is fatal
   */
  async #live(): Promise<void> {
    await this.#calls.ended(this.#handler.userCodeEnded(), this.#closing.signal);
    this.#closing.signal.throwIfAborted();
    const topics = await this.#watch.look(this.#closing.signal);
    const generation = await this.#enter(topics);
    if (generation === null) return;
    await this.#own(generation);
    if (this.#time !== null) return;
    const fatal = fatalIn(generation.ending, this.#who);
    if (fatal !== null) throw fatal;
    if (generation.ending?.kind !== 'lost') await this.#giveBack(generation); // or that is cut short
    if (this.#generation === generation && generation.ending !== null) await this.#drop(generation, generation.ending);
  }

  /** @returns null: not this time */
  async #enter(topics: ChosenTopics): Promise<Generation | null> {
    const memberId = this.#memberId;
    const since = clock.now();
    this.#state = { name: 'joining', memberId, since };
    this.#emit('joining', { memberId, reason: this.#joinReason });
    try {
      const joined = await this.#joiner.join({
        memberId,
        topics,
        reason: this.#joinReason,
        signal: this.#closing.signal,
        lastSignal: this.#lastAnswer.signal,
        onMemberId: (id) => {
          this.#state = { name: 'joining', memberId: id, since };
        },
      });
      this.#closing.signal.throwIfAborted();
      return this.#begin(joined, topics, since);
    } catch (error) {
      await this.#recover(asError(error));
      return null;
    }
  }

  #begin(joined: Joined, topics: ChosenTopics, since: number): Generation {
    this.#failures = 0;
    this.#silence.note(null);
    const { memberId, generationId, partitions, foreign, askedAt } = joined;
    const { groupInstanceId } = this.#options;
    const about = { claim: { memberId, generationId, groupInstanceId }, partitions, foreign, topics, askedAt };
    const generation = new Generation(this.#coordinator, about, {
      ...this.#options,
      requestTimeoutMs: this.#cluster.options.requestTimeoutMs,
      backoff: this.#backoff,
      handler: this.#handler,
      onEnding: (ending) => {
        const fatal = fatalIn(ending, this.#who);
        // It does not wait for a hook or a body that is at work.
        if (fatal !== null) this.#fail(fatal);
        this.#calls.hasten();
        this.#wake();
      },
    });
    this.#state = { name: 'stable', generation };
    this.#emit('assigned', { ...generation.claim, partitions, durationMs: clock.now() - since });
    this.#compareTopics();
    return generation;
  }

  /** Until there is a reason to end it. */
  async #own(generation: Generation): Promise<void> {
    const isNew = (where: TopicPartition): boolean => this.#watch.isNew(where);
    const came = await this.#calls.ask('assigned', (enough) =>
      this.#handler.assigned(generation.partitions, enough, isNew),
    );
    if (came !== 'in time' && this.#time === null) generation.end('overdue', 'onAssigned exceeded maxProcessingMs');
    while (generation.ending === null && this.#time === null) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /**
   * In order: what is done is committed, and the group may wait for us. Does nothing if that was cut short. A body or hook
   * that was not waited for any longer may take for ever: the group goes on without us.
   */
  async #giveBack(generation: Generation): Promise<void> {
    const { claim, partitions } = generation;
    this.#state = { name: 'revoking', generation };
    const isLost = (): boolean => generation.ending?.kind === 'lost';
    const outcome = await this.#calls
      .ask('revoked', (enough) => this.#handler.revoked(partitions, enough, isLost))
      .catch(asError);
    const mayBeLate = this.#time === null || this.#calls.isOverdue;
    if (mayBeLate && (outcome === 'late' || outcome === 'never')) generation.end('overdue', TOO_LONG);
    if (isLost() || outcome === 'never') return; // others get them, whatever is still at work here
    generation.stop();
    this.#emit('revoked', { ...claim, partitions });
    this.#joinReason = generation.ending?.reason ?? '';
    this.#state = { name: 'unjoined', memberId: claim.memberId };
    if (outcome instanceof Error) throw outcome;
    if (generation.ending?.kind === 'overdue' && this.#time === null) await this.#stepOut(this.#joinReason);
  }

  /** Not in order: others have the partitions, or are to have them. */
  async #drop(generation: Generation, { kind, reason, error }: Ending): Promise<void> {
    if (kind === 'overdue') {
      // The group need not wait for the hook, which may hang.
      await Promise.all([this.#tellLost(generation, reason), this.#stepOut(reason)]);
    } else {
      await this.#tellLost(generation, reason);
      await this.#recover(error ?? new TimeoutError(reason, 0));
    }
  }

  async #stepOut(reason: string): Promise<void> {
    this.#cluster.options.logger.warn(`group ${this.#coordinator.groupId}: ${reason}: its partitions go to others`, {
      maxProcessingMs: this.#options.rebalanceTimeoutMs,
    });
    await this.#leave(reason, new Deadline(this.#options.sessionTimeoutMs));
  }

  async #tellLost(generation: Generation, reason: string): Promise<void> {
    const { claim, partitions } = generation;
    generation.stop();
    this.#joinReason = reason;
    this.#state = { name: 'unjoined', memberId: claim.memberId };
    this.#emit('lost', { ...claim, partitions, reason });
    await this.#calls.ask('lost', (enough) => this.#handler.lost(partitions, enough));
  }

  /** One decision for every failure. @throws what is fatal */
  async #recover(error: Error): Promise<void> {
    if (this.#time !== null) return;
    const memberId = this.#memberId;
    const fatal = fatalOf(error, this.#who);
    if (fatal !== null) throw fatal;
    const isOut = isOutOfGeneration(error);
    // Whatever it is, the broker may still know the id, unless it says that it does not.
    this.#state = { name: 'unjoined', memberId: isBrokerError(error, 'UNKNOWN_MEMBER_ID') ? '' : memberId };
    this.#joinReason = error.message;
    this.#failures++;
    this.#silence.note(error);
    // Losing the generation is answered at once; whatever comes again and again is slowed down.
    if (isOut && this.#failures === 1) return;
    await sleep(this.#backoff.delay(this.#failures), this.#closing.signal).catch(nothing);
  }

  /** The consumer is told once. */
  #fail(reason: Error): void {
    if (!this.#isFailed) this.#handler.onFatal(reason);
    this.#isFailed = true;
  }

  /** At close, or after a fatal error: gives back what is ours, and leaves. Never rejects. */
  async #depart(): Promise<void> {
    const generation = this.#generation;
    try {
      if (generation !== null && generation.ending?.kind !== 'lost') await this.#giveBack(generation);
      if (generation !== null && this.#generation === generation) {
        await this.#tellLost(generation, generation.ending?.reason ?? '');
      }
    } catch (error) {
      this.#warn('the consumer failed when its partitions were given back', error);
    }
    const { requestTimeoutMs } = this.#cluster.options;
    const deadline = this.#time?.deadline ?? new Deadline(Math.min(requestTimeoutMs, this.#options.sessionTimeoutMs));
    await this.#leave('the consumer was closed', deadline);
  }

  /** A static member stays: it comes back within the session timeout (KIP-345). Never rejects. */
  async #leave(reason: string, deadline: Deadline): Promise<void> {
    const memberId = this.#memberId;
    if (memberId === '' || this.#options.groupInstanceId !== null) return;
    try {
      await this.#coordinator.leave(memberId, reason, { deadline, signal: this.#closed.signal });
    } catch (error) {
      this.#warn('not known whether it could leave; else the session will time out', error);
    }
    if (this.#state.name === 'unjoined') this.#state = { name: 'unjoined', memberId: '' };
    this.#emit('left', { memberId, reason });
  }

  /** Leaves no timer and no listener behind. */
  #end(): void {
    const reason = new ClosedError('the consumer');
    this.#closed.abort(reason);
    this.#generation?.stop();
    this.#watch.close(reason);
    this.#foreign.close();
    this.#lastAnswer.clear();
    // A static member keeps its id.
    this.#state = { name: 'left', memberId: this.#options.groupInstanceId === null ? '' : this.#memberId };
  }

  // --- topics -------------------------------------------------------------------------------------------------------

  #compareTopics(): void {
    const { failure, found } = this.#watch;
    if (failure !== null) this.#generation?.end('fatal', failure.message, failure);
    else if (found !== null) this.#generation?.compare(found, this.#foreign.found);
  }

  #warn(what: string, error: unknown): void {
    this.#cluster.options.logger.warn(`group ${this.#coordinator.groupId}: ${what}`, { error: asError(error).message });
  }

  #emit(phase: RebalanceEvent['phase'], about: Partial<RebalanceEvent>): void {
    const { memberId = '', generationId = -1, partitions = [], durationMs = 0, reason } = about;
    const { groupId } = this.#coordinator;
    const event = { groupId, memberId, generationId, phase, partitions, durationMs, ...(reason && { reason }) };
    this.#cluster.emit({ type: 'rebalance', ...event });
  }
}

const TOO_LONG = 'giving partitions back took longer than maxProcessingMs';
function nothing(): void {
  // only the end counts
}
