// Runs `hop` in process with a terminal made of buffers.
import { PassThrough, Readable, Writable } from 'node:stream';
import type { Io } from '../io.ts';
import { run } from '../program.ts';

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly outBytes: Buffer;
  readonly err: string;
}

export interface TerminalOptions {
  /** Whole input; a stream for input that comes over time. Without it standard input is empty. */
  readonly stdin?: string | Uint8Array | Readable;
  readonly env?: NodeJS.ProcessEnv;
  readonly interrupted?: AbortSignal;
}

/** A `hop` that runs: its output so far, and how it ended. */
export interface Running {
  readonly stdout: PassThrough;
  readonly ended: Promise<Outcome>;
  /** Resolves when standard error contains the text. */
  saidOnStderr(text: string): Promise<void>;
  interrupt(signal?: string): void;
}

/** Runs a command to its end. */
export function hop(args: readonly string[], options: TerminalOptions = {}): Promise<Outcome> {
  return startHop(args, options).ended;
}

export function startHop(args: readonly string[], options: TerminalOptions = {}): Running {
  const stop = new AbortController();
  const [stdout, out, err] = [new PassThrough(), new Collector(), new Collector()];
  stdout.on('data', (chunk: Buffer) => out.add(chunk));
  const stderr = new Writable({
    write(chunk: Buffer, _encoding, done) {
      err.add(Buffer.from(chunk));
      done();
    },
  });
  const io: Io = {
    stdin: input(options.stdin),
    stdout,
    stderr,
    env: { ...options.env },
    interrupted: options.interrupted ?? stop.signal,
  };
  const ended = run(args, io).then((code) => ({
    code,
    out: String(out.bytes),
    outBytes: out.bytes,
    err: String(err.bytes),
  }));
  return {
    stdout,
    ended,
    saidOnStderr: (text) => err.until(text),
    interrupt: (signal = 'SIGINT') => stop.abort(signal),
  };
}

function input(stdin: TerminalOptions['stdin']): Readable {
  if (stdin instanceof Readable) return stdin;
  return Readable.from(stdin === undefined || stdin.length === 0 ? [] : [Buffer.from(stdin)]);
}

class Collector {
  bytes: Buffer = Buffer.alloc(0);
  #waiting: { text: string; resolve: () => void }[] = [];

  add(chunk: Buffer): void {
    this.bytes = Buffer.concat([this.bytes, chunk]);
    for (const { text, resolve } of this.#waiting) if (this.bytes.includes(text)) resolve();
  }

  until(text: string): Promise<void> {
    if (this.bytes.includes(text)) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ text, resolve }));
  }
}
