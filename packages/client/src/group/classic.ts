/*
 * Membership in a classic group: a loop that reads like Kafka's page.
 *
 *   unjoined --JoinGroup--> joining --SyncGroup--> stable --rebalance, topics changed--> (revoke) joining
 *      ^                       |                     |
 *      '---- unknown member, illegal generation -----'  (lost)          any --close()--> left
 *
 * Assignment is eager: all partitions go back before every join.
 */
import { decodeAssignment, Errors, Heartbeat, JoinGroup, type JoinGroupResponse, SyncGroup } from '@hopwire/protocol';
import type { Cluster } from '../cluster/cluster.ts';
import { asError, brokerError, FencedError, isBrokerError, isRetriable, TimeoutError } from '../errors.ts';
import type { RebalanceEvent } from '../events.ts';
import type { TopicPartition } from '../types.ts';
import { Backoff } from '../util/backoff.ts';
import { monotonicNow, sleep, waitFor } from '../util/timers.ts';
import type { Assignor } from './assignors/assignor.ts';
import { type MemberIdentity, NO_MEMBER } from './committer.ts';
import { Coordinator } from './coordinator.ts';
import { assignAll, protocolsOf } from './leader.ts';
import type { AssignmentHandler, Membership } from './membership.ts';
import type { ChosenTopics, TopicChoice } from './topic-choice.ts';
import { isRefusal, lookAtTopics, topicsChanged } from './topic-watch.ts';

export interface ClassicGroupOptions {
  readonly groupId: string;
  readonly groupInstanceId: string | null;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly assignors: readonly Assignor[];
}

type State =
  | { name: 'unjoined'; memberId: string }
  | { name: 'joining'; memberId: string; since: number }
  | { name: 'stable'; memberId: string; generationId: number }
  | { name: 'left' };

const OVERDUE = 'handling took longer than maxProcessingMs';

/** The broker's answers that only mean: ask (for) the coordinator again. */
const COORDINATOR_ERRORS: ReadonlySet<number> = new Set([
  Errors.COORDINATOR_LOAD_IN_PROGRESS,
  Errors.COORDINATOR_NOT_AVAILABLE,
  Errors.NOT_COORDINATOR,
]);

export class ClassicGroup implements Membership {
  readonly #cluster: Cluster;
  readonly #options: ClassicGroupOptions;
  readonly #choice: TopicChoice;
  readonly #handler: AssignmentHandler;
  readonly #coordinator: Coordinator;
  readonly #closing = new AbortController();
  readonly #backoff: Backoff;
  topics: ChosenTopics | null = null;
  #state: State = { name: 'unjoined', memberId: '' };
  #joinReason = 'first join';
  #running: Promise<void> = Promise.resolve();

  constructor(cluster: Cluster, options: ClassicGroupOptions, choice: TopicChoice, handler: AssignmentHandler) {
    this.#cluster = cluster;
    this.#options = options;
    this.#choice = choice;
    this.#handler = handler;
    this.#coordinator = new Coordinator(cluster, options.groupId);
    const { retryBackoffMs } = cluster.options;
    this.#backoff = new Backoff({ initialMs: retryBackoffMs, maxMs: 1_000 });
  }

  get identity(): MemberIdentity {
    if (this.#state.name !== 'stable') return { ...NO_MEMBER, memberId: this.#memberId };
    const { generationId, memberId } = this.#state;
    return { generationId, memberId, groupInstanceId: this.#options.groupInstanceId };
  }

  get #memberId(): string {
    return this.#state.name === 'left' ? '' : this.#state.memberId;
  }

  start(): void {
    this.#running = this.#run().catch((error: unknown) => {
      if (!this.#closing.signal.aborted) this.#handler.onFatal(asError(error));
    });
  }

  /** A static member stays in the group: it comes back within the session timeout (KIP-345). */
  async close(timeoutMs: number): Promise<void> {
    const memberId = this.#memberId;
    this.#closing.abort();
    if (memberId !== '' && this.#options.groupInstanceId === null) {
      // A join under way holds the connection of the group; the farewell must not queue behind it.
      const purpose = this.#state.name === 'stable' ? 'coordinator' : 'data';
      await this.#coordinator.leave(memberId, { purpose, timeoutMs }).catch((error: unknown) => {
        if (isBrokerError(error, 'UNKNOWN_MEMBER_ID')) return; // out already
        this.#cluster.options.logger.warn(
          `group ${this.#options.groupId}: could not leave; the session will time out`,
          { error },
        );
      });
    }
    await this.#running;
    this.#emit('left', []);
    this.#state = { name: 'left' };
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    for (let failures = 0; !signal.aborted; ) {
      this.topics = await lookAtTopics(this.#cluster, this.#choice, signal);
      try {
        const partitions = await this.#join(this.topics);
        failures = 0;
        await this.#handler.assigned(partitions);
        this.#emit('assigned', partitions);
        this.#joinReason = await this.#stay(this.topics);
        if (this.#joinReason === OVERDUE) await this.#stepOut();
        else await this.#giveBack();
      } catch (error) {
        if (signal.aborted) return;
        await this.#recover(asError(error), ++failures);
      }
    }
  }

  /** JoinGroup and SyncGroup. @returns what is ours in the new generation */
  async #join(topics: ChosenTopics): Promise<TopicPartition[]> {
    this.#state = { name: 'joining', memberId: this.#memberId, since: monotonicNow() };
    this.#emit('joining', [], this.#joinReason);
    const names = [...topics.counts.keys(), ...topics.missing].sort();
    const joined = await this.#sendJoin(names);
    const { generationId, memberId } = joined;
    const isLeader = joined.leader === memberId;
    const assignments =
      isLeader && !joined.skipAssignment ? await assignAll(this.#cluster, joined, this.#options.assignors) : [];
    const bytes = await this.#sendSync(joined, assignments);
    this.#state = { name: 'stable', memberId, generationId };
    if (bytes.length === 0) return [];
    return decodeAssignment(bytes).assignedPartitions.flatMap(({ topic, partitions }) =>
      partitions.map((partition) => ({ topic, partition })),
    );
  }

  async #sendJoin(names: readonly string[]): Promise<JoinGroupResponse> {
    const { groupId, groupInstanceId, sessionTimeoutMs, rebalanceTimeoutMs, assignors } = this.#options;
    for (;;) {
      const response = await this.#coordinator.send(
        JoinGroup,
        (version) => ({
          groupId,
          sessionTimeoutMs,
          rebalanceTimeoutMs: version >= 1 ? rebalanceTimeoutMs : -1,
          memberId: this.#memberId,
          groupInstanceId,
          protocolType: 'consumer',
          protocols: protocolsOf(assignors, names),
          reason: version >= 8 ? this.#joinReason : null,
        }),
        // The answer comes when all others have joined, or the broker gives up on them.
        { signal: this.#closing.signal, timeoutMs: rebalanceTimeoutMs + this.#cluster.options.requestTimeoutMs },
      );
      if (response.errorCode === 0) return response;
      if (response.errorCode !== Errors.MEMBER_ID_REQUIRED) throw this.#refused(response.errorCode, 'JoinGroup');
      // KIP-394: the first join of a dynamic member only gives it an id.
      this.#state = { name: 'joining', memberId: response.memberId, since: monotonicNow() };
    }
  }

  async #sendSync(joined: JoinGroupResponse, assignments: { memberId: string; assignment: Buffer }[]): Promise<Buffer> {
    const { groupId, groupInstanceId, rebalanceTimeoutMs } = this.#options;
    const { generationId, memberId, protocolName } = joined;
    this.#state = { name: 'joining', memberId, since: monotonicNow() };
    const body = {
      groupId,
      generationId,
      memberId,
      groupInstanceId,
      protocolName,
      protocolType: 'consumer',
      assignments,
    };
    const timeoutMs = rebalanceTimeoutMs + this.#cluster.options.requestTimeoutMs;
    const response = await this.#coordinator.send(SyncGroup, () => body, { signal: this.#closing.signal, timeoutMs });
    if (response.errorCode !== 0) throw this.#refused(response.errorCode, 'SyncGroup');
    return response.assignment;
  }

  /** @returns why the group has to be joined again */
  async #stay(topics: ChosenTopics): Promise<string> {
    const phase = new AbortController();
    const stop = (): void => phase.abort(this.#closing.signal.reason);
    this.#closing.signal.addEventListener('abort', stop, { once: true });
    const beating = this.#beat(phase.signal);
    const watching = this.#watch(topics, phase.signal);
    try {
      return await Promise.race([beating, watching]);
    } finally {
      this.#closing.signal.removeEventListener('abort', stop);
      phase.abort();
      await Promise.allSettled([beating, watching]);
    }
  }

  /** Heartbeats until the group wants to be joined again. They never depend on what the loop does (CLI-060). */
  async #beat(signal: AbortSignal): Promise<string> {
    const { heartbeatIntervalMs } = this.#options;
    const watch = new BodyWatch(this.#handler, this.#options.rebalanceTimeoutMs);
    for (let failures = 0; ; ) {
      await sleep(failures === 0 ? heartbeatIntervalMs : this.#backoff.delay(failures), signal);
      if (watch.isOverdue()) return OVERDUE;
      const code = await this.#sendHeartbeat(signal);
      if (code === Errors.REBALANCE_IN_PROGRESS) return 'the group rebalances';
      if (code === 0) failures = 0;
      else failures++;
    }
  }

  /** @returns 0, REBALANCE_IN_PROGRESS, or another code after which it is worth another try */
  async #sendHeartbeat(signal: AbortSignal): Promise<number> {
    const { groupId } = this.#options;
    const { generationId, memberId, groupInstanceId } = this.identity;
    try {
      const body = { groupId, generationId, memberId, groupInstanceId };
      const { errorCode } = await this.#coordinator.send(Heartbeat, () => body, { signal });
      if (errorCode === 0 || errorCode === Errors.REBALANCE_IN_PROGRESS) return errorCode;
      const error = this.#refused(errorCode, 'Heartbeat');
      if (!COORDINATOR_ERRORS.has(errorCode)) throw error;
      return errorCode;
    } catch (error) {
      if (signal.aborted || isBrokerError(error) || !isRetriable(error)) throw error;
      this.#coordinator.forget();
      return Errors.COORDINATOR_NOT_AVAILABLE;
    }
  }

  /** Every member looks at its own topics; the first to see something new makes all join. */
  async #watch(topics: ChosenTopics, signal: AbortSignal): Promise<string> {
    const { counts } = await topicsChanged(this.#cluster, this.#choice, topics, signal);
    return `topics changed: ${[...counts.keys()].filter((name) => topics.counts.get(name) !== counts.get(name)).join(', ')}`;
  }

  /** The body takes too long: others get the partitions, and we come back, once, when it has ended (CLI-061). */
  async #stepOut(): Promise<void> {
    const { signal } = this.#closing;
    const memberId = this.#memberId;
    await this.#handler.lost();
    this.#emit('lost', [], OVERDUE);
    await this.#coordinator
      .leave(memberId, { purpose: 'coordinator', timeoutMs: this.#options.sessionTimeoutMs })
      .catch((error: unknown) => {
        if (!isBrokerError(error, 'UNKNOWN_MEMBER_ID')) throw error;
      });
    this.#emit('left', [], OVERDUE);
    this.#state = { name: 'unjoined', memberId: '' };
    await waitFor(this.#handler.bodyEnded(), { signal }, () => new TimeoutError('the loop', 0));
  }

  /** The session is kept alive while the loop's body ends and what is done is committed. */
  async #giveBack(): Promise<void> {
    const phase = new AbortController();
    const beating = this.#beatOn(phase.signal);
    try {
      await this.#handler.revoked();
    } finally {
      phase.abort();
      await beating;
    }
  }

  async #beatOn(signal: AbortSignal): Promise<void> {
    try {
      for (;;) {
        await sleep(this.#options.heartbeatIntervalMs, signal);
        await this.#sendHeartbeat(signal);
      }
    } catch (error) {
      // Whatever it is, the join that follows meets it too and deals with it.
      if (!signal.aborted) this.#cluster.options.logger.debug('heartbeat while revoking', { error });
    }
  }

  /** One decision for every failure of join, sync and heartbeat. @throws what is fatal */
  async #recover(error: Error, failures: number): Promise<void> {
    const wasStable = this.#state.name === 'stable';
    if (isRefusal(error) || (!isRetriable(error) && !isOut(error))) throw error;
    if (isOut(error))
      this.#state = { name: 'unjoined', memberId: isBrokerError(error, 'UNKNOWN_MEMBER_ID') ? '' : this.#memberId };
    if (wasStable) {
      await this.#handler.lost();
      this.#emit('lost', [], error.message);
    }
    this.#joinReason = error.message.slice(0, 255);
    if (!isBrokerError(error) || COORDINATOR_ERRORS.has(error.errorCode)) this.#coordinator.forget();
    // Losing the generation is answered at once; whatever comes again and again is slowed down.
    if (failures > 1 || !isOut(error)) await sleep(this.#backoff.delay(failures), this.#closing.signal);
  }

  #refused(code: number, api: string): Error {
    const { groupId, groupInstanceId } = this.#options;
    if (COORDINATOR_ERRORS.has(code)) this.#coordinator.forget();
    const error = brokerError(code, api, { subject: `group ${groupId}` });
    if (code !== Errors.FENCED_INSTANCE_ID) return error;
    const message = `group ${groupId}: another consumer took over groupInstanceId ${groupInstanceId}; give each its own`;
    return new FencedError(message, { memberId: this.#memberId }, { cause: error });
  }

  #emit(phase: RebalanceEvent['phase'], partitions: readonly TopicPartition[], reason?: string): void {
    const state = this.#state;
    const generationId = state.name === 'stable' ? state.generationId : -1;
    const durationMs = state.name === 'joining' ? monotonicNow() - state.since : 0;
    const { groupId } = this.#options;
    const about = { groupId, memberId: this.#memberId, generationId, phase, partitions, durationMs };
    this.#cluster.emit({ type: 'rebalance', ...about, ...(reason !== undefined && { reason }) });
  }
}

/** Looks now and then, so that a record costs nothing: how long has the body been at the same thing? */
class BodyWatch {
  readonly #handler: AssignmentHandler;
  readonly #limitMs: number;
  #seen: { what: object; since: number } | null = null;

  constructor(handler: AssignmentHandler, limitMs: number) {
    this.#handler = handler;
    this.#limitMs = limitMs;
  }

  isOverdue(): boolean {
    const what = this.#handler.inBody();
    const now = monotonicNow();
    if (what === null) this.#seen = null;
    else if (this.#seen?.what !== what) this.#seen = { what, since: now };
    return this.#seen !== null && now - this.#seen.since > this.#limitMs;
  }
}

/** Does the group not know us, or our generation, any more? */
function isOut(error: Error): boolean {
  return (
    isBrokerError(error, 'UNKNOWN_MEMBER_ID') ||
    isBrokerError(error, 'ILLEGAL_GENERATION') ||
    isBrokerError(error, 'REBALANCE_IN_PROGRESS')
  );
}
