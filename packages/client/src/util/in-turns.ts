// Long work in steps: some milliseconds of it at a time, and between those timers, sockets and signals have their turn.
import type { Steps } from '@hopwire/protocol';
import { clock } from './clock.ts';
import { nextTurn } from './timers.ts';

/** A step may take as long again. */
const SLICE_MS = 5;

/** @returns the result, at once when that takes no longer than a few milliseconds and waits for nothing */
export function inTurns<T>(steps: Steps<T>): T | Promise<T> {
  const step = slice(steps);
  return step.done ? step.value : rest(steps, step.value);
}

async function rest<T>(steps: Steps<T>, first: Promise<void> | undefined): Promise<T> {
  for (let awaited = first; ; ) {
    await (awaited ?? nextTurn());
    const step = slice(steps);
    if (step.done) return step.value;
    awaited = step.value;
  }
}

function slice<T>(steps: Steps<T>): IteratorResult<Promise<void> | undefined, T> {
  const until = clock.now() + SLICE_MS;
  for (;;) {
    const step = steps.next();
    if (step.done || step.value !== undefined || clock.now() >= until) return step;
  }
}
