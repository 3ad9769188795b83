// What a set of seeds comes to with the client as it is: the rules that were broken, none if all is well.
import { availableParallelism } from 'node:os';
import { runJobs } from './jobs.ts';
import { bundle } from './mutations/bundle.ts';
import type { Result } from './simulation.ts';

/** More gain nothing where others work too. */
const MOST_JOBS = 4;

/** A line for each seed that broke a rule or never came back, with the command that shows it. */
export async function breachesOf(seeds: Iterable<number>): Promise<string[]> {
  const script = await bundle('client as it is', []);
  const left = [...seeds];
  const breaches: string[] = [];
  await runJobs({
    script,
    count: Math.min(MOST_JOBS, availableParallelism()),
    next: () => left.shift() ?? null,
    done: ({ result }) => breaches.push(...textOf(result)),
    lost: (seed, why) => breaches.push(`seed ${seed}: ${why}; ${commandFor(seed)}`),
  });
  return breaches;
}

function textOf({ seed, violation }: Result): string[] {
  if (!violation) return [];
  const at = `at ${(violation.atMs / 1000).toFixed(3)} s`;
  return [`seed ${seed} broke "${violation.rule}" ${at}: ${violation.text}; ${commandFor(seed)}`];
}

function commandFor(seed: number): string {
  return `again: pnpm simulate --seed ${seed}`;
}
