// One timer for the earliest of many moments.
import { clock, type Timer } from '../util/clock.ts';
import { after } from '../util/timers.ts';

/** An alarm that rings later than this was late because the event loop was blocked. */
const LATE_MS = 20;

export interface AlarmOptions {
  /** Does it alone keep the process alive? */
  readonly keepsAlive: boolean;
  /** Is it about something that takes too long? Then what arrived while the event loop was blocked is read first. */
  readonly readsFirst: boolean;
}

export class Alarm {
  readonly #ring: () => void;
  readonly #options: AlarmOptions;
  #timer: Timer | null = null;
  #atMs: number = Number.POSITIVE_INFINITY;
  /** Of what was set before it was cleared nothing is heard. */
  #set = 0;

  constructor(options: AlarmOptions, ring: () => void) {
    this.#options = options;
    this.#ring = ring;
  }

  get isSet(): boolean {
    return this.#timer !== null;
  }

  /** An earlier moment stays: whoever is called then looks, and sets it again. */
  set(atMs: number): void {
    if (atMs === Number.POSITIVE_INFINITY || (this.#timer && this.#atMs <= atMs)) return;
    this.clear();
    this.#atMs = atMs;
    const set = this.#set;
    const timer = after(atMs - clock.now(), () => this.#due(set));
    if (!this.#options.keepsAlive) timer.unref();
    this.#timer = timer;
  }

  clear(): void {
    clock.clearTimer(this.#timer);
    this.#timer = null;
    this.#set++;
  }

  #due(set: number): void {
    if (!this.#options.readsFirst || clock.now() - this.#atMs <= LATE_MS) this.#fire(set);
    else clock.afterIo(() => this.#fire(set));
  }

  #fire(set: number): void {
    if (set !== this.#set) return;
    this.#timer = null;
    this.#set++;
    this.#ring();
  }
}
