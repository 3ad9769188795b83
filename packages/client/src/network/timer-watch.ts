// For tests: which timers are set, and a clock that a test moves.
import { clock, type Timer } from '../util/clock.ts';

interface FakeTimer extends Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** Timers of the client that are set and have neither fired nor been cleared. */
export class TimerWatch implements Disposable {
  readonly #original = { ...clock };
  readonly #set = new Map<Timer, string>();

  constructor() {
    const { setTimer, clearTimer } = this.#original;
    clock.setTimer = (callback, ms) => {
      const timer = setTimer(() => {
        this.#set.delete(timer);
        callback();
      }, ms);
      this.#set.set(timer, `${ms} ms, ${setBy()}`);
      return timer;
    };
    clock.clearTimer = (timer) => {
      if (timer) this.#set.delete(timer);
      clearTimer(timer);
    };
  }

  get count(): number {
    return this.#set.size;
  }

  /** Which, and who set them. */
  get open(): string[] {
    return [...this.#set.values()];
  }

  [Symbol.dispose](): void {
    Object.assign(clock, this.#original);
  }
}

function setBy(): string {
  const frames = new Error().stack?.split('\n').filter((frame) => frame.includes('/src/')) ?? [];
  return frames
    .slice(2, 6)
    .map((frame) => frame.trim())
    .join(' ');
}

/** Time stands still until `pass`. */
export class ManualTime implements Disposable {
  readonly #original = { ...clock };
  readonly #timers = new Set<FakeTimer>();
  #now = 0;

  constructor() {
    clock.now = () => this.#now;
    clock.setTimer = (callback, ms) => {
      const timer: FakeTimer = { at: this.#now + ms, callback, unref: () => timer };
      this.#timers.add(timer);
      return timer;
    };
    clock.clearTimer = (timer) => void [...this.#timers].some((set) => set === timer && this.#timers.delete(set));
    clock.afterIo = (callback) => void clock.setTimer(callback, 0);
  }

  /** Fires what comes due, in its order. */
  pass(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#timers].sort((a, b) => a.at - b.at);
      if (!next || next.at > end) break;
      this.#timers.delete(next);
      this.#now = next.at;
      next.callback();
    }
    this.#now = end;
  }

  /** Timers that are set. */
  get count(): number {
    return this.#timers.size;
  }

  [Symbol.dispose](): void {
    Object.assign(clock, this.#original);
  }
}
