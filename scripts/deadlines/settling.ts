// When promises settle, against a deadline.
import { setTimeout as delay } from 'node:timers/promises';
import { ClosedError } from '@hopwire/client';
import { pauses } from './pauses.ts';

/** Past its deadline a call is waited for this long. */
export const GIVE_UP_MS = 5_000;

export interface Settling {
  /** Of the last one; 0: in time; Infinity: not at all. */
  readonly pastMs: number;
  /** How each ended, for people. */
  readonly outcomes: readonly string[];
  /** What some were rejected with after the signal was aborted, in place of its reason. */
  readonly otherReasons: readonly string[];
}

interface Ended {
  readonly at: number;
  readonly outcome: string;
  /** undefined: it was not rejected */
  readonly error: unknown;
}

export interface Deadline {
  /** Of `performance.now()`. */
  readonly deadline: number;
  readonly signal?: AbortSignal | undefined;
}

/** @param limit its deadline is read at the end: that of a signal is known only then */
export async function settled(promises: readonly Promise<unknown>[], limit: Deadline): Promise<Settling> {
  const ended: (Ended | undefined)[] = promises.map(() => undefined);
  const all = promises.map((promise, index) =>
    promise
      .then(
        () => note('ok'),
        (error: unknown) => note(textOf(error), error),
      )
      .then((one) => (ended[index] = one)),
  );
  const enough = new AbortController();
  const patience = limit.deadline - performance.now() + GIVE_UP_MS;
  await Promise.race([Promise.all(all), delay(patience, undefined, { signal: enough.signal }).catch(() => undefined)]);
  enough.abort();
  const past = ended.map((one) => (one ? pastMs(limit.deadline, one.at) : Infinity));
  return {
    pastMs: Math.max(0, ...past),
    outcomes: ended.map((one) => one?.outcome ?? 'never settled'),
    otherReasons: ended.flatMap((one) => (one && isOther(one, limit) ? [one.outcome] : [])),
  };
}

function isOther({ at, error }: Ended, { signal, deadline }: Deadline): boolean {
  return signal?.aborted === true && at >= deadline && !isAnswer(error) && error !== signal.reason;
}

/** It worked; or the call was refused whatever the signal says. */
function isAnswer(error: unknown): boolean {
  return error === undefined || error instanceof ClosedError || error instanceof RangeError;
}

/** Without the time in which the process was not let run. */
function pastMs(deadline: number, at: number): number {
  return at <= deadline ? 0 : Math.max(0, at - deadline - pauses.between(deadline, at));
}

function note(outcome: string, error?: unknown): Ended {
  return { at: performance.now(), outcome, error };
}

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 160) : String(error);
}
