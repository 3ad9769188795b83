// What a member of a share group says about records it acquired (KIP-932): with the next ShareFetch, or by
// ShareAcknowledge alone.
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

export interface AcknowledgementBatch {
  firstOffset: bigint;
  lastOffset: bigint; // inclusive
  /** One for all or one for each: 0 gap (no record there), 1 accept, 2 release, 3 reject, 4 renew the lock. */
  acknowledgeTypes: number[];
}

export function encodeAcknowledgementBatches(w: Writer, batches: readonly AcknowledgementBatch[]): void {
  w.structs(batches, (batch) => {
    w.int64(batch.firstOffset);
    w.int64(batch.lastOffset);
    w.array(batch.acknowledgeTypes, (type) => w.int8(type));
  });
}

export function decodeAcknowledgementBatches(r: Reader): AcknowledgementBatch[] {
  return r.structs(() => ({
    firstOffset: r.int64(),
    lastOffset: r.int64(),
    acknowledgeTypes: r.array(() => r.int8()),
  }));
}
