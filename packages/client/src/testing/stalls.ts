// For files of tests that measure time. A machine under load stops a process for some hundred milliseconds now and then:
// what was measured meanwhile says nothing of our timing, and a test that failed then runs again. Without a stall it fails.
import { beforeAll, beforeEach, type RunnerTask } from 'vitest';

const LOOK_EVERY_MS = 10;
/** What tests of time leave as room. */
const HARMLESS_MS = 40;

let longestMs = 0;
let lookedAt = performance.now();

const afterStall = {
  count: 4,
  condition: (): boolean => {
    if (longestMs < HARMLESS_MS) return false;
    console.warn(`run again: the process stood still for ${Math.round(longestMs)} ms`);
    return true;
  },
};

function look(): void {
  const now = performance.now();
  longestMs = Math.max(longestMs, now - lookedAt - LOOK_EVERY_MS);
  lookedAt = now;
}

function allow(tasks: readonly RunnerTask[]): void {
  for (const task of tasks) {
    if (task.type === 'suite') allow(task.tasks);
    else task.retry = afterStall;
  }
}

/** Called at the top of a file, for all of its tests. */
export function runAgainAfterStalls(): void {
  setInterval(look, LOOK_EVERY_MS).unref();
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of fixtures from it
  beforeAll(({}, { tasks }) => allow(tasks));
  beforeEach(() => {
    longestMs = 0;
  });
}
