// Something that was taken for the loop and is not ready yet: an asynchronous deserialiser is at work on it.
import type { InHand } from './progress.ts';

export class Pending<T> implements InHand {
  readonly offset: bigint;
  /** Null: it is left out. Rejects with why the loop ends. */
  readonly ready: Promise<T | null>;

  constructor(offset: bigint, ready: Promise<T | null>) {
    this.offset = offset;
    this.ready = ready;
    // Who waits for it sees how it ends; after the loop was left nobody does.
    ready.catch(() => undefined);
  }

  get nextOffset(): bigint {
    return this.offset + 1n;
  }
}
