// While an answer takes longer than usual, metadata is asked for again: perhaps what we wait for has gone elsewhere.
import { clock, type Timer } from '../util/clock.ts';
import { after } from '../util/timers.ts';
import type { Cluster } from './cluster.ts';

/** Between two looks. */
const LOOK_EVERY_MS = 1_000;

/**
 * Waits for `work` as it is; metadata is refreshed once a second from `patienceMs` on. Whoever depends on leaders is told
 * of them by the snapshot.
 */
export async function impatiently<T>(cluster: Cluster, patienceMs: number, work: Promise<T>): Promise<T> {
  let timer: Timer | null = null;
  const look = (): void => {
    timer = after(LOOK_EVERY_MS, look);
    timer.unref();
    // A failure is no news: this only looks for a way round a silent broker.
    cluster.refreshMetadata({ timeoutMs: LOOK_EVERY_MS }).catch(() => undefined);
  };
  timer = after(patienceMs, look);
  timer.unref();
  try {
    return await work;
  } finally {
    clock.clearTimer(timer);
  }
}
