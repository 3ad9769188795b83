// What a broker checks of the records of one partition in a Produce request (protocol: RecordBatch, what a broker checks).
import { BatchBuilder, BatchView, batchesOf, type CompressionName, Errors, KafkaError } from '@hopwire/protocol';
import type { Topic } from './topic.ts';

const ZSTD_SINCE = 7;
const MAGIC_2_SINCE = 3;
const MAGIC_AT = 16;
const SMALLEST_BATCH = 61;
const HEAD_OF_BATCH = 12;

/** Refused records: the code, the text, and the records at fault. */
export interface Refusal {
  readonly errorCode: number;
  readonly errorMessage: string;
  readonly recordErrors: readonly { batchIndex: number; batchIndexErrorMessage: string | null }[];
}

export type CheckedBatch = { readonly batch: BatchView; readonly bytes: Buffer } | Refusal;

/** Checks what came with Produce; message sets (below version 3) are made one batch of magic 2, as Kafka 3 stores them. */
export function checkRecords(records: Buffer | null, version: number, topic: Topic): CheckedBatch {
  if (!records || records.length === 0) return refused(Errors.INVALID_RECORD, 'records are missing');
  try {
    const bytes = version < MAGIC_2_SINCE ? converted(records) : records;
    return checkBatch(bytes, version, topic);
  } catch (error) {
    if (error instanceof KafkaError) return refused(Errors.CORRUPT_MESSAGE, error.message);
    throw error;
  }
}

/** With the codec that the producer used, as Kafka keeps it. */
function converted(records: Buffer): Buffer {
  let compression: CompressionName = 'none';
  const builder = new BatchBuilder({ capacity: records.length * 2 + SMALLEST_BATCH });
  for (const view of batchesOf(records)) {
    view.verify();
    if (view.codec !== 'none') compression = view.codec;
    for (const record of view.records()) builder.append(record.timestampMs, record.key, record.value, record.headers);
  }
  return builder.count === 0 ? Buffer.alloc(0) : builder.seal({ compression });
}

function checkBatch(bytes: Buffer, version: number, topic: Topic): CheckedBatch {
  if (bytes.length <= MAGIC_AT) return refused(Errors.CORRUPT_MESSAGE, `no whole batch in ${bytes.length} bytes`);
  if (bytes[MAGIC_AT] !== 2)
    return refused(Errors.INVALID_RECORD, `magic ${bytes[MAGIC_AT]}; Produce 3 and up take magic 2`);
  const size = HEAD_OF_BATCH + bytes.readInt32BE(8);
  if (size < SMALLEST_BATCH || size > bytes.length)
    return refused(Errors.CORRUPT_MESSAGE, `batch of ${size} bytes announced, ${bytes.length} are there`);
  if (size < bytes.length) return refused(Errors.INVALID_RECORD, 'more than one batch for a partition');
  if (size > topic.maxMessageBytes) {
    return refused(
      Errors.MESSAGE_TOO_LARGE,
      `batch of ${size} bytes, topic ${topic.name} takes at most ${topic.maxMessageBytes} (max.message.bytes)`,
    );
  }
  const batch = BatchView.at(bytes, 0);
  batch.verify();
  return headProblem(batch, version) ?? recordProblem(batch, topic) ?? { batch, bytes };
}

function headProblem(batch: BatchView, version: number): Refusal | null {
  if (batch.codec === 'zstd' && version < ZSTD_SINCE) {
    return refused(Errors.UNSUPPORTED_COMPRESSION_TYPE, `zstd needs Produce ${ZSTD_SINCE} or newer`);
  }
  const problem =
    (batch.baseOffset !== 0n && `base offset ${batch.baseOffset} instead of 0`) ||
    (batch.lastOffsetDelta < 0 && `last offset delta ${batch.lastOffsetDelta}`) ||
    (batch.recordCount <= 0 && `record count ${batch.recordCount}`) ||
    (batch.recordCount !== batch.lastOffsetDelta + 1 &&
      `${batch.recordCount} records, last offset delta ${batch.lastOffsetDelta}`) ||
    (batch.isControl && 'clients cannot write control batches') ||
    (batch.timestampType === 'append' && 'clients cannot write LogAppendTime') ||
    (batch.producerId >= 0n && batch.baseSequence < 0 && `producer ${batch.producerId} without sequence`);
  return problem ? refused(Errors.INVALID_RECORD, problem) : null;
}

function recordProblem(batch: BatchView, topic: Topic): Refusal | null {
  const errors: { batchIndex: number; batchIndexErrorMessage: string | null }[] = [];
  let index = 0;
  try {
    for (const record of batch.records()) {
      if (topic.isCompacted && record.key === null) {
        errors.push({ batchIndex: index, batchIndexErrorMessage: 'Compacted topic cannot accept message without key' });
      }
      index++;
    }
  } catch (error) {
    if (error instanceof KafkaError) return refused(Errors.INVALID_RECORD, error.message);
    throw error;
  }
  if (index !== batch.recordCount)
    return refused(Errors.INVALID_RECORD, `${batch.recordCount} records announced, ${index} are there`);
  if (errors.length === 0) return null;
  return {
    errorCode: Errors.INVALID_RECORD,
    errorMessage: 'One or more records have been rejected',
    recordErrors: errors,
  };
}

function refused(errorCode: number, errorMessage: string): Refusal {
  return { errorCode, errorMessage, recordErrors: [] };
}
