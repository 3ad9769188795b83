// The async iterators over records and batches: two faces of one engine, one of them at a time.
import { clock } from '../util/clock.ts';
import { nextTurn } from '../util/timers.ts';
import type { FetchBuffer } from './fetch-buffer.ts';
import { Pace } from './pace.ts';

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
  /** Nothing more will come: closed, at the end, or at the limit. */
  isOver(): boolean;
  /** Why nothing can come any more. */
  failure(): Error | null;
  /** While the consumer closes: until what was done is committed and the group is left, within the time of `close()`. */
  closed(): Promise<void> | undefined;
}

/** Values that are there are handed out without waiting for anything; a promise is made only at this edge. */
export class Iteration<T> implements AsyncIterableIterator<T> {
  readonly #host: Host;
  readonly #take: () => T | null;
  readonly #pace = new Pace();
  #state: 'new' | 'running' | 'over' = 'new';

  /** @param take settles what was handed out before */
  constructor(host: Host, take: () => T | null) {
    this.#host = host;
    this.#take = take;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T>> {
    try {
      if (this.#state === 'new') this.#begin();
      if (this.#state === 'over') return Promise.resolve({ done: true, value: undefined });
      if (this.#pace.isDue() && this.#look()) return this.#afterTurn();
      const value = this.#host.failure() === null ? this.#take() : null;
      return value === null ? this.#wait() : Promise.resolve({ done: false, value });
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

  async #wait(): Promise<IteratorResult<T>> {
    try {
      while (this.#state === 'running') {
        const failure = this.#host.failure();
        if (failure !== null) throw failure;
        const changed = this.#host.buffer.changed();
        this.#host.look(clock.now());
        const value = this.#take();
        if (value !== null) return { done: false, value };
        if (this.#host.isOver()) break;
        await changed;
        this.#pace.turned(clock.now());
      }
    } catch (error) {
      this.#end();
      throw error;
    }
    this.#end();
    await this.#host.closed();
    return { done: true, value: undefined };
  }
}
