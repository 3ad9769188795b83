// The pause a broker demands (KIP-219). Requests made meanwhile are held back in order; their time has not begun.
import { clampDelay, monotonicNow } from '../util/timers.ts';

/** Runs work now, or after the pause, always in order. */
export class Pause {
  #parked: Array<() => void> = [];
  #until = 0;
  #timer: NodeJS.Timeout | undefined;

  run(work: () => void): void {
    if (this.#timer === undefined) work();
    else this.#parked.push(work);
  }

  until(at: number): void {
    if (at <= this.#until) return;
    this.#until = at;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.end(), clampDelay(Math.ceil(at - monotonicNow())));
  }

  /** Lets everything through. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const parked = this.#parked;
    this.#parked = [];
    for (const work of parked) work();
  }
}
