// What the client process holds, looked at from inside.
import { now } from '../clock.ts';
import type { Sample } from '../messages.ts';

const MEGABYTE = 1024 * 1024;

/** Resources that keep the process alive: those of the client, and the soak's own few. */
export function resources(): string[] {
  return process.getActiveResourcesInfo();
}

export const isSocket = (resource: string): boolean => /^(TCP|TLS)/.test(resource);

/** Collects garbage first, so that the heap is what is really held. */
export function sample(): Sample {
  globalThis.gc?.();
  const held = resources();
  const { heapUsed, rss } = process.memoryUsage();
  return {
    kind: 'sample',
    at: now(),
    sockets: held.filter(isSocket).length,
    timers: held.filter((name) => name === 'Timeout').length,
    handles: held.length,
    heapMb: heapUsed / MEGABYTE,
    rssMb: rss / MEGABYTE,
  };
}
