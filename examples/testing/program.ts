// One of the examples as a process of its own, with all that it has printed.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';

/** How a program ended. */
export interface Ending {
  /** null: it was killed */
  readonly code: number | null;
  readonly durationMs: number;
}

/** Dispose of it by `await using`: what still runs is killed. */
export class Program implements AsyncDisposable {
  /** Standard output and standard error, in the order of their arrival. */
  output = '';
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  /** @param file below `examples`, e.g. `typescript/worker.ts` */
  constructor(file: string, env: Readonly<Record<string, string>>) {
    const path = fileURLToPath(new URL(`../${file}`, import.meta.url));
    const loader = file.endsWith('.ts') ? ['--import', 'tsx'] : [];
    this.#child = spawn(process.execPath, [...loader, path], { env: { ...process.env, ...env }, stdio: 'pipe' });
    this.#ended = once(this.#child, 'exit');
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream?.on('data', (chunk) => this.#heard(chunk));
  }

  /** The first match in what was or will be printed. Rejects when the program ends without it. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.output);
      if (found) return found;
      const more = once(this.#child, 'heard').then(() => true);
      const isOver = this.#ended.then(() => false);
      if (!(await Promise.race([more, isOver]))) throw new Error(`ended before ${pattern}:\n${this.output}`);
    }
  }

  /** Sends SIGTERM and waits for the end. */
  async terminate(): Promise<Ending> {
    const begin = performance.now();
    this.#child.kill('SIGTERM');
    await this.#ended;
    return { code: this.#child.exitCode, durationMs: performance.now() - begin };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL');
    await this.#ended;
  }

  #heard(chunk: Buffer): void {
    this.output += chunk;
    this.#child.emit('heard');
  }
}
