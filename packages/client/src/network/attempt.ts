// One attempt to connect: whatever it does, it has one limit of time, and ends with the client.
import type { TimeoutError } from '../errors.ts';
import { onAbort } from '../util/abort.ts';
import { expireAfter } from '../util/timers.ts';

export class Attempt {
  readonly #controller = new AbortController();
  readonly #cancelLimit: () => void;
  readonly #stopListening: () => void;
  /** What has taken too long, if the limit is reached now. */
  late: () => TimeoutError;

  /** @param outer ends the attempt with its reason */
  constructor(limitMs: number, outer: AbortSignal, late: () => TimeoutError) {
    this.late = late;
    this.#cancelLimit = expireAfter(limitMs, () => this.#controller.abort(this.late()));
    this.#stopListening = onAbort(outer, () => this.#controller.abort(outer.reason));
    if (outer.aborted) this.#controller.abort(outer.reason);
  }

  /** Aborted at the limit with a TimeoutError, or by the client. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Leaves no timer and no listener behind. */
  end(): void {
    this.#cancelLimit();
    this.#stopListening();
  }
}
