// The orderly end of a consumer within one deadline.
import type { Membership } from '../group/membership.ts';
import { onAbort } from '../util/abort.ts';
import { Deadline, expireAfter } from '../util/timers.ts';
import { until } from './hooks.ts';
import type { Parts } from './parts.ts';

/** Of the time, what is kept for committing and leaving when the loop's body does not end. */
const RESERVE_SHARE = 0.2;
const MOST_RESERVE_MS = 1_000;

export class Closing<K, V> {
  readonly #parts: Parts<K, V>;
  readonly #timeoutMs: number;
  readonly #signal: AbortSignal | undefined;
  readonly #deadline: Deadline;

  /** Hands out nothing more from now on. @param signal ends it at once */
  constructor(parts: Parts<K, V>, timeoutMs: number, signal: AbortSignal | undefined) {
    this.#parts = parts;
    this.#timeoutMs = timeoutMs;
    this.#signal = signal;
    this.#deadline = new Deadline(timeoutMs);
    parts.engine.stop();
    parts.commits.stop();
  }

  /** Waits for the body, commits, leaves the group. Never rejects, never takes longer than the deadline. */
  async giveBack(membership: Membership | null): Promise<void> {
    const reserveMs = Math.min(MOST_RESERVE_MS, this.#timeoutMs * RESERVE_SHARE);
    const { body } = this.#parts.engine;
    await this.#within(this.#timeoutMs - reserveMs, () => body.left());
    body.abandon();
    await this.#within(this.#deadline.remainingMs, async () => {
      if (membership !== null) await membership.close(this.#deadline);
      else await this.#commit();
    });
  }

  #commit(): Promise<void> {
    const { commits, assignment } = this.#parts;
    return commits.commitQuietly(assignment, { timeoutMs: this.#deadline.remainingMs });
  }

  async #within(timeoutMs: number, work: () => Promise<void>): Promise<void> {
    if (this.#signal?.aborted) return;
    const enough = new AbortController();
    const cancel = expireAfter(timeoutMs, () => enough.abort());
    const stop = this.#signal && onAbort(this.#signal, () => enough.abort());
    await until(enough.signal, work());
    cancel();
    stop?.();
  }
}
