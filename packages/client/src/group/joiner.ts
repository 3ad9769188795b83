// JoinGroup and SyncGroup: from no generation into one.
//
// The answers come when the whole group is ready, which may take minutes, and hold the connection meanwhile. While they
// are waited for, another broker is asked now and then whether the coordinator is still the same: one that hangs is left.
import {
  type Api,
  Errors,
  JoinGroup,
  type JoinGroupRequest,
  type JoinGroupResponse,
  SyncGroup,
  type SyncGroupRequest,
  type SyncGroupResponse,
} from '@hopwire/protocol';
import type { Cluster } from '../cluster/cluster.ts';
import { isRetriable, TimeoutError } from '../errors.ts';
import type { TopicPartition } from '../types.ts';
import { clock } from '../util/clock.ts';
import { withSignals } from '../util/linked-signal.ts';
import { sleep } from '../util/timers.ts';
import type { Assignor } from './assignors/assignor.ts';
import type { Coordinator } from './coordinator.ts';
import { givenPartitions } from './given-partitions.ts';
import { type Assignments, assign, type ForeignTopics, membersOf, protocolsOf } from './leader.ts';
import { keyOf } from './offset-requests.ts';
import { fenced } from './recovery.ts';
import { type ChosenTopics, namesOf } from './topic-choice.ts';

const TYPE = 'consumer';
/** Fields that came with later versions. */
const REBALANCE_TIMEOUT_SINCE = 1;
const REASON_SINCE = 8;
/** Looks for another coordinator are not made more often. */
const LOOK_AGAIN_MS = 1_000;
/** So often an answer to SyncGroup is asked for within a session. */
const ATTEMPTS = 3;
/** Kafka keeps no longer one. */
const LONGEST_REASON = 255;
const NO_BYTES = Buffer.alloc(0);
/** Of the subscription: understood since Kafka 2.4; readers of older ones ignore what follows version 0. */
const SUBSCRIPTION_VERSION = 1;
/** Says the same in other bytes. */
const OTHER_VERSION = 0;

export interface ClassicGroupOptions {
  readonly groupInstanceId: string | null;
  /** Of a membership before this, which has not left (static members do not); '': none. */
  readonly memberId: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly assignors: readonly Assignor[];
}

/** What a member is told by the two answers. */
export interface Joined {
  readonly memberId: string;
  readonly generationId: number;
  readonly partitions: readonly TopicPartition[];
  /** The topics that we assigned but do not read; null: another member leads. */
  readonly foreign: ChosenTopics | null;
  /** Of the clock, when the assignment was asked for: what the broker knows of us is at least as new. */
  readonly askedAt: number;
}

/** One way into the group. */
export interface JoinAttempt {
  /** '': none yet */
  readonly memberId: string;
  readonly reason: string;
  readonly topics: ChosenTopics;
  /** Ends the attempt. */
  readonly signal: AbortSignal;
  /**
   * Ends the wait for the first JoinGroup's answer: it brings the id under which we have to leave, so that it is waited for
   * even if `signal` is aborted.
   */
  readonly lastSignal: AbortSignal;
  /** Our id became known, before anything else is known. */
  onMemberId(memberId: string): void;
}

interface Plan {
  readonly assignments: Assignments;
  /** null: another member leads. */
  readonly foreign: ChosenTopics | null;
}

const NO_PLAN: Plan = { assignments: [], foreign: null };

/**
 * Into the group. A static member that comes back gets the assignment that it had, even if it asks for other topics by now, and
 * a leader is not asked for another one though topics have grown since. Then it joins once more under its id. Brokers
 * rebalance for a leader, and for others only when their subscription has changed: so it says the same in other bytes.
 */
export class Joiner {
  readonly #cluster: Cluster;
  readonly #coordinator: Coordinator;
  readonly #options: ClassicGroupOptions;
  readonly #foreign: ForeignTopics;

  constructor(cluster: Cluster, coordinator: Coordinator, options: ClassicGroupOptions, foreign: ForeignTopics) {
    this.#cluster = cluster;
    this.#coordinator = coordinator;
    this.#options = options;
    this.#foreign = foreign;
  }

  async join(attempt: JoinAttempt): Promise<Joined> {
    const joined = await this.#joinOnce(attempt, SUBSCRIPTION_VERSION);
    const isReturning = this.#options.groupInstanceId !== null && attempt.memberId === '';
    if (!isReturning || joined.isFitting) return joined;
    const reason = 'the assignment is one for other topics';
    return this.#joinOnce({ ...attempt, memberId: joined.memberId, reason }, OTHER_VERSION);
  }

  async #joinOnce(attempt: JoinAttempt, version: number): Promise<Joined & { isFitting: boolean }> {
    const joined = await this.#joinGroup(attempt, version);
    const { memberId, generationId } = joined;
    attempt.onMemberId(memberId);
    attempt.signal.throwIfAborted();
    const isLeader = joined.leader === memberId;
    if (!isLeader) this.#foreign.close();
    const plan = isLeader ? await this.#lead(joined, attempt) : NO_PLAN;
    const handedIn = joined.skipAssignment ? [] : plan.assignments;
    const { assignment, askedAt } = await this.#syncGroup(joined, handedIn, attempt.signal);
    const given = (bytes: Buffer): TopicPartition[] =>
      givenPartitions(bytes, attempt.topics, this.#cluster.options.logger);
    const partitions = given(assignment);
    const planned = plan.assignments.find((one) => one.memberId === memberId)?.assignment ?? NO_BYTES;
    const isFitting =
      fits(partitions, attempt.topics) && (!joined.skipAssignment || isSame(given(planned), partitions));
    return { memberId, generationId, partitions, foreign: plan.foreign, askedAt, isFitting };
  }

  async #joinGroup(attempt: JoinAttempt, version: number): Promise<JoinGroupResponse> {
    const first = await this.#ask(attempt, attempt.memberId, version);
    if (first.errorCode === 0) return first;
    // KIP-394: the first join of a dynamic member only gives it an id.
    if (first.errorCode !== Errors.MEMBER_ID_REQUIRED || attempt.memberId !== '') {
      throw this.#refused(first.errorCode, JoinGroup.name, attempt.memberId);
    }
    attempt.onMemberId(first.memberId);
    attempt.signal.throwIfAborted();
    const second = await this.#ask(attempt, first.memberId, version);
    if (second.errorCode === 0) return second;
    throw this.#refused(second.errorCode, JoinGroup.name, first.memberId);
  }

  #ask(attempt: JoinAttempt, memberId: string, subscriptionVersion: number): Promise<JoinGroupResponse> {
    const { topics, reason, signal, lastSignal } = attempt;
    const { groupId } = this.#coordinator;
    const { groupInstanceId, sessionTimeoutMs, rebalanceTimeoutMs, assignors } = this.#options;
    const protocols = protocolsOf(assignors, [...namesOf(topics)].sort(), subscriptionVersion);
    const body = (version: number): JoinGroupRequest => ({
      groupId,
      sessionTimeoutMs,
      rebalanceTimeoutMs: version >= REBALANCE_TIMEOUT_SINCE ? rebalanceTimeoutMs : -1,
      memberId,
      groupInstanceId,
      protocolType: TYPE,
      protocols,
      reason: version >= REASON_SINCE ? reason.slice(0, LONGEST_REASON) : null,
    });
    const hasNoId = memberId === '' && groupInstanceId === null;
    const answerSignal = hasNoId ? lastSignal : signal;
    return this.#patiently(JoinGroup, body, signal, { answerSignal, timeoutMs: this.#longestMs });
  }

  /** What the leader gives to whom, or would give if it were not told to leave that as it is. */
  async #lead(joined: JoinGroupResponse, { topics, signal }: JoinAttempt): Promise<Plan> {
    const members = membersOf(joined, this.#cluster.options.logger);
    const foreign = await this.#foreign.look(members, topics, signal);
    return { assignments: assign(joined, members, this.#options.assignors, [topics, foreign]), foreign };
  }

  async #syncGroup(
    joined: JoinGroupResponse,
    assignments: Assignments,
    signal: AbortSignal,
  ): Promise<SyncGroupResponse & { askedAt: number }> {
    const { generationId, memberId, protocolName } = joined;
    const { groupId } = this.#coordinator;
    const { groupInstanceId } = this.#options;
    const about = { groupId, generationId, memberId, groupInstanceId, protocolName };
    let askedAt = clock.now();
    const body = (): SyncGroupRequest => {
      askedAt = clock.now();
      return { ...about, protocolType: TYPE, assignments };
    };
    const response = await this.#insistently(body, signal);
    if (response.errorCode !== 0) throw this.#refused(response.errorCode, SyncGroup.name, memberId);
    return { ...response, askedAt };
  }

  /**
   * The answer may be lost with its connection, and no heartbeat is sent while it is waited for: it is asked for again, over
   * another one, before the session is over. The broker gives the same answer as often as it is asked. The first answer
   * counts: a broker or a network may also be slow.
   */
  async #insistently(body: () => SyncGroupRequest, signal: AbortSignal): Promise<SyncGroupResponse> {
    const over = new AbortController();
    let askedId = -1;
    const bodyAt = (_: number, nodeId: number): SyncGroupRequest => {
      askedId = nodeId;
      return body();
    };
    return withSignals([signal, over.signal], async (either) => {
      const call = { answerSignal: either, timeoutMs: this.#longestMs };
      const reconnect = (): void => this.#coordinator.reconnect(askedId, new TimeoutError(SyncGroup.name, 0));
      const beside = this.#beside(body, either);
      void beside.then(reconnect, () => undefined);
      try {
        return await Promise.race([beside, this.#patiently(SyncGroup, bodyAt, either, call)]);
      } finally {
        over.abort();
      }
    });
  }

  async #beside(body: () => SyncGroupRequest, signal: AbortSignal): Promise<SyncGroupResponse> {
    const { requestTimeoutMs } = this.#cluster.options;
    const everyMs = Math.min(requestTimeoutMs, this.#options.sessionTimeoutMs / ATTEMPTS);
    for (let timeoutMs = everyMs * 2; ; timeoutMs *= 2) {
      await sleep(everyMs, signal);
      try {
        return await this.#coordinator.beside('sync', (owner) =>
          this.#coordinator.send(SyncGroup, body, { signal, owner, timeoutMs, answerTimeoutMs: timeoutMs }),
        );
      } catch (error) {
        if (!isRetriable(error) || signal.aborted) throw error;
      }
    }
  }

  get #longestMs(): number {
    return this.#options.rebalanceTimeoutMs + this.#cluster.options.requestTimeoutMs;
  }

  /** @param answerSignal takes the place of `signal` once the request is on its way */
  async #patiently<Q, R>(
    api: Api<Q, R>,
    body: (version: number, nodeId: number) => Q,
    signal: AbortSignal,
    { answerSignal, timeoutMs }: { answerSignal: AbortSignal; timeoutMs: number },
  ): Promise<R> {
    const over = new AbortController();
    let askedId = -1;
    const bodyAt = (version: number, nodeId: number): Q => {
      askedId = nodeId;
      return body(version, nodeId);
    };
    void this.#watchCoordinator(() => askedId, over);
    try {
      return await withSignals([answerSignal, over.signal], (either) =>
        this.#coordinator.send(api, bodyAt, { signal, answerSignal: either, timeoutMs, answerTimeoutMs: timeoutMs }),
      );
    } finally {
      over.abort();
    }
  }

  /** Never rejects. @param over ends it; aborted by it when another broker coordinates the group now */
  async #watchCoordinator(askedId: () => number, over: AbortController): Promise<void> {
    const { signal } = over;
    const { requestTimeoutMs } = this.#cluster.options;
    const everyMs = Math.min(requestTimeoutMs, Math.max(LOOK_AGAIN_MS, this.#options.sessionTimeoutMs / 3));
    for (;;) {
      try {
        await sleep(everyMs, signal);
        if (askedId() < 0) continue;
        const nodeId = await this.#coordinator.lookAgain({ signal, timeoutMs: everyMs });
        if (nodeId === askedId()) continue;
        over.abort(
          this.#coordinator.refused(Errors.NOT_COORDINATOR, JoinGroup.name, 'another broker has taken the group over'),
        );
        return;
      } catch {
        // It is only a look: the request itself says what is wrong, in its own time.
        if (signal.aborted) return;
      }
    }
  }

  #refused(code: number, api: string, memberId: string): Error {
    const error = this.#coordinator.refused(code, api, REMEDIES.get(code));
    if (code !== Errors.FENCED_INSTANCE_ID) return error;
    const { groupInstanceId } = this.#options;
    return fenced(error, { groupId: this.#coordinator.groupId, memberId, groupInstanceId });
  }
}

const REMEDIES: ReadonlyMap<number, string> = new Map([
  [Errors.GROUP_MAX_SIZE_REACHED, 'the group is full: close other members, or raise group.max.size on the brokers'],
  [
    Errors.INCONSISTENT_GROUP_PROTOCOL,
    'no assignor is common to all members, or it is no group of classic consumers: see assignors, or use another groupId',
  ],
  [
    Errors.INVALID_SESSION_TIMEOUT,
    'sessionTimeoutMs is outside what the brokers allow (group.min.session.timeout.ms to group.max.session.timeout.ms)',
  ],
]);

/** Are all of them of topics that are subscribed to? */
function fits(partitions: readonly TopicPartition[], topics: ChosenTopics): boolean {
  const names = namesOf(topics);
  return partitions.every(({ topic }) => names.has(topic));
}

/** Is that what was planned? */
function isSame(planned: readonly TopicPartition[], partitions: readonly TopicPartition[]): boolean {
  const keys = new Set(planned.map(keyOf));
  return keys.size === partitions.length && partitions.every((one) => keys.has(keyOf(one)));
}
