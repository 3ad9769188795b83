// Runs cells several times, many at once; what looks bad is repeated alone before it counts.
import { setTimeout as delay } from 'node:timers/promises';
import type { Cell } from './cell.ts';
import { isImmediate } from './limit.ts';
import { faultsOf, type Result, resultOf } from './result.ts';
import { type Sample, trial } from './trial.ts';
import { PAUSED_MS, Width } from './width.ts';

/** So often a measurement is tried when the machine does not let the process run; the last one counts as it is. */
const MOST_ATTEMPTS = 4;
const PAUSE_MS = 50;

export interface RunnerOptions {
  readonly rounds: number;
  /** Scenes at a time, at most. */
  readonly atOnce: number;
  /** For repeating alone; what is not repeated in that time counts as it is. */
  readonly repeatMs: number;
  readonly say: (line: string) => void;
}

/** What came of one measurement: a sample, or why there is none. */
type Outcome = { readonly sample: Sample } | { readonly failure: string };

interface Turn {
  readonly job: Job;
  attempts: number;
}

class Job {
  readonly cell: Cell;
  readonly #samples: Sample[] = [];
  readonly #failures: string[] = [];

  constructor(cell: Cell) {
    this.cell = cell;
  }

  add(outcome: Outcome): void {
    if ('sample' in outcome) this.#samples.push(outcome.sample);
    else this.#failures.push(outcome.failure);
  }

  get rounds(): number {
    return this.#samples.length + this.#failures.length;
  }

  get result(): Result {
    return resultOf(this.cell, this.#samples, this.#failures);
  }

  get isBad(): boolean {
    return faultsOf(this.result).length > 0;
  }
}

export async function run(cells: readonly Cell[], options: RunnerOptions): Promise<Result[]> {
  const { rounds, atOnce, repeatMs, say } = options;
  const jobs = slowFirst(cells).map((cell) => new Job(cell));
  const turns = Array.from({ length: rounds }, (_, round) => turnsOf(jobs, round)).flat();
  const width = new Width(atOnce);
  await Promise.all(Array.from({ length: atOnce }, (_, index) => work(turns, index, width)));
  const suspects = jobs.filter(({ isBad }) => isBad).length;
  if (suspects > 0) say(`${suspects} of ${cells.length} are repeated alone`);
  const results = await repeatBad(jobs, rounds, performance.now() + repeatMs);
  return cells.flatMap((cell) => results.get(cell) ?? []);
}

/** What is over before it begins does so the same way each time: one round is enough. */
function turnsOf(jobs: readonly Job[], round: number): Turn[] {
  const due = round === 0 ? jobs : jobs.filter(({ cell }) => !isImmediate(cell.limit));
  return due.map((job) => ({ job, attempts: 0 }));
}

/** One of those that work side by side. It rests while fewer are allowed. */
async function work(turns: Turn[], index: number, width: Width): Promise<void> {
  for (;;) {
    while (turns.length > 0 && !width.allows(index)) await delay(PAUSE_MS);
    const turn = turns.shift();
    if (turn === undefined) return;
    const outcome = await measure(turn.job.cell);
    width.note(pausedMs(outcome));
    turn.attempts++;
    if (isDisturbed(turn.job.cell, outcome) && turn.attempts < MOST_ATTEMPTS) turns.push(turn);
    else turn.job.add(outcome);
  }
}

async function repeatBad(jobs: readonly Job[], rounds: number, end: number): Promise<Map<Cell, Result>> {
  const results = new Map<Cell, Result>();
  for (const job of jobs) {
    const isRepeated = job.isBad && performance.now() < end;
    results.set(job.cell, isRepeated ? await alone(job.cell, rounds) : job.result);
  }
  return results;
}

/** Until it is bad again; or good so often that the first time was the fault of the load. */
async function alone(cell: Cell, rounds: number): Promise<Result> {
  const job = new Job(cell);
  while (job.rounds < rounds && !job.isBad) job.add(await undisturbed(cell));
  return job.result;
}

async function undisturbed(cell: Cell): Promise<Outcome> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await measure(cell);
    if (attempt === MOST_ATTEMPTS || !isDisturbed(cell, outcome)) return outcome;
  }
}

/** Bad, and the process had not its time: that says nothing. */
function isDisturbed(cell: Cell, outcome: Outcome): boolean {
  if ('failure' in outcome) return true;
  if (outcome.sample.pastMs === Infinity) return false; // so much no load explains
  return pausedMs(outcome) > PAUSED_MS && faultsOf(resultOf(cell, [outcome.sample], [])).length > 0;
}

function pausedMs(outcome: Outcome): number {
  return 'sample' in outcome ? outcome.sample.pausedMs : 0;
}

async function measure(cell: Cell): Promise<Outcome> {
  try {
    return { sample: await trial(cell) };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

/** Those that may take five seconds begin first. */
function slowFirst(cells: readonly Cell[]): Cell[] {
  const isSlow = ({ limit }: Cell): boolean => limit === 'fixed';
  return [...cells.filter(isSlow), ...cells.filter((cell) => !isSlow(cell))];
}
