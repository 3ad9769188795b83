// Walks the `records` bytes of a fetch or produce: batches of magic 0, 1 and 2 in any mix (old segments keep theirs).
import { At, PREFIX } from './batch-layout.ts';
import { BatchView } from './batch-view.ts';
import { CorruptBatchError } from './corrupt-batch-error.ts';
import { MessageSetView } from './message-set.ts';

/**
 * The batches in the order they lie there. A partial one at the end is legal in a fetch and left out.
 *
 * @throws {CorruptBatchError} while iterating, at a size or magic that cannot be
 */
export function* batchesOf(records: Buffer): Iterable<BatchView | MessageSetView> {
  let position = 0;
  while (records.length - position > At.magic) {
    const size = records.readInt32BE(position + At.batchLength) + PREFIX;
    if (size <= At.magic) {
      const offset = records.readBigInt64BE(position);
      throw new CorruptBatchError(`size ${size} is too small for any batch`, { offset });
    }
    if (size > records.length - position) return;
    yield viewAt(records, position, size);
    position += size;
  }
}

function viewAt(records: Buffer, position: number, size: number): BatchView | MessageSetView {
  const magic = records[position + At.magic];
  if (magic === 2) return BatchView.at(records, position);
  if (magic === 0 || magic === 1) return MessageSetView.at(records.subarray(position, position + size));
  throw new CorruptBatchError(`unknown magic ${magic}`, { offset: records.readBigInt64BE(position) });
}
