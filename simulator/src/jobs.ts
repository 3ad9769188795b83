// Seeds over several processes, with an eye on those that never come back.
import { type ChildProcess, fork } from 'node:child_process';
import type { Done } from './job.ts';

/**
 * A seed takes a fraction of a second; one that takes this long spins without ever letting go of its thread. Counted in
 * seconds that were seen: all processes may be stopped for a while, and go on.
 */
const STUCK_S = 30;

/** In the environment of a child. */
export const JOB = 'HOP_SIMULATOR_JOB';

/** A fifth less work: most errors of a seed are made to be handled, and most memory lives for a moment. A seed alone keeps its stacks. */
const FAST = ['--stack-trace-limit=0', '--max-semi-space-size=32'];

export interface JobsOptions {
  readonly script: string;
  readonly count: number;
  /** null: no more. */
  readonly next: () => number | null;
  readonly done: (done: Done) => void;
  /** The process that had this seed died, or had to be ended. */
  readonly lost: (seed: number, why: string) => void;
}

/** Resolves when all seeds are through. */
export async function runJobs(options: JobsOptions): Promise<void> {
  await Promise.all(Array.from({ length: options.count }, () => worker(options)));
}

async function worker(options: JobsOptions): Promise<void> {
  let child = start(options.script);
  for (let seed = options.next(); seed !== null; seed = options.next()) {
    const outcome = await ask(child, seed);
    if (typeof outcome !== 'string') {
      options.done(outcome);
      continue;
    }
    options.lost(seed, outcome);
    child.kill('SIGKILL');
    child = start(options.script);
  }
  child.disconnect();
}

function start(script: string): ChildProcess {
  const env = { ...process.env, [JOB]: '1' };
  // A bundle needs no loader, and must not be given the one of whoever starts it.
  const loader = script.endsWith('.mjs') ? [] : process.execArgv;
  return fork(script, [], { env, execArgv: [...loader, ...FAST] });
}

function ask(child: ChildProcess, seed: number): Promise<Done | string> {
  return new Promise((resolve) => {
    const end = (outcome: Done | string): void => {
      clearInterval(timer);
      child.removeAllListeners();
      resolve(outcome);
    };
    let seconds = 0;
    const timer = setInterval(() => {
      if (++seconds === STUCK_S) end(`did not end within ${STUCK_S} s: an endless loop`);
    }, 1_000);
    child.once('message', (done) => end(done as Done));
    child.once('exit', (code, signal) => end(`the process ended (${code ?? signal})`));
    child.send(seed);
  });
}
