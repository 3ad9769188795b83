// One call of commit(): its offsets, who waits, until when, and what became of each offset.
import { asError, TimeoutError } from '../errors.ts';
import type { Waiting } from '../types.ts';
import { onAbort } from '../util/abort.ts';
import { Deadline, expireAfter } from '../util/timers.ts';
import type { CommitOffset } from './offset-requests.ts';

/** In the order of the offsets; null: committed. */
export type CommitOutcomes = (Error | null)[];

/** What the call is told of, and whom it tells. */
export interface CommitCallOptions {
  /** For people. */
  readonly what: string;
  readonly waiting: Waiting & { timeoutMs: number };
  resolve(outcomes: CommitOutcomes): void;
  reject(reason: unknown): void;
  /** The last thing that went wrong, if the time is up. */
  lastFailure(): Error | null;
  /** It has given up: its signal, its deadline, or the end of the committer. */
  onGivenUp(call: CommitCall, reason: Error): void;
}

export class CommitCall {
  readonly offsets: readonly CommitOffset[];
  readonly deadline: Deadline;
  readonly #options: CommitCallOptions;
  readonly #outcomes: (Error | null | undefined)[];
  readonly #stops: (() => void)[];
  #left: number;
  #isOver = false;

  constructor(offsets: readonly CommitOffset[], options: CommitCallOptions) {
    this.offsets = offsets;
    this.#options = options;
    this.#left = offsets.length;
    this.#outcomes = offsets.map(() => undefined);
    const { signal, timeoutMs } = options.waiting;
    this.deadline = new Deadline(timeoutMs);
    this.#stops = [expireAfter(timeoutMs, () => this.giveUp(this.#late()))];
    if (signal) this.#stops.push(onAbort(signal, () => this.giveUp(signal.reason)));
  }

  /** Nobody waits any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  get startedAt(): number {
    return this.deadline.startedAt;
  }

  isSettled(index: number): boolean {
    return this.#isOver || this.#outcomes[index] !== undefined;
  }

  /** The first outcome of an offset counts. */
  settle(index: number, outcome: Error | null): void {
    if (this.isSettled(index)) return;
    this.#outcomes[index] = outcome;
    this.#left--;
    if (this.#left > 0) return;
    this.#end();
    this.#options.resolve(this.#outcomes.map((known) => known ?? null));
  }

  giveUp(reason: unknown): void {
    if (this.#isOver) return;
    this.#end();
    this.#options.reject(reason);
    this.#options.onGivenUp(this, asError(reason));
  }

  /** Those of which nothing is known. */
  unsettled(): CommitOffset[] {
    return this.offsets.filter((_, index) => this.#outcomes[index] === undefined);
  }

  #end(): void {
    this.#isOver = true;
    for (const stop of this.#stops) stop();
  }

  #late(): Error {
    const { what, waiting, lastFailure } = this.#options;
    const cause = lastFailure();
    const remedy = cause === null ? 'the coordinator of the group has not answered' : cause.message;
    return new TimeoutError(what, waiting.timeoutMs, { remedy, cause });
  }
}
