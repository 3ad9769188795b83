// The promise a caller of send() awaits: for one record, or for all records of one call.
import { asError, DeliveryError, isRetriable } from '../errors.ts';

/** Where a record went. `offset` is -1 when the broker did not say (`acks: 'none'`, some duplicates). */
export interface RecordMetadata {
  topic: string;
  partition: number;
  offset: bigint;
  timestampMs: number;
}

/** Where a record is until it is settled: in a batch, or held. */
export interface Whereabouts {
  /** Gone from there: settled, or moved on. */
  readonly isSettled: boolean;
}

/** Told once for each of its records, by their index within the call. */
export interface Delivery {
  /** One of its records is there now. */
  placed(where: Whereabouts, index: number): void;
  /** Where the records are that are not settled, each with how many of them. */
  whereabouts(): Iterable<readonly [where: Whereabouts, records: number]>;
  delivered(index: number, metadata: RecordMetadata): void;
  failed(index: number, reason: unknown): void;
  /** The promise has its answer. */
  readonly isSettled: boolean;
}

/** A delivery whose caller may give up. */
export interface Abandonable extends Delivery {
  /** Called once when the promise has its answer. */
  onSettled: (() => void) | null;
  /** The caller does not wait any longer; what comes later is dropped. */
  abandon(reason: unknown): void;
  /** Time is up: what is not settled fails for the reason of the place where it is. What comes later is dropped. */
  expire(reasonOf: (where: Whereabouts | undefined) => Error): void;
}

/** One record's promise. */
export class SingleDelivery implements Abandonable {
  isSettled = false;
  #where: Whereabouts | null = null;
  onSettled: (() => void) | null = null;
  readonly #resolve: (metadata: RecordMetadata) => void;
  readonly #reject: (reason: unknown) => void;

  constructor(resolve: (metadata: RecordMetadata) => void, reject: (reason: unknown) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  placed(where: Whereabouts): void {
    this.#where = where;
  }

  whereabouts(): Iterable<readonly [Whereabouts, number]> {
    return this.#where ? [[this.#where, 1]] : [];
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

  expire(reasonOf: (where: Whereabouts | undefined) => Error): void {
    this.failed(0, reasonOf(this.#where ?? undefined));
  }
}

/** The promise of many records: answered when every one of them is settled. */
export class ManyDelivery implements Abandonable {
  isSettled = false;
  /** By index. */
  readonly #places: Whereabouts[] = [];
  onSettled: (() => void) | null = null;
  readonly #topic: string;
  readonly #count: number;
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
    this.#count = count;
    this.#left = count;
    this.#resolve = settle.resolve;
    this.#reject = settle.reject;
    if (count === 0) this.#finish();
  }

  placed(where: Whereabouts, index: number): void {
    this.#places[index] = where;
  }

  whereabouts(): Iterable<readonly [Whereabouts, number]> {
    const spread = new Map<Whereabouts, number>();
    for (const [index, where] of this.#places.entries()) {
      if (where && !this.#results[index]) spread.set(where, (spread.get(where) ?? 0) + 1);
    }
    return spread;
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

  expire(reasonOf: (where: Whereabouts | undefined) => Error): void {
    for (let index = 0; index < this.#count; index++) this.#results[index] ??= reasonOf(this.#places[index]);
    this.#finish();
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
