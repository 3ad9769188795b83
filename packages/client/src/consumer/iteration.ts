// The async iterators over records and batches: two faces of one engine, one of them at a time.
import { clock } from '../util/clock.ts';
import { nextTurn } from '../util/timers.ts';
import type { FetchBuffer } from './fetch-buffer.ts';
import { Pace } from './pace.ts';
import { Pending } from './pending.ts';

/** What an iterator needs of its consumer. */
export interface Host {
  readonly buffer: FetchBuffer;
  /** Starts what has to run for a loop. @throws {TypeError} when another loop is under way */
  enter(iteration: object): void;
  /** The loop was left: what it holds is undone unless marked. */
  leave(iteration: object): void;
  /**
   * Does what is handed out next still belong to us? The process may have stood still while the body was at work.
   *
   * @param now of the clock
   * @returns for how many milliseconds from now it certainly does, if nothing is heard meanwhile
   */
  look(now: number): number;
  /** Aborted when the consumer is closed: nobody waits for anything any more. */
  readonly stopped: AbortSignal;
  /** Nothing more will come: closed, at the end, or at the limit. */
  isOver(): boolean;
  /** Why nothing can come any more. */
  failure(): Error | null;
  /** While the consumer closes: until what was done is committed and the group is left, within the time of `close()`. */
  closed(): Promise<void> | undefined;
}

/** Where the values come from. */
export interface Source<T> {
  /** The next value, if there is one; what was handed out before is done with that. */
  take(): T | Pending<T> | null;
  /** It was taken and is ready now. May it be handed out? */
  isStillWanted(taken: Pending<T>): boolean;
  /** It was taken and is left out. */
  leaveOut(taken: Pending<T>): void;
}

/** Values that are there are handed out without waiting for anything; a promise is made only at this edge. */
export class Iteration<T> implements AsyncIterableIterator<T> {
  readonly #host: Host;
  readonly #source: Source<T>;
  readonly #pace = new Pace();
  #state: 'new' | 'running' | 'over' = 'new';

  constructor(host: Host, source: Source<T>) {
    this.#host = host;
    this.#source = source;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T>> {
    try {
      if (this.#state === 'new') this.#begin();
      if (this.#state === 'over') return Promise.resolve({ done: true, value: undefined });
      if (this.#pace.isDue() && this.#look()) return this.#afterTurn();
      const value = this.#host.failure() === null ? this.#source.take() : null;
      if (value === null || value instanceof Pending) return this.#wait(value);
      return Promise.resolve({ done: false, value });
    } catch (error) {
      this.#end();
      return Promise.reject(error);
    }
  }

  return(): Promise<IteratorResult<T>> {
    this.#end();
    return Promise.resolve({ done: true, value: undefined });
  }

  throw(error: unknown): Promise<IteratorResult<T>> {
    this.#end();
    return Promise.reject(error);
  }

  #begin(): void {
    this.#host.enter(this);
    this.#state = 'running';
    this.#pace.turned(clock.now());
  }

  #end(): void {
    if (this.#state === 'running') this.#host.leave(this);
    this.#state = 'over';
    this.#host.buffer.wake();
  }

  /** @returns must the event loop have a turn first? */
  #look(): boolean {
    const now = clock.now();
    return this.#pace.look(now, this.#host.look(now));
  }

  /** Timers, sockets and signals have their turn first. */
  async #afterTurn(): Promise<IteratorResult<T>> {
    await nextTurn();
    this.#pace.turned(clock.now());
    return this.#wait();
  }

  /** @param first what was taken already */
  async #wait(first: T | Pending<T> | null = null): Promise<IteratorResult<T>> {
    try {
      const value = await this.#nextValue(first);
      if (value !== null) return { done: false, value };
    } catch (error) {
      this.#end();
      throw error;
    }
    this.#end();
    await this.#host.closed();
    return { done: true, value: undefined };
  }

  /** Null: nothing more will come. */
  async #nextValue(first: T | Pending<T> | null): Promise<T | null> {
    for (let taken = first; this.#state === 'running'; taken = null) {
      const failure = this.#host.failure();
      if (failure !== null) throw failure;
      const changed = this.#host.buffer.changed();
      this.#host.look(clock.now());
      taken ??= this.#source.take();
      const value = taken instanceof Pending ? await this.#ready(taken) : taken;
      if (value !== null) return value;
      if (this.#host.isOver()) return null;
      if (taken === null) await changed;
      this.#pace.turned(clock.now());
    }
    return null;
  }

  /** Null: it is left out, or nobody may have it any more. */
  async #ready(taken: Pending<T>): Promise<T | null> {
    const outcome = await taken.outcome(this.#host.stopped);
    this.#host.look(clock.now());
    const isOver = outcome === null || this.#state === 'over';
    if (isOver || !this.#source.isStillWanted(taken)) return null;
    const value = taken.judge(outcome);
    if (value === null) this.#source.leaveOut(taken);
    return value;
  }
}
