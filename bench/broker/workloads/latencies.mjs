import { percentile } from '../figures.mjs';

/** p50 and p99 of times in ms. */
export function latencies(times) {
  return { p50: percentile(times, 0.5), p99: percentile(times, 0.99) };
}
