// The pause a broker demands (KIP-219). Requests made meanwhile are held back in order: the time of their answers has
// not begun, but that of their callers has.
import { clock, type Timer } from '../util/clock.ts';
import { after } from '../util/timers.ts';
import type { PauseNews } from './pause-news.ts';

/**
 * A longer pause is not believed. Quotas lead to seconds (a broker looks back over eleven), to minutes only where a
 * request is a thousand times its quota; a mistaken broker says 24 days. What is sent after it waits at the broker,
 * should that still mean it.
 */
export const LONGEST_PAUSE_MS = 300_000;
/** Whoever waits for longer wants to know why. */
const WORTH_A_WORD_MS = 10_000;

export interface PauseOptions {
  /** `host:port` */
  readonly broker: string;
  readonly news: PauseNews;
}

/** Holds items back, and hands them out in their order when the pause is over. */
export class Pause<T> {
  readonly #options: PauseOptions;
  readonly #release: (item: T) => void;
  #parked = new Set<T>();
  #timer: Timer | undefined;
  #until = 0;
  /** As the broker said it. */
  #demandedMs = 0;
  #onEnd: (() => void)[] = [];

  constructor(options: PauseOptions, release: (item: T) => void) {
    this.#options = options;
    this.#release = release;
  }

  /** Of what was not sent in time. */
  get whyNotSent(): string {
    if (this.isOn) return `${this.#demand}, ${Math.ceil(this.leftMs)} ms of it are left; or raise timeoutMs`;
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
    this.#demandedMs = pauseMs;
    const { broker, news } = this.#options;
    if (pauseMs >= WORTH_A_WORD_MS) news.say(broker, this.#demand);
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

  get #demand(): string {
    const believed = this.#demandedMs > LONGEST_PAUSE_MS ? ` (no more than ${LONGEST_PAUSE_MS} ms are believed)` : '';
    return `the broker demands a pause of ${this.#demandedMs} ms by a quota${believed}`;
  }
}
