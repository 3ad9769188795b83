// A WritableStream of records: back-pressure from the producer's buffer, and the first loss is the stream's error.
import { asError, TimeoutError } from '../errors.ts';
import type { Waiting } from '../types.ts';
import { waitFor } from '../util/timers.ts';

import type { Delivery } from './delivery.ts';

/** The producer, as a stream uses it. */
export interface StreamTarget<R> {
  /** @returns false when there is no room */
  offer(record: R, delivery: Delivery): boolean;
  ready(waiting: Waiting): Promise<void>;
  flush(waiting: Waiting): Promise<void>;
}

/** Of all records of a stream: what is lost, and when all that were written are settled. */
class StreamDelivery implements Delivery {
  /** Never: one lost record does not make the others unwanted. */
  readonly isSettled = false;
  readonly #lost: (reason: Error) => void;
  #open = 0;
  #onSettled: () => void = () => undefined;

  constructor(lost: (reason: Error) => void) {
    this.#lost = lost;
  }

  /** @returns false when there is no room */
  offer<R>(target: StreamTarget<R>, record: R): boolean {
    if (!target.offer(record, this)) return false;
    this.#open++;
    return true;
  }

  /** Until all that were taken so far are delivered or lost. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      this.#onSettled = resolve;
      if (this.#open === 0) resolve();
    });
  }

  placed(): void {
    // nobody takes a record of a stream back
  }

  whereabouts(): Iterable<never> {
    return [];
  }

  delivered(): void {
    this.#settle();
  }

  failed(_index: number, reason: unknown): void {
    this.#lost(asError(reason));
    this.#settle();
  }

  #settle(): void {
    this.#open--;
    if (this.#open === 0) this.#onSettled();
  }
}

export function recordStream<R>(target: StreamTarget<R>): WritableStream<R> {
  let lost: Error | null = null;
  let delivery: StreamDelivery;
  let signal: AbortSignal | undefined;
  return new WritableStream<R>({
    start: (controller) => {
      signal = signalOf(controller);
      delivery = new StreamDelivery((reason) => {
        lost ??= reason;
        controller.error(lost);
      });
    },
    write: async (record) => {
      while (!delivery.offer(target, record)) await target.ready({ signal });
    },
    close: async () => {
      await settle(target, delivery, signal);
      if (lost) throw lost;
    },
  });
}

/** Nothing lingers until the stream's own records are settled. Those of others are not waited for. */
async function settle<R>(
  target: StreamTarget<R>,
  delivery: StreamDelivery,
  signal: AbortSignal | undefined,
): Promise<void> {
  const own = new AbortController();
  const flushed = target.flush({ signal: own.signal }).catch(() => undefined);
  try {
    await waitFor(delivery.settled(), { signal }, never);
  } finally {
    own.abort();
    await flushed;
  }
}

function never(): Error {
  return new TimeoutError('the end of a stream', Infinity);
}

/** Aborted with the stream, while a write or the end still waits. (The types that come with TypeScript 5 lack it.) */
function signalOf(controller: object): AbortSignal | undefined {
  return 'signal' in controller && controller.signal instanceof AbortSignal ? controller.signal : undefined;
}
