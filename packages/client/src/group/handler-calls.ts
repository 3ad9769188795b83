// The calls of the consumer's handler, one after the other, each with a limit. What happens meanwhile (close, the end of the
// generation) brings the limit of the call under way forward.
import { TimeoutError } from '../errors.ts';
import type { Logger } from '../events.ts';
import { clock } from '../util/clock.ts';
import { after, waitFor } from '../util/timers.ts';
import type { ClosingTime } from './closing-time.ts';
import { type Ending, isOver } from './ending.ts';
import { Limit } from './limit.ts';

/** Of the rebalance timeout, kept for the last commit and for joining again. */
const MARGIN_MS = 5_000;
const MARGIN_SHARE = 0.1;
/** So long a member stays out of its group before that is said. */
const SILENCE_MS = 10_000;

export type Done = 'in time' | 'late' | 'never';
export type CallKind = 'assigned' | 'revoked' | 'lost';

export interface HandlerCallsContext {
  /** Infinity: nobody waits for the partitions. */
  readonly rebalanceTimeoutMs: number;
  readonly logger: Logger;
  /** null: not closing */
  time(): ClosingTime | null;
  /** Of the generation there is; null: it goes on, or there is none. */
  ending(): Ending | null;
}

/** `isLast`: it was told that it is enough, and has a moment for its last commit. */
interface Call {
  readonly kind: CallKind;
  readonly limit: Limit;
  readonly isLast: boolean;
}

export class HandlerCalls {
  readonly #context: HandlerCallsContext;
  readonly #patienceMs: number;
  readonly #graceMs: number;
  #current: Call | null = null;

  constructor(context: HandlerCallsContext) {
    this.#context = context;
    const { rebalanceTimeoutMs } = context;
    const marginMs = Math.min(MARGIN_MS, rebalanceTimeoutMs * MARGIN_SHARE);
    this.#patienceMs = rebalanceTimeoutMs - marginMs;
    this.#graceMs = marginMs / 2;
  }

  /** The group waits for us, and will not for longer, also while we close: others get what is ours. */
  get isOverdue(): boolean {
    const ending = this.#context.ending();
    return ending !== null && ending.at + this.#patienceMs + this.#graceMs <= clock.now();
  }

  /**
   * Until the handler resolves. At the limit it is told that it is enough; then it has a moment for its last commit, and is
   * not waited for any longer.
   *
   * @returns was it done before its limit, in the moment after that, or is it still at work?
   * @throws what the handler threw before that
   */
  async ask(kind: CallKind, work: (enough: AbortSignal) => Promise<void>): Promise<Done> {
    const limit = new Limit();
    const { signal } = limit;
    limit.by(clock.now() + this.#patienceMs, this.#tooLong());
    this.#begin({ kind, limit, isLast: false });
    const running = (async () => work(signal))();
    try {
      await waitFor(running, { signal }, late);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.#finish(limit);
    }
    return signal.aborted ? this.#grace(kind, running) : 'in time';
  }

  #begin(call: Call): void {
    this.#current = call;
    this.hasten();
  }

  #finish(limit: Limit): void {
    limit.clear();
    this.#current = null;
  }

  /** Until user code that was not waited for any longer has ended, or the signal. It is said in the log when that takes long. */
  async ended(userCode: Promise<void>, signal: AbortSignal): Promise<void> {
    const timer = after(SILENCE_MS, () => this.#context.logger.warn(STILL_OUTSIDE));
    timer.unref();
    await waitFor(userCode, { signal }, late).catch(() => undefined);
    clock.clearTimer(timer);
  }

  /** Close has begun, or the generation has come to an end: that brings the limit forward. */
  hasten(): void {
    if (this.#current === null) return;
    const { kind, limit, isLast } = this.#current;
    const time = this.#context.time();
    if (time !== null) limit.by(momentOf(this.#current, time), time.reason);
    const ending = this.#context.ending();
    if (ending === null || kind === 'lost') return;
    const patienceMs = this.#patienceMs + (isLast ? this.#graceMs : 0);
    limit.by(isCut(this.#current, ending) ? -Infinity : ending.at + patienceMs, ending.error ?? this.#tooLong());
  }

  async #grace(kind: CallKind, running: Promise<void>): Promise<Done> {
    const limit = new Limit();
    if (kind === 'revoked') this.#forLastCommit(limit);
    const waiting = kind === 'revoked' ? { signal: limit.signal } : { timeoutMs: 0 };
    try {
      await waitFor(running, waiting, late);
    } catch (error) {
      if (error instanceof Late || limit.isReached) return 'never';
      this.#context.logger.warn(`the consumer failed when its partitions were ${kind}`, { error });
    } finally {
      this.#finish(limit);
    }
    return 'late';
  }

  /** Of what is still ours. */
  #forLastCommit(limit: Limit): void {
    if (this.#context.time() === null) limit.by(clock.now() + this.#graceMs, this.#tooLong());
    this.#begin({ kind: 'revoked', limit, isLast: true });
  }

  #tooLong(): Error {
    const remedy = 'hooks and bodies have to end by then; or raise maxProcessingMs';
    return new TimeoutError('partitions that come or go', this.#patienceMs, { remedy });
  }
}

/** Of the clock: until then it is waited for while the consumer closes. */
function momentOf({ kind, isLast }: Call, time: ClosingTime): number {
  if (isLast) return time.committedBy;
  return kind === 'assigned' ? time.assignedBy : time.revokedBy;
}

/** There is no use in waiting any longer. */
function isCut({ kind, isLast }: Call, ending: Ending): boolean {
  if (isLast) return ending.kind === 'lost';
  return isOver(ending) || (ending.kind === 'fatal' && kind === 'assigned');
}

const STILL_OUTSIDE =
  'a consumer is outside of its group for 10 s: it joins again when the body of its loop and its hooks have ended';

/** Nobody sees it: it only tells that the time is up. */
class Late extends Error {}

function late(): Error {
  return new Late();
}
