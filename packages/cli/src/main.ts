#!/usr/bin/env node
// The `hop` command: the process around `run`. The only place that ends the process.
import type { Io } from './io.ts';
import { run } from './program.ts';

const stop = new AbortController();

function interrupt(signal: 'SIGINT' | 'SIGTERM', code: number): void {
  if (stop.signal.aborted) process.exit(code); // a second signal ends at once
  stop.abort(signal);
}

process.on('SIGINT', () => interrupt('SIGINT', 130));
process.on('SIGTERM', () => interrupt('SIGTERM', 143));
// A closed reader is a request to stop, not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') stop.abort('EPIPE');
  else throw error;
});
process.stderr.on('error', () => stop.abort('EPIPE'));

const io: Io = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  interrupted: stop.signal,
};

run(process.argv.slice(2), io).then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
