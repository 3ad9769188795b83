// The pause a broker demands (KIP-219). Requests made meanwhile are held back in order: the time of their answers has
// not begun, but that of their callers has.
import { clock, type Timer } from '../util/clock.ts';
import { after } from '../util/timers.ts';

/**
 * A longer pause is not believed. Quotas lead to seconds, seldom to minutes; a mistaken broker says 24 days. What is
 * sent after it waits at the broker, should that still mean it.
 */
export const LONGEST_PAUSE_MS = 300_000;

/** Holds items back, and hands them out in their order when the pause is over. */
export class Pause<T> {
  readonly #release: (item: T) => void;
  #parked = new Set<T>();
  #timer: Timer | undefined;
  #until = 0;
  #onEnd: (() => void)[] = [];

  constructor(release: (item: T) => void) {
    this.#release = release;
  }

  /** Of what was not sent in time. */
  get whyNotSent(): string {
    if (this.isOn) return 'the broker demands a pause (a quota) that is longer; or raise timeoutMs';
    return 'no time was left to send it; raise timeoutMs';
  }

  get isOn(): boolean {
    return this.#timer !== undefined;
  }

  /** What is left of it; 0: there is none. */
  get leftMs(): number {
    return this.isOn ? Math.max(1, this.#until - clock.now()) : 0;
  }

  /** Resolves when there is none, also because the connection was closed. */
  ended(): Promise<void> {
    return this.isOn ? new Promise((resolve) => this.#onEnd.push(resolve)) : Promise.resolve();
  }

  get parked(): ReadonlySet<T> {
    return this.#parked;
  }

  park(item: T): void {
    this.#parked.add(item);
  }

  /** @returns was it parked? */
  forget(item: T): boolean {
    return this.#parked.delete(item);
  }

  /** A pause that is under way can only become longer. */
  begin(pauseMs: number): void {
    const until = clock.now() + Math.min(pauseMs, LONGEST_PAUSE_MS);
    if (until <= this.#until) return;
    this.#until = until;
    clock.clearTimer(this.#timer);
    this.#timer = after(until - clock.now(), () => this.end());
    this.#timer.unref();
  }

  /** Lets everything through. */
  end(): void {
    clock.clearTimer(this.#timer);
    this.#timer = undefined;
    const parked = this.#parked;
    this.#parked = new Set();
    for (const item of parked) this.#release(item);
    for (const tell of this.#onEnd.splice(0)) tell();
  }
}
