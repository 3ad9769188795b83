// Walks the `records` bytes of a fetch or produce: batches of magic 0, 1 and 2 in any mix (old segments keep theirs).
import { At, PREFIX } from './batch-layout.ts';
import { BatchView } from './batch-view.ts';
import { CorruptBatchError } from './corrupt-batch-error.ts';
import { MessageSetView } from './message-set.ts';

/**
 * The batches in the order they lie there. A partial one at the end is legal in a fetch and left out.
 *
 * @throws {CorruptBatchError} while iterating, at a size or magic that cannot be
 * @example for (const batch of batchesOf(records)) console.log(batch.baseOffset, batch.lastOffset, batch.codec);
 */
export function* batchesOf(records: Buffer): Generator<BatchView | MessageSetView, void> {
  let position = 0;
  for (let size = sizeAt(records, 0); size !== null; size = sizeAt(records, position)) {
    yield viewAt(records, position, size);
    position += size;
  }
}

/**
 * How many bytes at the end are a batch cut off by the limit of a fetch, which `batchesOf` leaves out.
 *
 * @throws {CorruptBatchError} at a size that cannot be
 */
export function partialBytesOf(records: Buffer): number {
  let position = 0;
  for (let size = sizeAt(records, 0); size !== null; size = sizeAt(records, position)) position += size;
  return records.length - position;
}

/** null when no whole batch follows. */
function sizeAt(records: Buffer, position: number): number | null {
  if (records.length - position <= At.magic) return null;
  const size = records.readInt32BE(position + At.batchLength) + PREFIX;
  if (size <= At.magic) {
    const offset = records.readBigInt64BE(position);
    throw new CorruptBatchError(`size ${size} is too small for any batch`, { offset });
  }
  return size > records.length - position ? null : size;
}

function viewAt(records: Buffer, position: number, size: number): BatchView | MessageSetView {
  const magic = records[position + At.magic];
  if (magic === 2) return BatchView.at(records, position);
  if (magic === 0 || magic === 1) return MessageSetView.at(records.subarray(position, position + size));
  throw new CorruptBatchError(`unknown magic ${magic}`, { offset: records.readBigInt64BE(position) });
}
