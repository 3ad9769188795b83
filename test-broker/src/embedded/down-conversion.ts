// Batches as the message sets they would have been before 0.11: what Fetch 0-3 answers.
import { type BatchView, batchesOf, Errors, MessageSetBuilder, MessageSetView } from '@hopwire/protocol';

/** Message sets, or why they cannot be made. */
export type Converted = { readonly records: Buffer } | { readonly errorCode: number };

/**
 * Each batch becomes a message set with the codec it had, from `firstOffset` on. Headers are lost, in magic 0 the times
 * too; zstd is refused, as Kafka does (KIP-110).
 *
 * @param records whole batches of magic 2
 */
export function convertedDown(records: Buffer, magic: 0 | 1, firstOffset: bigint): Converted {
  const sets: Buffer[] = [];
  for (const batch of batchesOf(records)) {
    if (batch instanceof MessageSetView) throw new TypeError('the log holds batches of magic 2 only');
    if (batch.codec === 'zstd') return { errorCode: Errors.UNSUPPORTED_COMPRESSION_TYPE };
    const set = messageSetOf(batch, magic, firstOffset);
    if (set) sets.push(set);
  }
  return { records: Buffer.concat(sets) };
}

function messageSetOf(batch: BatchView, magic: 0 | 1, firstOffset: bigint): Buffer | null {
  const { codec, timestampType, maxTimestamp } = batch;
  if (codec === 'zstd') throw new TypeError('message sets know no zstd');
  const builder = new MessageSetBuilder({ magic, capacity: 2 * batch.sizeInBytes });
  for (const { offset, timestampMs, key, value } of batch.records()) {
    if (offset >= firstOffset) builder.append(timestampMs, key, value);
  }
  if (builder.count === 0) return null;
  const baseOffset = firstOffset > batch.baseOffset ? firstOffset : batch.baseOffset;
  const appendTime = magic === 1 && timestampType === 'append' ? { appendTimeMs: maxTimestamp } : {};
  return builder.seal({ compression: codec, baseOffset, ...appendTime });
}
