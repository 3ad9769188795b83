// The read_committed rule: which batches of a fetch belong to aborted transactions.
import { type RecordsView, readControlRecord, type Steps } from '@hopwire/protocol';

export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

/** So many transactions take well below a millisecond. */
const A_STEP = 1024;
/** A marker has ten bytes, and nobody packs it. */
const MOST_MARKER_BYTES = 64 * 1024;

/** Looks at the batches of one partition's answer, in their order. */
export class AbortedFilter {
  /** Some brokers send them unsorted. */
  readonly #aborted: readonly AbortedTransaction[];
  /** How many of them have begun. */
  #begun = 0;
  /** Producers within an aborted transaction at this place of the log. */
  readonly #active = new Set<bigint>();

  readonly #maxBytes: number;

  /**
   * @param aborted null means none
   * @param maxBatchBytes what a batch of markers may unpack to
   */
  constructor(aborted: readonly AbortedTransaction[] | null, maxBatchBytes: number) {
    this.#maxBytes = Math.min(maxBatchBytes, MOST_MARKER_BYTES);
    this.#aborted = inOrder(aborted ?? []);
  }

  /** Must this batch be kept from the reader? Has to be asked for every batch, control batches too. */
  *drops(batch: RecordsView): Steps<boolean> {
    if (batch.producerId < 0n) return batch.isControl;
    yield* this.#enter(batch.lastOffset);
    if (batch.isControl) {
      if (isAbortMarker(batch, this.#maxBytes)) this.#active.delete(batch.producerId);
      return true;
    }
    return batch.isTransactional && this.#active.has(batch.producerId);
  }

  *#enter(lastOffset: bigint): Steps<void> {
    for (let next = this.#aborted[this.#begun]; next && next.firstOffset <= lastOffset; ) {
      this.#active.add(next.producerId);
      next = this.#aborted[++this.#begun];
      if (this.#begun % A_STEP === 0) yield;
    }
  }
}

/** Sorting takes long where there are many, and nearly all brokers have done it. */
function inOrder(aborted: readonly AbortedTransaction[]): readonly AbortedTransaction[] {
  const isSorted = aborted.every(({ firstOffset }, i) => i === 0 || firstOffset >= (aborted[i - 1]?.firstOffset ?? 0n));
  return isSorted ? aborted : [...aborted].sort((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1));
}

function isAbortMarker(batch: RecordsView, maxBytes: number): boolean {
  for (const record of batch.records({ maxBytes })) return readControlRecord(record).type === 'abort';
  return false;
}
