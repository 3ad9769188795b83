// A request that waits for its answer.
import type { AnyApi } from '@hopwire/protocol';
import { endTrace, type RequestTrace } from '../diagnostics.ts';

/** In the in-flight map of a connection. */
export interface Pending {
  readonly api: AnyApi;
  readonly version: number;
  readonly sentAt: number;
  readonly sentBytes: number;
  readonly deadline: number;
  readonly timeoutMs: number;
  readonly trace: RequestTrace | null;
  /** null: nobody waits any more, but the slot stays until the answer was read and dropped. */
  waiter: Waiter | null;
}

export interface Waiter {
  resolve(response: unknown): void;
  reject(error: unknown): void;
  /** Undoes the listener on the caller's signal. */
  readonly stopListening: (() => void) | null;
}

/** First settling wins; later ones find nobody. */
export function settle(pending: Pending, outcome: { response: unknown } | { error: Error }): void {
  const { waiter } = pending;
  if (!waiter) return;
  pending.waiter = null;
  waiter.stopListening?.();
  endTrace(pending.trace, 'error' in outcome ? outcome.error : undefined);
  if ('error' in outcome) waiter.reject(outcome.error);
  else waiter.resolve(outcome.response);
}
