// The command line of `pnpm simulate`.
import { parseArgs } from 'node:util';

export const HELP = `Usage: pnpm simulate [--seed N | --seeds A-B | --minutes M | --mutations] [--jobs N] [--verbose] [--tail N] [--all]

Clients and an embedded cluster of three under virtual time, in trouble that is drawn from the seed. Ends with 1 when a
rule was broken; the same seed breaks it again, byte for byte.

  --seed N       one seed; its trace is printed when a rule is broken
  --seeds A-B    these seeds; default 1-200
  --minutes M    new seeds for so long, from a beginning that is printed
  --jobs N       processes; default 2
  --verbose      the whole trace, as it grows
  --tail N       lines of the trace to print for a broken rule; default 60
  --all          go on after a broken rule
  --mutations    puts known faults into the client, one by one, and says which rule found each
`;

export interface Arguments {
  readonly first: number;
  /** Infinity: until the time is up. */
  readonly last: number;
  readonly minutes: number;
  readonly jobs: number;
  readonly isVerbose: boolean;
  readonly tail: number;
  readonly goesOn: boolean;
  /** Nothing else is asked for: the faults of `mutations/`. */
  readonly areMutations: boolean;
}

const OPTIONS = {
  seed: { type: 'string' },
  seeds: { type: 'string' },
  minutes: { type: 'string' },
  jobs: { type: 'string' },
  tail: { type: 'string' },
  verbose: { type: 'boolean' },
  all: { type: 'boolean' },
  mutations: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** @returns null: help is wanted @throws {TypeError} for what cannot be meant */
export function parseArguments(args: readonly string[]): Arguments | null {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  if (values.help) return null;
  const minutes = values.minutes === undefined ? Number.POSITIVE_INFINITY : numberOf('--minutes', values.minutes);
  const [first, last] = seedsOf(values);
  return {
    first,
    last,
    minutes,
    jobs: values.seed === undefined ? numberOf('--jobs', values.jobs ?? '2') : 1,
    isVerbose: values.verbose ?? false,
    tail: numberOf('--tail', values.tail ?? '60'),
    goesOn: values.all ?? false,
    areMutations: values.mutations ?? false,
  };
}

function seedsOf(values: { seed?: string; seeds?: string; minutes?: string }): [first: number, last: number] {
  if (values.seed !== undefined) return [numberOf('--seed', values.seed), numberOf('--seed', values.seed)];
  if (values.seeds !== undefined) {
    const [, first, last] = /^(\d+)-(\d+)$/.exec(values.seeds) ?? [];
    if (first === undefined) throw new TypeError(`--seeds ${values.seeds}: expected two numbers, like 1-200`);
    return [Number(first), Number(last)];
  }
  if (values.minutes === undefined) return [1, 200];
  // New seeds each time: the minute of the day they were begun in.
  return [Math.trunc(Date.now() / 60_000) * 1000, Number.POSITIVE_INFINITY];
}

function numberOf(option: string, text: string): number {
  const number = Number(text);
  if (text === '' || !Number.isFinite(number) || number < 0)
    throw new TypeError(`${option} ${text}: expected a number`);
  return number;
}
