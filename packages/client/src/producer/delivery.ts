// The promise a caller of send() awaits: for one record, or for all records of one call.
import { DeliveryError } from '../errors.ts';

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
  /** All its records are settled, or the caller has gone. */
  readonly isSettled: boolean;
}

/** One record's promise. */
export class SingleDelivery implements Delivery {
  readonly promise: Promise<RecordMetadata>;
  isSettled = false;
  #resolve!: (metadata: RecordMetadata) => void;
  #reject!: (reason: unknown) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  delivered(_index: number, metadata: RecordMetadata): void {
    this.isSettled = true;
    this.#resolve(metadata);
  }

  failed(_index: number, reason: unknown): void {
    this.isSettled = true;
    this.#reject(reason);
  }
}

/** The promise of many records: resolves with all their places, or rejects when every one is settled. */
export class ManyDelivery implements Delivery {
  readonly promise: Promise<RecordMetadata[]>;
  readonly #results: (RecordMetadata | Error)[];
  #left: number;
  #failure: { first: unknown; count: number } | null = null;
  #resolve!: (metadata: RecordMetadata[]) => void;
  #reject!: (reason: unknown) => void;

  constructor(count: number) {
    this.#left = count;
    this.#results = new Array(count);
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (count === 0) this.#finish();
  }

  get isSettled(): boolean {
    return this.#left <= 0;
  }

  delivered(index: number, metadata: RecordMetadata): void {
    this.#results[index] = metadata;
    if (--this.#left === 0) this.#finish();
  }

  failed(index: number, reason: unknown): void {
    this.#results[index] = reason instanceof Error ? reason : new Error(String(reason));
    if (this.#failure) this.#failure.count++;
    else this.#failure = { first: reason, count: 1 };
    if (--this.#left === 0) this.#finish();
  }

  /** All of the call's records failed for one reason: the reason itself; else a DeliveryError that holds each result. */
  #finish(): void {
    if (!this.#failure) this.#resolve(this.#results as RecordMetadata[]);
    else this.#reject(this.#reason(this.#failure.first));
  }
}
