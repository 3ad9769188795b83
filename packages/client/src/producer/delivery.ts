// The promise a caller of send() awaits: for one record, or for all records of one call.
import { asError, DeliveryError, isRetriable } from '../errors.ts';

/** Where a record went. `offset` is -1 when the broker did not say (`acks: 'none'`, some duplicates). */
export interface RecordMetadata {
  topic: string;
  partition: number;
  offset: bigint;
  timestampMs: number;
}

/** Told once for each of its records, by their index within the call. */
export interface Delivery {
  delivered(index: number, metadata: RecordMetadata): void;
  failed(index: number, reason: unknown): void;
  /** The caller does not wait any longer; what comes later is dropped. */
  abandon(reason: unknown): void;
  /** The promise has its answer. */
  readonly isSettled: boolean;
  /** Called once when the promise has its answer. */
  onSettled: (() => void) | null;
}

/** One record's promise. */
export class SingleDelivery implements Delivery {
  isSettled = false;
  onSettled: (() => void) | null = null;
  readonly #resolve: (metadata: RecordMetadata) => void;
  readonly #reject: (reason: unknown) => void;

  constructor(resolve: (metadata: RecordMetadata) => void, reject: (reason: unknown) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  delivered(_index: number, metadata: RecordMetadata): void {
    this.isSettled = true;
    this.#resolve(metadata);
    this.onSettled?.();
  }

  failed(_index: number, reason: unknown): void {
    this.isSettled = true;
    this.#reject(reason);
    this.onSettled?.();
  }

  abandon(reason: unknown): void {
    this.failed(0, reason);
  }
}

/** The promise of many records: answered when every one of them is settled. */
export class ManyDelivery implements Delivery {
  isSettled = false;
  onSettled: (() => void) | null = null;
  readonly #topic: string;
  readonly #results: (RecordMetadata | Error)[] = [];
  readonly #resolve: (metadata: RecordMetadata[]) => void;
  readonly #reject: (reason: unknown) => void;
  #left: number;

  constructor(
    topic: string,
    count: number,
    settle: { resolve: (metadata: RecordMetadata[]) => void; reject: (reason: unknown) => void },
  ) {
    this.#topic = topic;
    this.#left = count;
    this.#resolve = settle.resolve;
    this.#reject = settle.reject;
    if (count === 0) this.#finish();
  }

  delivered(index: number, metadata: RecordMetadata): void {
    this.#results[index] = metadata;
    if (--this.#left === 0) this.#finish();
  }

  failed(index: number, reason: unknown): void {
    this.#results[index] = asError(reason);
    if (--this.#left === 0) this.#finish();
  }

  abandon(reason: unknown): void {
    this.isSettled = true;
    this.#reject(reason);
    this.onSettled?.();
  }

  #finish(): void {
    if (this.isSettled) return;
    this.isSettled = true;
    const delivered: RecordMetadata[] = [];
    for (const result of this.#results) if (!(result instanceof Error)) delivered.push(result);
    if (delivered.length === this.#results.length) this.#resolve(delivered);
    else this.#reject(this.#failure());
    this.onSettled?.();
  }

  /** The first failure's reason, and what became of each record. */
  #failure(): DeliveryError {
    const errors = this.#results.filter((result) => result instanceof Error);
    const first = errors[0];
    const known = errors.filter((error) => error instanceof DeliveryError);
    const outcome: 'no' | 'unknown' = known.some((error) => error.outcome === 'unknown') ? 'unknown' : 'no';
    const place = {
      topic: this.#topic,
      partition: known[0]?.partition ?? -1,
      attempts: known[0]?.attempts ?? 0,
      outcome,
    };
    const results = this.#results.map((r) => (r instanceof Error ? { error: r } : { offset: r.offset }));
    const reason = `${errors.length} of ${results.length} records failed, the first: ${first?.message}`;
    return new DeliveryError(reason, place, {
      retriable: isRetriable(first),
      cause: first instanceof DeliveryError && first.cause !== undefined ? first.cause : first,
      results,
    });
  }
}
