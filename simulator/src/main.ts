// `pnpm simulate`: seeds, until one breaks a rule or all are through.
import { fileURLToPath } from 'node:url';
import { type Arguments, HELP, parseArguments } from './arguments.ts';
import { one, serveSeeds } from './job.ts';
import { JOB, runJobs } from './jobs.ts';
import type { Result } from './simulation.ts';
import { Summary } from './summary.ts';

const PROGRESS_EVERY_MS = 10_000;

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function report({ seed, violation, tail }: Result, lines: number): void {
  if (!violation) return;
  const shown = lines > 0 ? tail.slice(-lines) : [];
  print([...shown, '', `seed ${seed} broke a rule at ${(violation.atMs / 1000).toFixed(6)} s`].join('\n'));
  print(`  rule: ${violation.rule}\n  seen: ${violation.text}\n  again: pnpm simulate --seed ${seed}\n`);
}

async function single(args: Arguments): Promise<number> {
  const { result, cpuMs } = await one(args.first, args.isVerbose ? print : undefined);
  const summary = new Summary();
  summary.add(result, cpuMs);
  report(result, args.isVerbose ? 0 : args.tail);
  print(`digest ${result.digest}`);
  print(summary.text());
  return result.violation ? 1 : 0;
}

async function many(args: Arguments): Promise<number> {
  const summary = new Summary();
  const until = performance.now() + args.minutes * 60_000;
  const lost: number[] = [];
  let seed = args.first;
  let isOver = false;
  const progress = setInterval(() => print(summary.progress()), PROGRESS_EVERY_MS);
  await runJobs({
    script: fileURLToPath(import.meta.url),
    count: args.jobs,
    next: () => (isOver || seed > args.last || performance.now() > until ? null : seed++),
    done: ({ result, cpuMs }) => {
      summary.add(result, cpuMs);
      if (!result.violation || isOver) return;
      report(result, args.goesOn ? 0 : args.tail);
      isOver = !args.goesOn;
    },
    lost: (one, why) => {
      lost.push(one);
      print(`seed ${one}: ${why}; see pnpm simulate --seed ${one} --verbose`);
      isOver ||= !args.goesOn;
    },
  });
  clearInterval(progress);
  print(`seeds ${args.first}-${seed - 1}`);
  print(summary.text());
  return lost.length + summary.violated.length > 0 ? 1 : 0;
}

async function main(): Promise<number> {
  const args = parseArguments(process.argv.slice(2));
  if (!args) {
    print(HELP);
    return 0;
  }
  if (args.areMutations) return mutated();
  return args.first === args.last ? single(args) : many(args);
}

/** Loaded when asked for: it brings a bundler along. */
async function mutated(): Promise<number> {
  const { printMutations } = await import('./mutations/table.ts');
  return (await printMutations(print)) === 0 ? 0 : 1;
}

if (process.env[JOB]) serveSeeds();
else {
  main().then(
    (code) => {
      // Not `exit`: what was printed into a pipe has to leave first.
      process.exitCode = code;
    },
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 2;
    },
  );
}
