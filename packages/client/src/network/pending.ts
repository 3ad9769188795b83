// A request from the call to its end.
import type { AnyApi } from '@hopwire/protocol';
import { endTrace, type RequestTrace, traceRequest } from '../diagnostics.ts';
import { isError } from '../thrown.ts';
import { onAbort } from '../util/abort.ts';

export interface RequestOptions {
  /** The caller's whole time, from the call; pauses that the broker demands are in it. Left out: no such limit. */
  readonly timeoutMs?: number | undefined;
  /** From when the bytes have left. Default: the connection's `requestTimeoutMs`. */
  readonly answerTimeoutMs?: number | undefined;
  /** A long answer may take longer than that, as long as it keeps arriving and this says so. */
  readonly mayArriveSlowly?: (() => boolean) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** false: nothing comes back (Produce with acks 0); resolves with undefined when the system has taken the bytes. */
  readonly expectResponse?: boolean | undefined;
  /** Called when its bytes are handed to the socket: from then on the broker may have it. */
  readonly onLeft?: (() => void) | undefined;
}

export interface Settling {
  resolve(response: unknown): void;
  reject(error: unknown): void;
}

/** Parked, or in the in-flight map of a connection. Once settled nobody waits any more, but its slot may stay. */
export class Pending {
  readonly api: AnyApi;
  readonly version: number;
  /** null once it has left: what is in flight holds no batches. */
  body: unknown;
  readonly calledAt: number;
  readonly timeoutMs: number;
  readonly answerTimeoutMs: number;
  readonly #mayArriveSlowly: (() => boolean) | undefined;
  readonly expectsResponse: boolean;
  readonly #settling: Settling;
  readonly #onLeft: (() => void) | undefined;
  sentAt = 0;
  sentBytes = 0;
  /** When the answer is late, also when nobody waits for it. */
  answerBy: number = Infinity;
  isSettled = false;
  #trace: RequestTrace | null = null;
  #stopListening: (() => void) | null = null;

  constructor(
    api: AnyApi,
    version: number,
    body: unknown,
    options: RequestOptions,
    limits: { calledAt: number; answerTimeoutMs: number },
    settling: Settling,
  ) {
    this.api = api;
    this.version = version;
    this.body = body;
    this.calledAt = limits.calledAt;
    this.timeoutMs = options.timeoutMs ?? Infinity;
    this.answerTimeoutMs = options.answerTimeoutMs ?? limits.answerTimeoutMs;
    this.#mayArriveSlowly = options.mayArriveSlowly;
    this.expectsResponse = options.expectResponse !== false;
    this.#settling = settling;
    this.#onLeft = options.onLeft;
  }

  /** When the caller gives up. */
  get deadline(): number {
    return Math.min(this.calledAt + this.timeoutMs, this.answerBy);
  }

  /** The same, when something arrives until then. */
  deadlineWhileArriving(now: number, arrivesUntil: number): number {
    if (this.deadline > now || !this.#mayArriveSlowly?.()) return this.deadline;
    return Math.min(this.calledAt + this.timeoutMs, Math.max(this.answerBy, arrivesUntil));
  }

  /** Which of the limits the deadline is. */
  get limitMs(): number {
    return this.calledAt + this.timeoutMs <= this.answerBy ? this.timeoutMs : this.answerTimeoutMs;
  }

  listen(signal: AbortSignal, aborted: () => void): void {
    this.#stopListening = onAbort(signal, aborted);
  }

  sent(broker: string, at: number, bytes: number): void {
    this.body = null;
    this.sentAt = at;
    this.sentBytes = bytes;
    this.answerBy = at + this.answerTimeoutMs;
    this.#trace = traceRequest(this.api.name, this.version, broker);
    this.#onLeft?.();
  }

  resolve(response: unknown): void {
    if (this.isSettled) return; // the first settling wins
    this.#settle(undefined);
    this.#settling.resolve(response);
  }

  reject(error: unknown): void {
    if (this.isSettled) return;
    this.#settle(isError(error) ? error : new Error('aborted', { cause: error }));
    this.#settling.reject(error);
  }

  #settle(error: Error | undefined): void {
    this.isSettled = true;
    this.#stopListening?.();
    endTrace(this.#trace, error);
  }
}
