// What ends a call: one of the caller's own limits, or one of the options.
import { setTimeout as delay } from 'node:timers/promises';
import type { Waiting } from '@hopwire/client';

/** Every limit in this tool, unless the call has a fixed one. */
export const LIMIT_MS = 300;

/**
 * `timeoutMs`, `signal`: given with the call; `deliveryTimeoutMs`, `requestTimeoutMs`: options of the producer and of
 * the client; `fixed`: five seconds, as the call's documentation says.
 */
export type LimitKind = 'timeoutMs' | 'signal' | 'deliveryTimeoutMs' | 'requestTimeoutMs' | 'fixed';

const FIXED_MS = 5_000;

/** The limit of one call (or of several that are made at once). Made when they are made. */
export class Limit {
  readonly waiting: Waiting;
  /** Only of the kind `signal`. */
  readonly signal: AbortSignal | undefined;
  readonly #controller = new AbortController();
  readonly #over = new AbortController();
  #deadline: number;

  constructor(kind: LimitKind) {
    const ms = kind === 'fixed' ? FIXED_MS : LIMIT_MS;
    this.#deadline = performance.now() + ms;
    this.signal = kind === 'signal' ? this.#controller.signal : undefined;
    this.waiting = kind === 'timeoutMs' ? { timeoutMs: ms } : { signal: this.signal };
    if (this.signal) void this.#abortLater(ms);
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
    this.#controller.abort(new Error('the caller does not wait any longer'));
  }
}
