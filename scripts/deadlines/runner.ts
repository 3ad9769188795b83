// Runs cells several times, many at once; what looks bad is repeated alone before it counts.
import type { Cell } from './cell.ts';
import { faultsOf, type Result, resultOf } from './result.ts';
import { type Sample, trial } from './trial.ts';

/** A process that stood still for longer cannot tell what was late. */
const STALLED_MS = 40;
const MOST_ATTEMPTS = 4;

export interface RunnerOptions {
  readonly rounds: number;
  /** Scenes at a time. */
  readonly atOnce: number;
  /** For repeating alone; what is not repeated in that time counts as it is. */
  readonly repeatMs: number;
  readonly say: (line: string) => void;
}

interface Job {
  readonly cell: Cell;
  readonly samples: Sample[];
  readonly failures: string[];
}

export async function run(cells: readonly Cell[], options: RunnerOptions): Promise<Result[]> {
  const { rounds, atOnce, say } = options;
  const jobs: Job[] = cells.map((cell) => ({ cell, samples: [], failures: [] }));
  const turns = Array.from({ length: rounds }, () => jobs).flat();
  await inParallel(slowFirst(turns), atOnce, measure);
  const results = jobs.map(({ cell, samples, failures }) => resultOf(cell, samples, failures));
  const suspects = results.filter((result) => faultsOf(result).length > 0).length;
  if (suspects > 0) say(`${suspects} of ${cells.length} are repeated alone`);
  return repeatSuspects(results, options);
}

async function repeatSuspects(results: readonly Result[], { rounds, repeatMs }: RunnerOptions): Promise<Result[]> {
  const end = performance.now() + repeatMs;
  const final: Result[] = [];
  for (const result of results) {
    const isSuspect = faultsOf(result).length > 0;
    final.push(isSuspect && performance.now() < end ? await alone(result.cell, rounds) : result);
  }
  return final;
}

/** Until it is bad again; or good so often that the first time was the fault of the load. */
async function alone(cell: Cell, rounds: number): Promise<Result> {
  const job: Job = { cell, samples: [], failures: [] };
  let result: Result;
  do {
    await measureUndisturbed(job);
    result = resultOf(cell, job.samples, job.failures);
  } while (faultsOf(result).length === 0 && job.samples.length < rounds);
  return result;
}

/** When the machine did not let the process run, it is done again; but in the end the figures count as they are. */
async function measureUndisturbed({ cell, samples, failures }: Job): Promise<void> {
  const job: Job = { cell, samples: [], failures: [] };
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    await measure(job);
    if ((job.samples.at(-1)?.stalledMs ?? 0) < STALLED_MS) break;
  }
  samples.push(...job.samples.slice(-1));
  failures.push(...job.failures.slice(-1));
}

async function measure({ cell, samples, failures }: Job): Promise<void> {
  try {
    samples.push(await trial(cell));
  } catch (error) {
    failures.push(error instanceof Error ? error.message : String(error));
  }
}

/** Those that may take five seconds begin first. */
function slowFirst(jobs: readonly Job[]): Job[] {
  const isSlow = ({ cell }: Job): boolean => cell.limit === 'fixed';
  return [...jobs.filter(isSlow), ...jobs.filter((job) => !isSlow(job))];
}

async function inParallel(jobs: readonly Job[], atOnce: number, work: (job: Job) => Promise<void>): Promise<void> {
  const queue = jobs.values();
  const worker = async (): Promise<void> => {
    for (const job of queue) await work(job);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, jobs.length) }, worker));
}
