// One JVM that runs a Kafka node, which may be killed, frozen and started again.
import type { ChildProcess } from 'node:child_process';
import { ClassArchive } from './class-archive.ts';
import { exited, type JavaRun, printed, spawnJava } from './java.ts';
import { TargetError } from './target.ts';

const STARTED = 'Kafka Server started';
const START_DEADLINE_MS = 120_000;

/*
 *   down --start()--> running --freeze()--> frozen --thaw()--> running
 *    ^-----stop(), kill(), or it ends by itself----'
 */
export class KafkaProcess {
  readonly #run: JavaRun;
  #child: ChildProcess | null = null;
  #archive: ClassArchive | null = null;
  #isFrozen = false;

  constructor(run: JavaRun) {
    this.#run = run;
  }

  get state(): 'down' | 'running' | 'frozen' {
    if (!this.#child || this.#child.exitCode !== null || this.#child.signalCode !== null) return 'down';
    return this.#isFrozen ? 'frozen' : 'running';
  }

  /** Resolves when Kafka says that it has started. @throws {TargetError} with its last lines when it does not */
  async start(): Promise<void> {
    if (this.state !== 'down') throw new TargetError('this node runs already: stop or kill it first');
    this.#archive = await ClassArchive.of(this.#run.folder);
    const child = spawnJava({ ...this.#run, flags: [...(this.#run.flags ?? []), ...this.#archive.flags] });
    this.#child = child;
    // Nobody else would end it when this process ends without having stopped it.
    const end = (): boolean => child.kill('SIGKILL');
    process.once('exit', end);
    child.once('exit', () => process.off('exit', end));
    await within(START_DEADLINE_MS, printed(child, STARTED)).catch(async (error: unknown) => {
      await this.kill();
      throw error;
    });
  }

  /** SIGTERM: what it leads is handed over first. */
  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  /** SIGKILL: a crash. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** SIGSTOP: its sockets stay open, and nothing is answered. */
  freeze(): void {
    this.#signal('SIGSTOP');
    this.#isFrozen = true;
  }

  /** SIGCONT: it goes on as if nothing had happened. */
  thaw(): void {
    this.#signal('SIGCONT');
    this.#isFrozen = false;
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (!child) return;
    if (this.#isFrozen && signal === 'SIGTERM') this.thaw();
    child.kill(signal);
    await exited(child);
    await this.#archive?.keep();
    this.#child = null;
    this.#isFrozen = false;
  }

  #signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    if (this.state === 'down') throw new TargetError(`${signal} to a node that is down: start it first`);
    this.#child?.kill(signal);
  }
}

async function within(ms: number, started: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TargetError(`a Kafka node did not start within ${ms} ms`)), ms);
  });
  await Promise.race([started, late]).finally(() => clearTimeout(timer));
}
