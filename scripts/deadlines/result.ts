// What a cell came to in all its rounds.
import type { Cell } from './cell.ts';
import type { Sample } from './trial.ts';

/** What the project promises. */
export const TARGET_MS = 100;

export interface Result {
  readonly cell: Cell;
  readonly pastMs: number;
  readonly closePastMs: number;
  readonly leftBehind: readonly string[];
  readonly outcomes: readonly string[];
  readonly otherReasons: readonly string[];
  /** Why it could not be measured. */
  readonly failure: string | null;
}

export function resultOf(cell: Cell, samples: readonly Sample[], failures: readonly string[]): Result {
  const worst = (of: (sample: Sample) => number): number => Math.max(0, ...samples.map(of));
  return {
    cell,
    pastMs: worst(({ pastMs }) => pastMs),
    closePastMs: worst(({ closePastMs }) => closePastMs),
    leftBehind: [...new Set(samples.flatMap(({ leftBehind }) => leftBehind))],
    outcomes: samples.flatMap(({ outcomes }) => outcomes),
    otherReasons: [...new Set(samples.flatMap(({ otherReasons }) => otherReasons))],
    failure: failures[0] ?? null,
  };
}

/** What is wrong with it; none: nothing is. */
export function faultsOf({ pastMs, closePastMs, leftBehind, otherReasons, failure }: Result): string[] {
  return [
    ...late('the call', pastMs),
    ...late('the close after it', closePastMs),
    ...(leftBehind.length > 0 ? [`left behind: ${leftBehind.join('; ')}`] : []),
    ...(otherReasons.length > 0 ? [`rejected, in place of the signal's reason, with: ${otherReasons.join('; ')}`] : []),
    ...(failure === null ? [] : [`not measured: ${failure}`]),
  ];
}

function late(what: string, pastMs: number): string[] {
  if (pastMs <= TARGET_MS) return [];
  return [Number.isFinite(pastMs) ? `${what}: ${pastMs.toFixed(0)} ms past its deadline` : `${what} never settled`];
}
