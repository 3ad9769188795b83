// What a member of a share group says about records it acquired (KIP-932): with the next ShareFetch, or by
// ShareAcknowledge alone.
import type { Part } from './part.ts';

export interface AcknowledgementBatch {
  firstOffset: bigint;
  lastOffset: bigint; // inclusive
  acknowledgeTypes: number[]; // AcknowledgeType: one for all, or one for each
}

export const acknowledgementBatches: Part<AcknowledgementBatch[]> = {
  encode(w, batches) {
    w.structs(batches, (batch) => {
      w.int64(batch.firstOffset);
      w.int64(batch.lastOffset);
      w.array(batch.acknowledgeTypes, (type) => w.int8(type));
    });
  },
  decode(r) {
    return r.structs(() => ({
      firstOffset: r.int64(),
      lastOffset: r.int64(),
      acknowledgeTypes: r.array(() => r.int8()),
    }));
  },
};
