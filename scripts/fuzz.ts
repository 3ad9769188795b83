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

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '1' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      only: { type: 'string', default: '' },
      case: { type: 'string' },
    },
  });
  const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
  if (!(minutes > 0) || !Number.isSafeInteger(seed)) throw new RangeError('--minutes and --seed take numbers');
  if (values.case !== undefined) return report(values.only, seed, again(values.only, seed, Number(values.case)));
  process.stdout.write(`fuzzing for ${minutes} minutes, seed ${seed}\n`);
  const progress = new Int32Array(new SharedArrayBuffer(4));
  return report(values.only, seed, await watch({ seed, only: values.only, minutes, progress }));
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

if (isMainThread) process.exit(await main());
else parentPort?.postMessage(work(workerData as Order));
