// Changes to a sealed batch (magic 2): what a broker fills in, and what a producer must change before it may retry.
import { writeInt16, writeInt32, writeInt64 } from '../wire/integers.ts';
import { At, Attribute } from './batch-layout.ts';
import { crc32c } from './crc32c.ts';

/** Who an idempotent producer is, and where in its sequence a batch begins. */
export interface ProducerState {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly baseSequence: number;
}

/**
 * New producer id, epoch and sequence, and the checksum over them. Never while the buffer is being sent.
 *
 * @param batch a whole batch of magic 2, as `BatchBuilder` seals it
 */
export function patchProducer(batch: Buffer, state: ProducerState): void {
  writeInt64(batch, At.producerId, state.producerId);
  writeInt16(batch, At.producerEpoch, state.producerEpoch);
  writeInt32(batch, At.baseSequence, state.baseSequence);
  patchCrc(batch);
}

/**
 * What a broker does when it appends: both fields lie outside the checksum.
 *
 * @param batch a whole batch of magic 2
 */
export function patchBaseOffset(batch: Buffer, baseOffset: bigint, leaderEpoch: number): void {
  writeInt64(batch, At.baseOffset, baseOffset);
  writeInt32(batch, At.leaderEpoch, leaderEpoch);
}

/** What a broker does on a topic with `message.timestamp.type=LogAppendTime`: this is then the time of all records. */
export function patchAppendTime(batch: Buffer, timestampMs: number): void {
  batch.writeInt16BE(batch.readInt16BE(At.attributes) | Attribute.appendTime, At.attributes);
  writeInt64(batch, At.maxTimestamp, BigInt(timestampMs));
  patchCrc(batch);
}

function patchCrc(batch: Buffer): void {
  const end = batch.readInt32BE(At.batchLength) + 12;
  batch.writeUInt32BE(crc32c(batch, At.attributes, end), At.crc);
}
