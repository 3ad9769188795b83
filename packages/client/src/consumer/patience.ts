// Ends a consumer that has not reached its cluster for longer than the user wants to wait. Without a limit it waits for as
// long as it takes, at the start as later: whoever runs it sees in the log why nothing comes.
import type { Cluster } from '../cluster/cluster.ts';
import { clock } from '../util/clock.ts';
import { sleep } from '../util/timers.ts';

/** How often it is looked whether there is a connection. */
const LOOK_MS = 250;

export interface PatienceContext {
  readonly cluster: Pick<Cluster, 'unreachable' | 'hasConnection'>;
  /** ms; Infinity: no limit */
  readonly limitMs: number;
  readonly signal: AbortSignal;
  onFatal(error: Error): void;
}

/** Looks until the signal is aborted, or the limit passed. Never rejects. */
export async function watchPatience({ cluster, limitMs, signal, onFatal }: PatienceContext): Promise<void> {
  if (limitMs === Infinity) return;
  let since: number | null = null;
  while (!signal.aborted) {
    const { unreachable, hasConnection } = cluster;
    if (unreachable === null || hasConnection) since = null;
    else since ??= clock.now();
    if (unreachable !== null && since !== null && clock.now() - since >= limitMs) return onFatal(unreachable);
    await sleep(Math.min(LOOK_MS, limitMs), signal).catch(() => undefined);
  }
}
