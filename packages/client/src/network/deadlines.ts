// One timer for the earliest of many deadlines. It is not moved when a request is answered: when it fires, the owner
// looks at what is due, and the timer is set for the next. So a stream of requests costs one timer per timeout, not one
// each. Before anything is found late, what has arrived meanwhile is read: a blocked event loop is no time-out.
import { clock, type Timer } from '../util/clock.ts';
import { after } from '../util/timers.ts';

/** Node reads at most 2 MiB of a socket in one turn, and the system holds a few MiB for it. */
const MOST_TURNS = 8;
/** A timer that is so late means that the event loop was blocked: what was to be sent may have left only now. */
const BLOCKED_MS = 50;
/** Then answers get as long as the loop was blocked, and no longer than this. */
const MOST_GRACE_MS = 250;

export interface DeadlinesOwner {
  /** Handles what is due at `now`, and returns the next deadline; Infinity: none. */
  expire(now: number): number;
  /** Grows whenever something arrives. */
  arrived(): number;
}

/** Calls its owner when the earliest deadline is reached. */
export class Deadlines {
  readonly #owner: DeadlinesOwner;
  #timer: Timer | undefined;
  #armedFor = Infinity;

  constructor(owner: DeadlinesOwner) {
    this.#owner = owner;
  }

  add(at: number): void {
    if (at >= this.#armedFor) return;
    clock.clearTimer(this.#timer);
    this.#armedFor = at;
    this.#set(at - clock.now(), () => this.#due(at));
  }

  // While something is awaited the socket keeps the process alive; the timer alone must not.
  #set(ms: number, callback: () => void): void {
    this.#timer = after(ms, callback);
    this.#timer.unref();
  }

  #due(at: number): void {
    const lateMs = clock.now() - at;
    if (lateMs < BLOCKED_MS) this.#readFirst(MOST_TURNS);
    else this.#set(Math.min(lateMs, MOST_GRACE_MS), () => this.#readFirst(MOST_TURNS));
  }

  /** For good. */
  end(): void {
    clock.clearTimer(this.#timer);
    this.#armedFor = -Infinity;
  }

  /** As long as each turn of the event loop brings something. */
  #readFirst(turns: number): void {
    const arrived = this.#owner.arrived();
    clock.afterIo(() => {
      if (turns > 1 && this.#owner.arrived() !== arrived) this.#readFirst(turns - 1);
      else this.#fire();
    });
  }

  #fire(): void {
    if (this.#armedFor === -Infinity) return;
    this.#armedFor = Infinity;
    this.add(this.#owner.expire(clock.now()));
  }
}
