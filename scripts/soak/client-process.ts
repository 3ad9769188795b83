// The client under test in a process of its own, as the parent sees it.
import { type ChildProcess, fork } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Closed, Newcomer, Order, Quiet, SoakEvent } from './messages.ts';

const PROGRAM = fileURLToPath(new URL('./client/main.ts', import.meta.url));
const NODE_FLAGS = ['--expose-gc', '--import', 'tsx', '--conditions=hopwire-source'];
const EXIT_MS = 10_000;

type Awaited = Newcomer | Quiet | Closed;

export class ClientProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<Awaited['kind'], { resolve: (event: Awaited) => void; reject: (error: Error) => void }>();
  readonly #exited: Promise<number | null>;
  #newcomers = 0;

  /**
   * @param note is told everything, in order
   * @param logFile gets what the process prints
   */
  constructor(note: (event: SoakEvent) => void, logFile: string) {
    this.#child = fork(PROGRAM, [], { execArgv: NODE_FLAGS, serialization: 'advanced', silent: true });
    const log = createWriteStream(logFile);
    this.#child.stdout?.pipe(log, { end: false });
    this.#child.stderr?.pipe(log, { end: false });
    this.#child.on('message', (events: SoakEvent[]) => {
      for (const event of events) this.#heard(event, note);
    });
    this.#exited = new Promise((resolve) => this.#child.once('exit', resolve));
    void this.#exited.then((code) => this.#failAll(new Error(`the client process ended with ${code}, see ${logFile}`)));
  }

  begin(order: Omit<Extract<Order, { order: 'begin' }>, 'order'>): void {
    this.#order({ order: 'begin', ...order });
  }

  /** Starts another client in the process; resolves with what became of it. */
  newcomer(bootstrap: string): Promise<Newcomer> {
    const name = `newcomer-${++this.#newcomers}`;
    return this.#ask({ order: 'newcomer', bootstrap, name }, 'newcomer') as Promise<Newcomer>;
  }

  /** Resolves when every send has its answer. */
  stopSending(): Promise<Quiet> {
    return this.#ask({ order: 'stopSending' }, 'quiet') as Promise<Quiet>;
  }

  close(): Promise<Closed> {
    return this.#ask({ order: 'close' }, 'closed') as Promise<Closed>;
  }

  /** Does the process end by itself once its client is closed? It is killed if not. */
  async ends(): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), EXIT_MS);
    });
    const first = await Promise.race([this.#exited, late]).finally(() => clearTimeout(timer));
    if (first === 'late') this.kill();
    return first === 0;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #order(order: Order): void {
    this.#child.send(order);
  }

  #ask(order: Order, kind: Awaited['kind']): Promise<Awaited> {
    const answer = new Promise<Awaited>((resolve, reject) => this.#waiting.set(kind, { resolve, reject }));
    this.#order(order);
    return answer;
  }

  #heard(event: SoakEvent, note: (event: SoakEvent) => void): void {
    note(event);
    if (event.kind !== 'newcomer' && event.kind !== 'quiet' && event.kind !== 'closed') return;
    this.#waiting.get(event.kind)?.resolve(event);
    this.#waiting.delete(event.kind);
  }

  #failAll(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
