/*
 * Over which connection a heartbeat goes, and which connection is cut as dead.
 *
 * Commits go over the same connection, and a broker answers a connection in order. A coordinator that takes long over commits
 * is asked over another connection meanwhile. So is one that is late with its answer to a heartbeat; but that answer may still
 * come, and counts then. The connection of the consumer is cut when nothing has come for so long that it may be dead. It may
 * also be slow: each time it gets longer, so that a commit that is cut off and asked again is answered in the end.
 */
import { Heartbeat, type HeartbeatRequest } from '@hopwire/protocol';
import { Owner } from '../cluster/owner.ts';
import { asError, isRetriable, TimeoutError } from '../errors.ts';
import { clock } from '../util/clock.ts';
import { waitFor } from '../util/timers.ts';
import type { Coordinator, MakeBody } from './coordinator.ts';

/** Of an attempt: a heartbeat does not stand behind a request that is under way for longer. */
const BEHIND_SHARE = 0.5;
/** So many attempts long the answer to one is waited for, while others are asked beside. */
const PATIENCE = 2;
/** So many of them at a time. */
const MOST_BESIDE = 2;

export interface HeartbeatAnswer {
  readonly errorCode: number;
  /** Of the clock, when the request left. */
  readonly leftAt: number;
}

export interface RouteLimits {
  /** Nothing has been heard for so long: another heartbeat is sent. */
  readonly attemptMs: number;
  readonly requestTimeoutMs: number;
}

/** A heartbeat under way, or one whose outcome nobody has looked at. */
class Asked {
  readonly beside: Owner;
  isBeside = false;
  nodeId = -1;
  leftAt: number = clock.now();
  errorCode: number | null = null;
  failure: Error | null = null;
  /** Never rejects. */
  readonly outcome: Promise<this>;

  constructor(beside: Owner, send: (asked: Asked) => Promise<number>) {
    this.beside = beside;
    this.outcome = this.#settle(send);
  }

  get isOver(): boolean {
    return this.errorCode !== null || this.failure !== null;
  }

  async #settle(send: (asked: Asked) => Promise<number>): Promise<this> {
    try {
      this.errorCode = await send(this);
    } catch (error) {
      this.failure = asError(error);
    }
    return this;
  }
}

export class HeartbeatRoute {
  readonly #coordinator: Coordinator;
  readonly #limits: RouteLimits;
  readonly #asked: Set<Asked> = new Set();
  readonly #besides: Set<Owner> = new Set();
  /** Requests that were under way before a heartbeat kept it waiting: as long as there are any, it goes beside them. */
  #isHeld = false;
  /** So long nothing may come on the connection of the consumer until it counts as dead. */
  #patienceMs: number;
  #nodeId = -1;
  #lastLeftAt: number = Number.NEGATIVE_INFINITY;
  /** A heartbeat was late because of a pause that the broker demanded. */
  #wasPaused = false;

  constructor(coordinator: Coordinator, limits: RouteLimits) {
    this.#coordinator = coordinator;
    this.#limits = limits;
    this.#patienceMs = Math.min(limits.requestTimeoutMs, limits.attemptMs);
  }

  /** Requests are held back, as the broker demands, and it keeps what comes before that is over. */
  get isPaused(): boolean {
    return this.#wasPaused || this.#coordinator.pauseLeftMs(this.#nodeId) > 0;
  }

  /** Of the clock, when the last heartbeat left, answered or not. */
  get lastLeftAt(): number {
    return this.#lastLeftAt;
  }

  /** Sends one, unless an answer is there, and waits for the first answer to any. @returns null: it is worth another try */
  async ask(about: HeartbeatRequest, signal: AbortSignal, timeoutMs: number): Promise<HeartbeatAnswer | null> {
    const isEnough = this.#asked.size > (this.isPaused ? 0 : MOST_BESIDE);
    this.#wasPaused = false;
    if (!isEnough && ![...this.#asked].some(({ isOver }) => isOver)) this.#send(about, signal);
    const first = Promise.race([...this.#asked].map(({ outcome }) => outcome));
    const asked = await waitFor(first, { signal, timeoutMs }, late).catch(() => null);
    if (signal.aborted) return null;
    if (asked !== null) return this.#heard(asked);
    this.#unanswered();
    return null;
  }

  close(): void {
    for (const owner of this.#besides) this.#coordinator.end(owner);
  }

  #send(about: HeartbeatRequest, signal: AbortSignal): void {
    const { attemptMs, requestTimeoutMs } = this.#limits;
    const timeoutMs = this.isPaused ? requestTimeoutMs : Math.min(requestTimeoutMs, attemptMs * PATIENCE);
    const besideAfterMs = this.#isHeld ? 0 : attemptMs * BEHIND_SHARE;
    const asked = new Asked(this.#freeBeside(), async (one) => {
      const body: MakeBody<HeartbeatRequest> = (_, nodeId, isBeside) => {
        one.nodeId = nodeId;
        one.isBeside = isBeside;
        this.#nodeId = nodeId;
        return about;
      };
      const onLeft = (): void => {
        one.leftAt = clock.now();
        this.#lastLeftAt = one.leftAt;
      };
      const call = { signal, timeoutMs, beside: one.beside, besideAfterMs, onLeft };
      return (await this.#coordinator.send(Heartbeat, body, call)).errorCode;
    });
    this.#asked.add(asked);
  }

  /** A connection on which no heartbeat waits for its answer. */
  #freeBeside(): Owner {
    for (const owner of this.#besides) if (!this.#isAsked(owner)) return owner;
    const owner = new Owner('heartbeat');
    this.#besides.add(owner);
    return owner;
  }

  #isAsked(beside: Owner): boolean {
    return [...this.#asked].some((asked) => asked.beside === beside && !asked.isOver);
  }

  #heard(asked: Asked): HeartbeatAnswer | null {
    const { isBeside, errorCode, failure, leftAt } = asked;
    this.#asked.delete(asked);
    if (errorCode !== null) {
      this.#answered(isBeside, leftAt);
      return { errorCode, leftAt };
    }
    if (failure === null) return null;
    if (!isRetriable(failure)) throw failure;
    if (failure instanceof TimeoutError) this.#givenUp(asked, failure);
    return null;
  }

  #answered(isBeside: boolean, leftAt: number): void {
    this.#isHeld = isBeside;
    if (isBeside) this.#lookBefore(leftAt);
    else this.#endUnused();
  }

  /** Perhaps another broker coordinates the group now. */
  #unanswered(): void {
    this.#wasPaused = this.#coordinator.pauseLeftMs(this.#nodeId) > 0;
    if (this.#wasPaused) return;
    this.#isHeld = true;
    this.#coordinator.check();
  }

  #givenUp({ isBeside, beside, nodeId }: Asked, error: TimeoutError): void {
    if (isBeside) return this.#end(beside);
    this.#wasPaused = this.#coordinator.pauseLeftMs(nodeId) > 0;
    if (this.#wasPaused) return;
    const wasAlone = this.#coordinator.inFlight(nodeId) <= 1;
    if (wasAlone) return this.#cut(nodeId, error);
    this.#isHeld = true;
    this.#lookBefore(clock.now());
  }

  /**
   * Other requests are under way on the connection of the consumer.
   *
   * @param leftAt of the clock: what left beside it then has its answer, so that what it has owed for longer is late
   */
  #lookBefore(leftAt: number): void {
    const silentMs = this.#coordinator.silentMs(this.#nodeId);
    if (silentMs < this.#patienceMs || clock.now() - silentMs > leftAt) return;
    this.#patienceMs = Math.min(this.#patienceMs * 2, this.#limits.requestTimeoutMs);
    const what = `group ${this.#coordinator.groupId}: a request`;
    this.#cut(this.#nodeId, new TimeoutError(what, silentMs));
  }

  /** What was asked there is not answered any more. */
  #cut(nodeId: number, reason: Error): void {
    for (const asked of this.#asked) if (!asked.isBeside && asked.nodeId === nodeId) this.#asked.delete(asked);
    this.#coordinator.reconnect(nodeId, reason);
  }

  #endUnused(): void {
    for (const owner of this.#besides) if (!this.#isAsked(owner)) this.#end(owner);
  }

  #end(beside: Owner): void {
    this.#besides.delete(beside);
    this.#coordinator.end(beside);
  }
}

function late(): Error {
  return new TimeoutError('a heartbeat', 0);
}
