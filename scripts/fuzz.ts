// `pnpm fuzz`: bytes that nobody vouches for, given to every decoder until the time is up or something is found.
//
//   pnpm fuzz --minutes 10              new cases each time; the seed is printed
//   pnpm fuzz --only "Fetch v12"        only targets whose name contains this
//   pnpm fuzz --seed 7 --case 123       one case again
//
// The cases run in a worker: a decoder that never comes back cannot be interrupted, but it can be seen and named.
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { fuzzTargets } from '../packages/protocol/src/testing/fuzz/fuzz.ts';
import { caseOf, type Finding, runCase } from '../packages/protocol/src/testing/fuzz/run.ts';

const HANG_MS = 20_000;
const BATCH = 1000;

/** A worker does not inherit the loader that makes sense of TypeScript. */
const BOOT = `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(import.meta.url)}); })`;

interface Order {
  readonly seed: number;
  readonly only: string;
  readonly minutes: number;
  /** Number of the case that runs now. */
  readonly progress: Int32Array<SharedArrayBuffer>;
}

/** What the worker tells when it is done: the number of cases, or what it found. */
type Outcome =
  | { readonly cases: number; readonly targets: number }
  | { readonly finding: Finding; readonly index: number };

function work({ seed, only, minutes, progress }: Order): Outcome {
  const targets = fuzzTargets(only);
  const end = performance.now() + minutes * 60_000;
  let index = 0;
  while (performance.now() < end) {
    for (const stop = index + BATCH; index < stop; index++) {
      Atomics.store(progress, 0, index);
      const finding = runCase(caseOf(targets, seed, index));
      if (finding) return { finding, index };
    }
  }
  return { cases: index, targets: targets.length };
}

function watch(order: Order): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(BOOT, { eval: true, workerData: order });
    let seen = -1;
    const watchdog = setInterval(() => {
      const now = Atomics.load(order.progress, 0);
      if (now === seen) resolve({ finding: hang(order, now), index: now });
      seen = now;
    }, HANG_MS);
    worker.once('message', resolve).once('error', reject);
    worker.once('exit', () => clearInterval(watchdog));
  });
}

function hang({ only, seed }: Order, index: number): Finding {
  const { target, bytes } = caseOf(fuzzTargets(only), seed, index);
  return { target: target.name, hex: bytes.toString('hex'), reason: `no answer within ${HANG_MS} ms` };
}

const USAGE = `usage: pnpm fuzz [--minutes N] [--only TEXT]      until the time is up; default 1 minute, all targets
       pnpm fuzz --seed N --case N [--only TEXT]  one case again
`;

/** A mistake in the command line. */
class Misuse extends Error {}

interface Wishes {
  readonly minutes: number;
  readonly seed: number;
  readonly only: string;
  /** One case again, by its number. */
  readonly index: number | undefined;
  readonly help: boolean;
}

/** @throws {Misuse} */
function wishes(args: readonly string[]): Wishes {
  const one = { type: 'string' } as const;
  const options = { minutes: one, seed: one, only: one, case: one, help: { type: 'boolean', short: 'h' } } as const;
  try {
    const { values } = parseArgs({ args: [...args], options });
    const only = values.only ?? '';
    if (fuzzTargets(only).length === 0)
      throw new Error(`no target's name contains ${only}; one is "Fetch v12 request"`);
    return {
      minutes: numberOf('--minutes', values.minutes ?? '1'),
      seed: numberOf('--seed', values.seed ?? String(Date.now() % 1_000_000)),
      only,
      index: values.case === undefined ? undefined : numberOf('--case', values.case),
      help: values.help ?? false,
    };
  } catch (error) {
    throw new Misuse(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function numberOf(option: string, text: string): number {
  const number = Number(text);
  if (!(number >= 0) || (option !== '--minutes' && !Number.isSafeInteger(number))) {
    throw new RangeError(`${option} takes a number, not ${text}`);
  }
  return number;
}

async function main(args: readonly string[]): Promise<number> {
  const { minutes, seed, only, index, help } = wishes(args);
  if (help) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (index !== undefined) return report(only, seed, again(only, seed, index));
  process.stdout.write(`fuzzing for ${minutes} minutes, seed ${seed}\n`);
  const progress = new Int32Array(new SharedArrayBuffer(4));
  return report(only, seed, await watch({ seed, only, minutes, progress }));
}

/** A misused command is a line and how it is used, not a stack. */
function misused(error: unknown): number {
  if (!(error instanceof Misuse)) throw error;
  process.stderr.write(`fuzz: ${error.message}\n${USAGE}`);
  return 2;
}

function again(only: string, seed: number, index: number): Outcome {
  const targets = fuzzTargets(only);
  const finding = runCase(caseOf(targets, seed, index));
  return finding ? { finding, index } : { cases: 1, targets: targets.length };
}

function report(only: string, seed: number, outcome: Outcome): number {
  if ('cases' in outcome) {
    process.stdout.write(`${outcome.cases} cases over ${outcome.targets} targets: nothing found\n`);
    return 0;
  }
  const { finding, index } = outcome;
  const args = `--seed ${seed} --case ${index}${only && ` --only '${only}'`}`;
  process.stdout.write(`${finding.target}: ${finding.reason}\n${finding.hex}\nagain: pnpm fuzz ${args}\n`);
  return 1;
}

if (isMainThread) process.exit(await main(process.argv.slice(2)).catch(misused));
else parentPort?.postMessage(work(workerData as Order));
