// The read_committed rule: which batches of a fetch belong to aborted transactions.
import { type RecordsView, readControlRecord } from '@hopwire/protocol';

export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

/** Looks at the batches of one partition's answer, in their order. */
export class AbortedFilter {
  /** Aborted transactions not begun yet; some brokers send them unsorted. */
  readonly #ahead: AbortedTransaction[];
  /** Producers within an aborted transaction at this place of the log. */
  readonly #active = new Set<bigint>();

  readonly #maxBatchBytes: number;

  /**
   * @param aborted null means none
   * @param maxBatchBytes what a batch of markers may unpack to
   */
  constructor(aborted: readonly AbortedTransaction[] | null, maxBatchBytes: number) {
    this.#maxBatchBytes = maxBatchBytes;
    this.#ahead = [...(aborted ?? [])].sort((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1));
  }

  /** Must this batch be kept from the reader? Has to be asked for every batch, control batches too. */
  drops(batch: RecordsView): boolean {
    if (batch.producerId < 0n) return batch.isControl;
    this.#enter(batch.lastOffset);
    if (batch.isControl) {
      if (isAbortMarker(batch, this.#maxBatchBytes)) this.#active.delete(batch.producerId);
      return true;
    }
    return batch.isTransactional && this.#active.has(batch.producerId);
  }

  #enter(lastOffset: bigint): void {
    for (let next = this.#ahead[0]; next && next.firstOffset <= lastOffset; next = this.#ahead[0]) {
      this.#active.add(next.producerId);
      this.#ahead.shift();
    }
  }
}

function isAbortMarker(batch: RecordsView, maxBytes: number): boolean {
  for (const record of batch.records({ maxBytes })) return readControlRecord(record).type === 'abort';
  return false;
}
