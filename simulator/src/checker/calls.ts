// Every promise that the client gave out: it settles by its deadline, and leaves nothing on the caller's signal.
import { getEventListeners } from 'node:events';
import type { Scheduler } from '../scheduler.ts';
import type { Violate } from './violation.ts';

/** How late a call may be. */
const GRACE_MS = 100;

export type Settled<T> = { readonly ok: T } | { readonly error: unknown };

export interface CallOptions {
  /** When it has to be settled. */
  readonly withinMs: number;
  readonly signal?: AbortSignal | undefined;
}

export class Calls {
  readonly #scheduler: Scheduler;
  readonly #violate: Violate;
  readonly #open = new Set<string>();
  #count = 0;

  constructor(scheduler: Scheduler, violate: Violate) {
    this.#scheduler = scheduler;
    this.#violate = violate;
  }

  /** Names of the calls that are not settled. */
  get open(): string[] {
    return [...this.#open];
  }

  get count(): number {
    return this.#count;
  }

  /** Never rejects. A call that throws at once counts as one that rejects. */
  async watch<T>(name: string, options: CallOptions, call: () => Promise<T>): Promise<Settled<T>> {
    const label = `${name} #${++this.#count}`;
    this.#open.add(label);
    const stop = this.#expect(label, options.withinMs);
    try {
      return { ok: await call() };
    } catch (error) {
      return { error };
    } finally {
      stop();
      this.#open.delete(label);
      this.#checkSignal(label, options.signal);
    }
  }

  /** A process that was stopped could not settle anything meanwhile. */
  #expect(label: string, withinMs: number): () => void {
    const scheduler = this.#scheduler;
    const startedAt = scheduler.now;
    const stoppedBefore = scheduler.stoppedMs.client;
    const look = (): void => {
      const stoppedMs = scheduler.stoppedMs.client - stoppedBefore;
      const leftMs = startedAt + withinMs + GRACE_MS + stoppedMs - scheduler.now;
      if (leftMs > 0) event = scheduler.after(leftMs, 'check', 'client', look);
      else this.#violate('settles by its deadline', `${label}: not settled ${GRACE_MS} ms after its ${withinMs} ms`);
    };
    let event = scheduler.after(withinMs + GRACE_MS, 'check', 'client', look);
    return () => {
      event.isCancelled = true;
    };
  }

  /** Looked at a turn later: what is settled may still be cleaning up. */
  #checkSignal(label: string, signal: AbortSignal | undefined): void {
    if (!signal) return;
    this.#scheduler.after(0, 'check', 'client', () => {
      const left = getEventListeners(signal, 'abort').length;
      if (left > 0) this.#violate('leaves no listener', `${label}: ${left} listeners are left on the caller's signal`);
    });
  }
}
