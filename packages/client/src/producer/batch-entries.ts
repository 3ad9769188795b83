// Who waits for the records of a batch. An entry for each record that someone waits for; enqueued ones have none.
import type { Delivery } from './delivery.ts';

/** How a batch was written. */
export interface Written {
  readonly topic: string;
  readonly partition: number;
  /** -1: not known */
  readonly baseOffset: bigint;
  /** -1: the records keep their own time */
  readonly appendTimeMs: bigint;
}

/** Nobody: who waited was told. A delivery of many records that was told of one must not be told of it again. */
const GONE: Delivery = {
  isSettled: true,
  placed: () => undefined,
  whereabouts: () => [],
  delivered: () => undefined,
  failed: () => undefined,
};

/** Four plain lists in step: no object for a record. */
export class BatchEntries {
  #deliveries: Delivery[] = [];
  #indexes: number[] = [];
  #deltas: number[] = [];
  #timestamps: number[] = [];

  get size(): number {
    return this.#deliveries.length;
  }

  /** @param delta the record's place in its batch */
  add(delivery: Delivery, index: number, delta: number, timestampMs: number): void {
    this.#deliveries.push(delivery);
    this.#indexes.push(index);
    this.#deltas.push(delta);
    this.#timestamps.push(timestampMs);
  }

  deliver({ topic, partition, baseOffset, appendTimeMs }: Written): void {
    const appendTime = appendTimeMs < 0n ? null : Number(appendTimeMs);
    for (let at = 0; at < this.#deliveries.length; at++) {
      const delivery = this.#deliveries[at];
      if (!delivery || delivery.isSettled) continue;
      const offset = baseOffset < 0n ? -1n : baseOffset + BigInt(this.#deltas[at] ?? 0);
      const timestampMs = appendTime ?? this.#timestamps[at] ?? -1;
      delivery.delivered(this.#indexes[at] ?? 0, { topic, partition, offset, timestampMs });
    }
  }

  /** @param reasonOf for records that fail for a reason of their own; undefined: the common one */
  fail(reason: Error, reasonOf?: (delta: number) => Error | undefined): void {
    for (let at = 0; at < this.#deliveries.length; at++) {
      const delivery = this.#deliveries[at];
      if (!delivery || delivery.isSettled) continue;
      delivery.failed(this.#indexes[at] ?? 0, reasonOf?.(this.#deltas[at] ?? -1) ?? reason);
    }
  }

  /** How many of these records have an entry. */
  between(from: number, to: number): number {
    return this.#deltas.filter((delta) => delta >= from && delta < to).length;
  }

  /** Fails those before this place, and forgets who waited for them. @returns how many did */
  failBefore(place: number, reason: Error): number {
    let told = 0;
    for (let at = 0; at < this.#deliveries.length && (this.#deltas[at] ?? place) < place; at++) {
      const delivery = this.#deliveries[at];
      if (!delivery || delivery.isSettled) continue;
      delivery.failed(this.#indexes[at] ?? 0, reason);
      this.#deliveries[at] = GONE;
      told++;
    }
    return told;
  }

  /** The places of records whose callers have gone. */
  abandoned(): Set<number> {
    const gone = new Set<number>();
    for (let at = 0; at < this.#deliveries.length; at++) {
      if (this.#deliveries[at]?.isSettled) gone.add(this.#deltas[at] ?? -1);
    }
    return gone;
  }

  /** Hands over those that stay, in their order. @param moved their new places by the old ones */
  moveTo(other: BatchEntries, moved: ReadonlyMap<number, number>): void {
    for (let at = 0; at < this.#deliveries.length; at++) {
      const delivery = this.#deliveries[at];
      const delta = moved.get(this.#deltas[at] ?? -1);
      if (delivery && delta !== undefined)
        other.add(delivery, this.#indexes[at] ?? 0, delta, this.#timestamps[at] ?? -1);
    }
  }

  /** All records are there now. */
  placeAll(where: { readonly isSettled: boolean }): void {
    for (const [at, delivery] of this.#deliveries.entries()) delivery.placed(where, this.#indexes[at] ?? 0);
  }
}
