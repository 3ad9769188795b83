/*
 * The heartbeats of one generation. They depend on nothing that the loop or a hook does (CLI-060).
 *
 *   wait --interval--> ask --answered--> wait
 *    ^                  | silent, lost connection, moved: (find the coordinator) short wait, ask again
 *    '------------------'
 *   session over, or the time of a rebalance, without an answer --> lost
 *   unknown member, old generation, fenced --> lost
 */
import { Errors, Heartbeat } from '@hopwire/protocol';
import { asError, isRetriable, TimeoutError } from '../errors.ts';
import type { Backoff } from '../util/backoff.ts';
import { clock } from '../util/clock.ts';
import { sleep } from '../util/timers.ts';
import type { Coordinator } from './coordinator.ts';
import { type HeartbeatAnswer, HeartbeatRoute } from './heartbeat-route.ts';
import type { MemberIdentity } from './identity.ts';

/** Three attempts fit into a session, and into the time that a rebalance leaves, whatever else was asked for. */
const ATTEMPTS = 3;

export interface HeartbeatOptions {
  readonly sessionTimeoutMs: number;
  /** So long a rebalance waits for us. */
  readonly rebalanceTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly requestTimeoutMs: number;
  readonly backoff: Backoff;
}

export interface HeartbeatListener {
  /**
   * The group wants to be joined again. May be called more than once.
   *
   * @param since of the clock, when the rebalance cannot have begun before: the broker counts its time from its beginning,
   * not from when we hear of it
   */
  onRebalance(since: number): void;
  /** A session has passed without that, and we ask once more. */
  onDoubt(): void;
  /** The broker says again that we are a member, after a session without that. */
  onProven(): void;
  /** We are no member any more, or cannot know it: others may have what is ours. The last call. */
  onLost(error: Error): void;
}

export class Heartbeats {
  readonly #coordinator: Coordinator;
  readonly #claim: MemberIdentity;
  readonly #options: HeartbeatOptions;
  readonly #listener: HeartbeatListener;
  readonly #stopping = new AbortController();
  /** When the request was sent whose answer was the last to say that we are a member. */
  #provenAt: number;
  /** The same, and that nobody rebalanced. */
  #calmAt: number;
  /** Somebody does, and whoever gives our partitions back for that knows how much time is left. */
  #isRebalancing = false;
  #failures = 0;
  /** How late we were because the event loop was blocked: that is not the broker's silence. */
  #lateMs: number;
  readonly #route: HeartbeatRoute;

  /**
   * Begins at once, for a member that has just been told its assignment.
   *
   * @param askedAt of the clock: when it asked for that
   */
  constructor(
    coordinator: Coordinator,
    claim: MemberIdentity,
    askedAt: number,
    options: HeartbeatOptions,
    listener: HeartbeatListener,
  ) {
    this.#provenAt = askedAt;
    this.#calmAt = askedAt;
    this.#lateMs = clock.now() - askedAt;
    this.#coordinator = coordinator;
    this.#claim = claim;
    this.#options = options;
    this.#listener = listener;
    const { requestTimeoutMs } = options;
    this.#route = new HeartbeatRoute(coordinator, { attemptMs: this.#attemptMs, requestTimeoutMs });
    void this.#run().catch((error: unknown) => {
      if (!this.#stopping.signal.aborted) listener.onLost(asError(error));
    });
  }

  /** No further one is sent, and no answer heard. */
  stop(): void {
    this.#stopping.abort();
    this.#route.close();
  }

  /**
   * Of the clock. Until then no other member can have our partitions. After that (the event loop was blocked, or the broker
   * silent) the session may be over, or a rebalance that we have not heard of may have ended without us.
   */
  get certainUntil(): number {
    return Math.min(this.#sessionEndsAt, this.#rebalanceEndsAt);
  }

  get #isCertain(): boolean {
    return this.certainUntil > clock.now();
  }

  get #sessionEndsAt(): number {
    return this.#provenAt + this.#options.sessionTimeoutMs;
  }

  /** At the earliest, of one that we have not heard of. */
  get #rebalanceEndsAt(): number {
    return this.#calmAt + this.#options.rebalanceTimeoutMs;
  }

  /** Then we are lost. */
  get #leftMs(): number {
    const endsAt = this.#isRebalancing ? this.#sessionEndsAt : Math.min(this.#sessionEndsAt, this.#rebalanceEndsAt);
    return endsAt - clock.now();
  }

  get #attemptMs(): number {
    return Math.min(this.#options.sessionTimeoutMs, this.#options.rebalanceTimeoutMs) / ATTEMPTS;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    if (this.#isCertain) await this.#pause();
    for (;;) {
      // A loop that was blocked for all of that asks once more: the broker knows whether we are still in.
      if (this.#leftMs <= 0 && this.#leftMs + this.#lateMs <= 0) throw this.#sessionOver();
      if (!this.#isCertain) this.#listener.onDoubt();
      await this.#beat();
      if (signal.aborted) return;
      await this.#pause();
    }
  }

  async #pause(): Promise<void> {
    const { heartbeatIntervalMs, backoff } = this.#options;
    // From when the last one left: its answer may have been read late, by an event loop that was blocked.
    const leftAt = Math.max(this.#provenAt, this.#route.lastLeftAt);
    const regularMs = Math.min(heartbeatIntervalMs, this.#attemptMs) - (clock.now() - leftAt);
    const wantedMs = this.#failures === 0 ? regularMs : backoff.delay(this.#failures);
    const ms = Math.max(0, Math.min(wantedMs, this.#leftMs));
    const dueAt = clock.now() + ms;
    await sleep(ms, this.#stopping.signal);
    this.#lateMs += Math.max(0, clock.now() - dueAt);
  }

  async #beat(): Promise<void> {
    const sentAt = clock.now();
    const timeoutMs = this.#timeoutMs();
    const answer = await this.#ask(timeoutMs);
    this.#lateMs = Math.max(0, clock.now() - sentAt - timeoutMs);
    if (this.#stopping.signal.aborted) return;
    if (answer === null) {
      this.#failures++;
      return;
    }
    this.#failures = 0;
    if (answer.leftAt < this.#provenAt) return; // to one that was overtaken by another
    const wasCertain = this.#isCertain;
    this.#provenAt = answer.leftAt;
    if (!wasCertain) this.#listener.onProven();
    this.#isRebalancing = answer.errorCode === Errors.REBALANCE_IN_PROGRESS;
    if (this.#isRebalancing) this.#listener.onRebalance(this.#calmAt);
    else this.#calmAt = answer.leftAt;
  }

  #timeoutMs(): number {
    const leftMs = this.#leftMs > 0 ? this.#leftMs : Infinity;
    const attemptMs = this.#route.isPaused ? Infinity : this.#attemptMs;
    return Math.min(this.#options.requestTimeoutMs, attemptMs, leftMs);
  }

  /** @returns null: it is worth another try. @throws when we are out, or must not be in */
  async #ask(timeoutMs: number): Promise<HeartbeatAnswer | null> {
    const { groupId } = this.#coordinator;
    const { signal } = this.#stopping;
    const answer = await this.#route.ask({ groupId, ...bodyOf(this.#claim) }, signal, timeoutMs);
    if (answer === null || signal.aborted) return null;
    const { errorCode } = answer;
    if (errorCode === 0 || errorCode === Errors.REBALANCE_IN_PROGRESS) return answer;
    const refusal = this.#coordinator.refused(errorCode, Heartbeat.name);
    if (isRetriable(refusal)) return null;
    throw refusal;
  }

  #sessionOver(): Error {
    const { sessionTimeoutMs, rebalanceTimeoutMs } = this.#options;
    const remedy = 'the coordinator does not answer: others may have the partitions now';
    return new TimeoutError(
      `group ${this.#coordinator.groupId}: a heartbeat`,
      Math.min(sessionTimeoutMs, rebalanceTimeoutMs),
      { remedy },
    );
  }
}

function bodyOf({ generationId, memberId, groupInstanceId }: MemberIdentity): MemberIdentity {
  return { generationId, memberId, groupInstanceId };
}
