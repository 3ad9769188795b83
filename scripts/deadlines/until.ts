// Waiting for what has no event.
import { setTimeout as delay } from 'node:timers/promises';

const EVERY_MS = 4;

/** @returns did it become true in time? */
export async function cameTrue(isTrue: () => boolean, ms: number): Promise<boolean> {
  const end = performance.now() + ms;
  while (!isTrue()) {
    if (performance.now() > end) return false;
    await delay(EVERY_MS);
  }
  return true;
}

/** @throws {Error} names what did not come true */
export async function until(what: string, isTrue: () => boolean, ms = 10_000): Promise<void> {
  if (!(await cameTrue(isTrue, ms))) throw new Error(`${what}: not within ${ms} ms`);
}
