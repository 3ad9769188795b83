// What ends a call: one of the caller's own limits, or one of the options.
import { setTimeout as delay } from 'node:timers/promises';
import type { Waiting } from '@hopwire/client';

/** Every limit in this tool, unless the call has a fixed one. */
export const LIMIT_MS = 300;

/**
 * `timeoutMs`, `signal`: given with the call, and 300 ms; `timeoutMs: 0`, `aborted signal`: given with the call, and over
 * already; `deliveryTimeoutMs`, `requestTimeoutMs`: options of the producer and of the client; `fixed`: five seconds, as
 * the call's documentation says.
 */
export type LimitKind =
  | 'timeoutMs'
  | 'signal'
  | 'timeoutMs: 0'
  | 'aborted signal'
  | 'deliveryTimeoutMs'
  | 'requestTimeoutMs'
  | 'fixed';

/** Of a call that takes a `Waiting`. */
export const WAITING: readonly LimitKind[] = ['timeoutMs', 'signal', 'timeoutMs: 0', 'aborted signal'];

const FIXED_MS = 5_000;

/** Is the time over when the call is made? */
export function isImmediate(kind: LimitKind): boolean {
  return kind === 'timeoutMs: 0' || kind === 'aborted signal';
}

/** The limit of one call (or of several that are made at once). Made when they are made. */
export class Limit {
  readonly waiting: Waiting;
  /** Only of the kinds `signal` and `aborted signal`. */
  readonly signal: AbortSignal | undefined;
  readonly #controller = new AbortController();
  readonly #over = new AbortController();
  #deadline: number;

  constructor(kind: LimitKind) {
    const ms = msOf(kind);
    this.#deadline = performance.now() + ms;
    this.signal = kind.includes('signal') ? this.#controller.signal : undefined;
    this.waiting = kind.startsWith('timeoutMs') ? { timeoutMs: ms } : { signal: this.signal };
    if (kind === 'signal') void this.#abortLater(ms);
    if (kind === 'aborted signal') this.#controller.abort(reason());
  }

  /** Of `performance.now()`. That of a signal is when it was aborted. */
  get deadline(): number {
    return this.#deadline;
  }

  /** Nobody waits any more: the signal is not aborted. */
  cancel(): void {
    this.#over.abort();
  }

  async #abortLater(ms: number): Promise<void> {
    try {
      await delay(ms, undefined, { signal: this.#over.signal });
    } catch {
      return;
    }
    this.#deadline = performance.now();
    this.#controller.abort(reason());
  }
}

function msOf(kind: LimitKind): number {
  if (kind === 'fixed') return FIXED_MS;
  return isImmediate(kind) ? 0 : LIMIT_MS;
}

function reason(): Error {
  return new Error('the caller does not wait any longer');
}
