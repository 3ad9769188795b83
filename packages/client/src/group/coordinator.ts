// The broker that coordinates one group, and the connection of one consumer to it: found when needed, forgotten when it
// says so, is gone or silent.
import { type Api, CoordinatorType, Errors, LeaveGroup, type LeaveGroupRequest } from '@hopwire/protocol';
import type { Broker } from '../cluster/broker.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { Owner } from '../cluster/owner.ts';
import { brokerError, isRetriable, TimeoutError } from '../errors.ts';
import type { Waiting } from '../types.ts';
import { Backoff } from '../util/backoff.ts';
import { withSignals } from '../util/linked-signal.ts';
import { Deadline, sleep } from '../util/timers.ts';

/** An attempt to leave over another connection must not use up the time of the next. */
const LEAVE_ATTEMPT_MS = 1_000;
/** So long the connection that is open has for it before another one is opened. */
const BESIDE_AFTER_MS = 250;
/** For a request that nobody waits for. */
const FAREWELL_MS = 1_000;
/** LeaveGroup carries a reason from this version on (KIP-800). */
const REASON_SINCE = 5;

/** The coordinator that was asked does not (or not yet) coordinate the group: another one has to be asked for. */
const MOVED: ReadonlySet<number> = new Set([Errors.COORDINATOR_NOT_AVAILABLE, Errors.NOT_COORDINATOR]);

export interface CoordinatorCall extends Waiting {
  /** From when the request has left. Default `requestTimeoutMs`. */
  answerTimeoutMs?: number | undefined;
  /** Takes the place of `signal` once the request is on its way: what comes back is still wanted. */
  answerSignal?: AbortSignal | undefined;
  maxVersion?: number | undefined;
  /** Called when it leaves, behind a pause that the broker demanded. */
  onLeft?: (() => void) | undefined;
  /** Default: the connection of this consumer. */
  owner?: Owner | undefined;
  /** Instead of that when a request under way there (JoinGroup, say) would have to be waited for. */
  beside?: Owner | undefined;
  /** Only when nothing has been heard there for longer than this. Default 0. */
  besideAfterMs?: number | undefined;
}

/** @param isBeside it goes over another connection than that of the consumer */
export type MakeBody<Q> = (version: number, nodeId: number, isBeside: boolean) => Q;

export interface LeaveOptions {
  readonly deadline: Deadline;
  readonly signal: AbortSignal;
}

/** Members, commits and look-ups of one consumer go through here. `release` it when the consumer has closed. */
export class Coordinator {
  readonly groupId: string;
  readonly #cluster: Cluster;
  readonly #owner = new Owner('coordinator');

  constructor(cluster: Cluster, groupId: string) {
    this.#cluster = cluster;
    this.groupId = groupId;
  }

  /** Closes the connection for good; what is still under way there fails. */
  release(reason?: Error): void {
    this.#cluster.release(this.#owner, reason);
  }

  /** Another broker is asked who coordinates the group, before anything is sent again. */
  forget(): void {
    this.#cluster.forgetCoordinator(this.groupId, CoordinatorType.group);
  }

  /** Perhaps another broker has taken over: that is asked for, and until there is an answer this one is asked further. */
  check(): void {
    this.#cluster.checkCoordinator(this.groupId, CoordinatorType.group);
  }

  /** An answer with this error says whether to look for the coordinator again. @returns the error */
  refused(errorCode: number, api: string, message?: string): Error {
    if (MOVED.has(errorCode)) this.forget();
    return brokerError(errorCode, api, { subject: `group ${this.groupId}`, ...(message && { message }) });
  }

  /** For how long this broker has owed an answer on the connection of this consumer; 0: it owes none. */
  silentMs(nodeId: number): number {
    return this.#cluster.broker(nodeId)?.silentMsOf(this.#owner) ?? 0;
  }

  /** Requests under way on that connection. */
  inFlight(nodeId: number): number {
    return this.#cluster.broker(nodeId)?.inFlightOf(this.#owner) ?? 0;
  }

  /** For how long requests on that connection are held back, as the broker demands. */
  pauseLeftMs(nodeId: number): number {
    return this.#cluster.broker(nodeId)?.pauseLeftMs(this.#owner) ?? 0;
  }

  /** A broker owed an answer for too long: perhaps only the connection is dead, so that the next request gets another. */
  reconnect(nodeId: number, reason: Error): void {
    this.#cluster.broker(nodeId)?.release(this.#owner, reason);
  }

  /** Who coordinates the group according to another look; also for those who ask next. */
  async lookAgain(waiting: Waiting): Promise<number> {
    this.forget();
    const { nodeId } = await this.#cluster.coordinatorFor(this.groupId, CoordinatorType.group, waiting);
    return nodeId;
  }

  /** One attempt. @param body made once the version is known */
  async send<Q, R>(api: Api<Q, R>, body: MakeBody<Q>, call: CoordinatorCall): Promise<R> {
    const { signal, timeoutMs, answerTimeoutMs, answerSignal = signal, maxVersion, onLeft } = call;
    const deadline = new Deadline(timeoutMs ?? Infinity);
    const left = (): Waiting => (timeoutMs === undefined ? { signal } : { signal, timeoutMs: deadline.remainingMs });
    const broker = await this.#cluster.coordinatorFor(this.groupId, CoordinatorType.group, left());
    try {
      const owner = call.owner ?? this.#ownerAt(broker, call);
      const version = await broker.versionOf(api, { ...left(), owner, maxVersion });
      const request = body(version, broker.nodeId, owner !== this.#owner);
      const options = { signal: answerSignal, owner, version, answerTimeoutMs, onLeft };
      return await broker.send(api, request, { ...left(), ...options });
    } catch (error) {
      // Silent, unreachable or cut off: perhaps another broker has taken over.
      if (error instanceof TimeoutError) this.check();
      else if (isRetriable(error) && !signal?.aborted) this.forget();
      throw error;
    }
  }

  #ownerAt(broker: Broker, { beside, besideAfterMs = 0 }: CoordinatorCall): Owner {
    const isHeld = broker.isBusy(this.#owner) && broker.silentMsOf(this.#owner) >= besideAfterMs;
    return beside && isHeld ? beside : this.#owner;
  }

  /** A connection for one purpose, beside the one that a JoinGroup holds. */
  async beside<T>(name: string, work: (owner: Owner) => Promise<T>): Promise<T> {
    const owner = new Owner(name);
    try {
      return await work(owner);
    } finally {
      this.end(owner);
    }
  }

  /** Closes a connection that was used beside. */
  end(owner: Owner): void {
    this.#cluster.release(owner);
  }

  /**
   * Takes a member out of the group: tries until the deadline. Over the connection that there is, behind what is under way
   * there; that may be a JoinGroup, and the connection may be dead, so that soon it is tried over another one, too. The first
   * answer counts.
   */
  async leave(memberId: string, reason: string, o: LeaveOptions): Promise<void> {
    const over = new AbortController();
    await withSignals([o.signal, over.signal], async (signal) => {
      const options = { deadline: o.deadline, signal };
      const own = this.#leaveOnce(memberId, reason, {}, options);
      const soon = Promise.race([
        own.catch(nothing),
        sleep(Math.min(BESIDE_AFTER_MS, o.deadline.remainingMs / 4), signal),
      ]);
      const other = soon.then(() => this.#leaveBeside(memberId, reason, options));
      try {
        await Promise.any([own, other]);
      } catch (error) {
        throw error instanceof AggregateError ? error.errors[0] : error;
      } finally {
        over.abort();
      }
    });
  }

  #leaveBeside(memberId: string, reason: string, o: LeaveOptions): Promise<void> {
    return this.beside('leave', async (owner) => {
      const { retryBackoffMs: initialMs } = this.#cluster.options;
      const backoff = new Backoff({ initialMs, maxMs: LEAVE_ATTEMPT_MS });
      for (let attempt = 1; ; attempt++) {
        if (o.deadline.passed) throw new TimeoutError(`leaving group ${this.groupId}`, o.deadline.elapsedMs);
        try {
          return await this.#leaveOnce(memberId, reason, { owner }, o);
        } catch (error) {
          const delayMs = backoff.delay(attempt);
          if (!isRetriable(error) || o.signal.aborted || delayMs >= o.deadline.remainingMs) throw error;
          await sleep(delayMs, o.signal);
        }
      }
    });
  }

  /** As `leave`, without a wait for anything: it reaches the broker when there is a connection, and else not. */
  farewell(memberId: string, reason: string): void {
    const deadline = new Deadline(FAREWELL_MS);
    this.#leaveOnce(memberId, reason, {}, { deadline, signal: new AbortController().signal }).catch(() => undefined);
  }

  async #leaveOnce(memberId: string, reason: string, route: CoordinatorCall, o: LeaveOptions): Promise<void> {
    const leftMs = o.deadline.remainingMs;
    const timeoutMs = route.owner === undefined ? leftMs : Math.max(leftMs / 2, Math.min(leftMs, LEAVE_ATTEMPT_MS));
    const body = (version: number): LeaveGroupRequest => ({
      groupId: this.groupId,
      members: [{ memberId, groupInstanceId: null, reason: version >= REASON_SINCE ? reason : null }],
    });
    const { errorCode, members } = await this.send(LeaveGroup, body, { ...route, signal: o.signal, timeoutMs });
    const code = errorCode || (members[0]?.errorCode ?? 0);
    // Not known there: out already, which is what was wanted.
    if (code !== 0 && code !== Errors.UNKNOWN_MEMBER_ID) throw this.refused(code, LeaveGroup.name);
  }
}

function nothing(): void {
  // only the end counts
}
