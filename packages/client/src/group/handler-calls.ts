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

export class HandlerCalls {
  readonly #context: HandlerCallsContext;
  readonly #patienceMs: number;
  readonly #marginMs: number;
  #current: { readonly kind: CallKind; readonly limit: Limit } | null = null;

  constructor(context: HandlerCallsContext) {
    this.#context = context;
    const { rebalanceTimeoutMs } = context;
    this.#marginMs = Math.min(MARGIN_MS, rebalanceTimeoutMs * MARGIN_SHARE);
    this.#patienceMs = rebalanceTimeoutMs - this.#marginMs;
  }

  /**
   * Until the handler resolves. At the limit it is told that it is enough; then it has a moment for its last commit, and is
   * not waited for any longer.
   *
   * @returns was it done before its limit?
   * @throws what the handler threw before that
   */
  async ask(kind: CallKind, work: (enough: AbortSignal) => Promise<void>): Promise<boolean> {
    const limit = new Limit();
    const { signal } = limit;
    this.#current = { kind, limit };
    limit.by(clock.now() + this.#patienceMs, this.#tooLong());
    this.hasten();
    const running = (async () => work(signal))();
    try {
      await waitFor(running, { signal }, late);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      limit.clear();
      this.#current = null;
    }
    if (signal.aborted) await this.#grace(kind, running);
    return !signal.aborted;
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
    const { kind, limit } = this.#current;
    const time = this.#context.time();
    if (time !== null) limit.by(kind === 'assigned' ? time.assignedBy : time.revokedBy, time.reason);
    const ending = this.#context.ending();
    if (ending === null || kind === 'lost') return;
    const isCut = isOver(ending) || (ending.kind === 'fatal' && kind === 'assigned');
    limit.by(isCut ? -Infinity : ending.at + this.#patienceMs, ending.error ?? this.#tooLong());
  }

  async #grace(kind: CallKind, running: Promise<void>): Promise<void> {
    const timeoutMs = kind === 'revoked' ? this.#graceMs() : 0;
    await waitFor(running, { timeoutMs }, late).catch((error: unknown) => {
      if (error instanceof Late) return;
      this.#context.logger.warn(`the consumer failed when its partitions were ${kind}`, { error });
    });
  }

  /** For the last commit of what is still ours. */
  #graceMs(): number {
    const time = this.#context.time();
    if (this.#context.ending()?.kind === 'lost') return 0;
    return time === null ? this.#marginMs / 2 : Math.max(0, time.committedBy - clock.now());
  }

  #tooLong(): Error {
    const remedy = 'hooks and bodies have to end by then; or raise maxProcessingMs';
    return new TimeoutError('partitions that come or go', this.#patienceMs, { remedy });
  }
}

const STILL_OUTSIDE =
  'a consumer is outside of its group for 10 s: it joins again when the body of its loop and its hooks have ended';

/** Nobody sees it: it only tells that the time is up. */
class Late extends Error {}

function late(): Error {
  return new Late();
}
