// Is what the client process holds flat? The second quarter of the run is compared with the last: in the first,
// connections are still being opened for the first time.
import type { Violation } from './checks.ts';
import type { Sample } from './messages.ts';

/** Fewer samples say nothing. */
const FEWEST = 24;
const QUARTERS = 4;

/** Names of what is watched, with how much more than before is still flat: a share, and something on top. */
const limits = { sockets: [0.2, 3], timers: [0.2, 6], handles: [0.2, 10], heapMb: [0.2, 4] } as const;
type Watched = keyof typeof limits;

export function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0;
}

/** Median of what is watched, in each quarter of the time. */
export function quartersOf(samples: readonly Sample[], what: keyof Omit<Sample, 'kind'>): number[] {
  return Array.from({ length: QUARTERS }, (_, quarter) => {
    const [from, to] = [quarter, quarter + 1].map((q) => Math.floor((q * samples.length) / QUARTERS));
    return median(samples.slice(from, to).map((sample) => sample[what]));
  });
}

export function growth(samples: readonly Sample[]): Violation[] {
  if (samples.length < FEWEST) return [];
  return Object.keys(limits).flatMap((name) => {
    const what = name as Watched;
    const [, before = 0, , after = 0] = quartersOf(samples, what);
    const [share, more] = limits[what];
    if (after <= before * (1 + share) + more) return [];
    return [
      { rule: 'what the process holds stays flat', detail: `${what}: ${before.toFixed(1)}, later ${after.toFixed(1)}` },
    ];
  });
}
