// Ends a consumer that has not reached its cluster for longer than the user wants to wait. Without a limit it waits for as
// long as it takes, at the start as later: whoever runs it sees in the log why nothing comes.
import type { Cluster } from '../cluster/cluster.ts';
import { TimeoutError } from '../errors.ts';
import { clock } from '../util/clock.ts';
import { sleep } from '../util/timers.ts';

/** How often it is looked whether there is a connection. */
const LOOK_MS = 250;

export interface PatienceContext {
  readonly cluster: Pick<Cluster, 'unreachable' | 'heardAt' | 'isAwaiting'>;
  /** ms; Infinity: no limit */
  readonly limitMs: number;
  /** For how long a broker may hold a fetch, in ms: so long it is silent and well. */
  readonly maxWaitMs: number;
  readonly signal: AbortSignal;
  onFatal(error: Error): void;
}

/** Looks until the signal is aborted, or the limit passed. Never rejects. */
export async function watchPatience(context: PatienceContext): Promise<void> {
  const { cluster, limitMs, maxWaitMs, signal, onFatal } = context;
  if (limitMs === Infinity) return;
  let heardAt = clock.now();
  while (!signal.aborted) {
    const { unreachable } = cluster;
    const now = clock.now();
    heardAt = unreachable === null && !cluster.isAwaiting ? now : Math.max(heardAt, cluster.heardAt);
    if (now - heardAt >= limitMs + (unreachable ? 0 : maxWaitMs)) return onFatal(unreachable ?? silence(limitMs));
    await sleep(Math.min(LOOK_MS, limitMs), signal).catch(() => undefined);
  }
}

/** A broker that takes the connection and says nothing. */
function silence(limitMs: number): TimeoutError {
  return new TimeoutError('an answer from any broker (unreachableTimeoutMs)', limitMs);
}
