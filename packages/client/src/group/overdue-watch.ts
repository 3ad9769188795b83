// Looks now and then, so that a record costs nothing: how long has the loop's body been at the same thing?
import { clock, type Timer } from '../util/clock.ts';
import { after } from '../util/timers.ts';
import type { AssignmentHandler } from './membership.ts';

const LONGEST_PAUSE_MS = 1_000;
const SHORTEST_PAUSE_MS = 5;

export class OverdueWatch {
  readonly #handler: Pick<AssignmentHandler, 'inBody'>;
  readonly #limitMs: number;
  readonly #onOverdue: () => void;
  #seen: { readonly what: object; readonly since: number } | null = null;
  #timer: Timer | null = null;

  /** @param onOverdue called once, when the body has been at the same thing for longer than the limit */
  constructor(handler: Pick<AssignmentHandler, 'inBody'>, limitMs: number, onOverdue: () => void) {
    this.#handler = handler;
    this.#limitMs = limitMs;
    this.#onOverdue = onOverdue;
    this.#look();
  }

  stop(): void {
    clock.clearTimer(this.#timer);
    this.#timer = null;
  }

  #look(): void {
    const what = this.#handler.inBody();
    const now = clock.now();
    if (what === null) this.#seen = null;
    else if (this.#seen?.what !== what) this.#seen = { what, since: now };
    const leftMs = this.#seen === null ? this.#limitMs : this.#seen.since + this.#limitMs - now;
    if (leftMs <= 0) return this.#onOverdue();
    this.#timer = after(Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, leftMs / 10)), () => this.#look());
    this.#timer.unref();
  }
}
