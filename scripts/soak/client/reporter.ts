// Events are collected and sent to the parent a few times a second: one message each would be most of the work.
import type { SoakEvent } from '../messages.ts';

const FLUSH_MS = 50;

export class Reporter {
  #events: SoakEvent[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.#timer = setInterval(() => this.flush(), FLUSH_MS);
  }

  tell(event: SoakEvent): void {
    this.#events.push(event);
  }

  flush(): void {
    if (this.#events.length === 0) return;
    process.send?.(this.#events);
    this.#events = [];
  }

  /** Sends what is left, and says no more. */
  end(): void {
    clearInterval(this.#timer);
    this.flush();
  }
}
