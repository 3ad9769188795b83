/*
 * Over which connection a heartbeat goes, and which connection is cut as dead.
 *
 * Commits go over the same connection, and a broker answers a connection in order. A coordinator that takes long over commits
 * is asked over another connection meanwhile. Theirs is cut when nothing has come for so long that it may be dead. It may
 * also be slow: each time it gets longer, so that a commit that is cut off and asked again is answered in the end.
 */
import { Heartbeat, type HeartbeatRequest } from '@hopwire/protocol';
import { Owner } from '../cluster/owner.ts';
import { isRetriable, TimeoutError } from '../errors.ts';
import { clock } from '../util/clock.ts';
import type { Coordinator, MakeBody } from './coordinator.ts';

/** Of an attempt: a heartbeat does not stand behind a request that is under way for longer. */
const BEHIND_SHARE = 0.5;

export interface HeartbeatAnswer {
  readonly errorCode: number;
  /** Of the clock, when the request left. */
  readonly leftAt: number;
}

export interface RouteLimits {
  /** Of one heartbeat. */
  readonly attemptMs: number;
  readonly requestTimeoutMs: number;
}

export class HeartbeatRoute {
  readonly #coordinator: Coordinator;
  readonly #limits: RouteLimits;
  #beside: Owner = new Owner('heartbeat');
  /** Requests that were under way before a heartbeat kept it waiting: as long as there are any, it goes beside them. */
  #isHeld = false;
  /** So long nothing may come on the connection of the consumer until it counts as dead. */
  #patienceMs: number;
  #nodeId = -1;
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

  /** @returns null: it is worth another try */
  async ask(about: HeartbeatRequest, signal: AbortSignal, timeoutMs: number): Promise<HeartbeatAnswer | null> {
    let isBeside = false;
    let leftAt = clock.now();
    const body: MakeBody<HeartbeatRequest> = (_, nodeId, goesBeside) => {
      this.#nodeId = nodeId;
      isBeside = goesBeside;
      return about;
    };
    const onLeft = (): void => {
      leftAt = clock.now();
    };
    const besideAfterMs = this.#isHeld ? 0 : this.#limits.attemptMs * BEHIND_SHARE;
    this.#wasPaused = false;
    try {
      const call = { signal, timeoutMs, beside: this.#beside, besideAfterMs, onLeft };
      const { errorCode } = await this.#coordinator.send(Heartbeat, body, call);
      this.#answered(isBeside);
      return { errorCode, leftAt };
    } catch (error) {
      if (signal.aborted) return null;
      if (!isRetriable(error)) throw error;
      if (error instanceof TimeoutError) this.#late(isBeside, error);
      return null;
    }
  }

  close(): void {
    this.#coordinator.end(this.#beside);
  }

  #answered(isBeside: boolean): void {
    if (!isBeside && this.#isHeld) this.#endBeside();
    this.#isHeld = isBeside;
    if (isBeside) this.#lookBefore();
  }

  #late(isBeside: boolean, error: TimeoutError): void {
    if (isBeside) this.#endBeside();
    this.#wasPaused = !isBeside && this.#coordinator.pauseLeftMs(this.#nodeId) > 0;
    if (this.#wasPaused) return;
    const wasAlone = !isBeside && this.#coordinator.inFlight(this.#nodeId) <= 1;
    if (wasAlone) return this.#coordinator.reconnect(this.#nodeId, error);
    this.#isHeld = true;
    this.#lookBefore();
  }

  /** Other requests are under way on the connection of the consumer. */
  #lookBefore(): void {
    const silentMs = this.#coordinator.silentMs(this.#nodeId);
    if (silentMs < this.#patienceMs) return;
    this.#patienceMs = Math.min(this.#patienceMs * 2, this.#limits.requestTimeoutMs);
    const what = `group ${this.#coordinator.groupId}: a request`;
    this.#coordinator.reconnect(this.#nodeId, new TimeoutError(what, silentMs));
  }

  #endBeside(): void {
    this.#coordinator.end(this.#beside);
    this.#beside = new Owner('heartbeat');
  }
}
