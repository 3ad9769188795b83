// A WritableStream of records: back-pressure from the producer's buffer, and the first loss is the stream's error.
import { asError } from '../errors.ts';
import type { Waiting } from '../types.ts';
import type { Delivery } from './delivery.ts';
import type { ProducerRecord } from './record.ts';

/** The producer, as a stream uses it. */
export interface StreamTarget {
  /** @returns false when there is no room */
  offer(record: ProducerRecord, delivery: Delivery): boolean;
  ready(waiting: Waiting): Promise<void>;
  flush(waiting: Waiting): Promise<void>;
}

/** Of all records of a stream: it only wants to know what is lost. */
class StreamDelivery implements Delivery {
  /** Never: one lost record does not make the others unwanted. */
  readonly isSettled = false;
  readonly #lost: (reason: Error) => void;

  constructor(lost: (reason: Error) => void) {
    this.#lost = lost;
  }

  placed(): void {
    // nobody takes a record of a stream back
  }

  whereabouts(): Iterable<never> {
    return [];
  }

  delivered(): void {
    // as it should be
  }

  failed(_index: number, reason: unknown): void {
    this.#lost(asError(reason));
  }
}

export function recordStream(target: StreamTarget): WritableStream<ProducerRecord> {
  let lost: Error | null = null;
  let delivery: Delivery;
  let signal: AbortSignal | undefined;
  return new WritableStream<ProducerRecord>({
    start: (controller) => {
      signal = signalOf(controller);
      delivery = new StreamDelivery((reason) => {
        lost ??= reason;
        controller.error(lost);
      });
    },
    write: async (record) => {
      while (!target.offer(record, delivery)) await target.ready({ signal });
    },
    close: async () => {
      await target.flush({ signal });
      if (lost) throw lost;
    },
  });
}

/** Aborted with the stream, while a write or the end still waits. (The types that come with TypeScript 5 lack it.) */
function signalOf(controller: object): AbortSignal | undefined {
  return 'signal' in controller && controller.signal instanceof AbortSignal ? controller.signal : undefined;
}
