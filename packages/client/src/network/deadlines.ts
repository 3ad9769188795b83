// One timer for the earliest of many deadlines. It is not moved when a request is answered: when it fires it looks at
// what is due, and arms itself for the next. So a stream of requests costs one timer per timeout, not one each.
import { clampDelay, monotonicNow } from '../util/timers.ts';

/** Calls back when the earliest deadline is reached. */
export class Deadlines {
  readonly #due: (now: number) => number;
  #timer: NodeJS.Timeout | undefined;
  #armedFor = Infinity;

  /** @param due handles what is due at `now` and returns the next deadline; Infinity: none */
  constructor(due: (now: number) => number) {
    this.#due = due;
  }

  add(at: number): void {
    if (at >= this.#armedFor) return;
    clearTimeout(this.#timer);
    this.#armedFor = at;
    // While something is awaited the socket keeps the process alive; the timer alone must not.
    this.#timer = setTimeout(() => this.#fire(), clampDelay(Math.ceil(at - monotonicNow()))).unref();
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#armedFor = Infinity;
  }

  #fire(): void {
    this.#armedFor = Infinity;
    this.add(this.#due(monotonicNow()));
  }
}
