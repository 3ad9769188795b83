// Control records: markers that brokers write into a partition. They take up offsets and never reach an application.
import { BatchBuilder } from './batch-builder.ts';
import { CorruptBatchError } from './corrupt-batch-error.ts';
import type { RecordView } from './record.ts';

/** What a marker says. */
export interface ControlRecord {
  /** A number: of a kind that concerns only brokers (2 leader change, 3-6 KRaft), or that is newer than this. */
  readonly type: 'abort' | 'commit' | number;
  /** Epoch of the transaction coordinator; null in other kinds. */
  readonly coordinatorEpoch: number | null;
}

const TYPES = ['abort', 'commit'] as const;

/**
 * Reads a marker: a record of a batch that `isControl`.
 *
 * @throws {CorruptBatchError} when it is no control record
 * @example if (record.batch.isControl) console.log(readControlRecord(record).type); // of readRecords
 */
export function readControlRecord(record: RecordView): ControlRecord {
  const { key, value, offset } = record;
  if (!key || key.length < 4) throw new CorruptBatchError('control record without version and type', { offset });
  const id = key.readInt16BE(2);
  const type = TYPES[id];
  if (type === undefined) return { type: id, coordinatorEpoch: null };
  return { type, coordinatorEpoch: value && value.length >= 6 ? value.readInt32BE(2) : null };
}

/** Which transaction ends, and how. */
export interface EndMarker {
  readonly type: 'abort' | 'commit';
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly coordinatorEpoch: number;
  readonly timestampMs: number;
  readonly baseOffset?: bigint;
  readonly leaderEpoch?: number;
}

/**
 * The batch with which a broker ends a transaction in one partition.
 *
 * @example
 * const end = { type: 'commit', producerId: 4000n, producerEpoch: 0, coordinatorEpoch: 1, timestampMs: Date.now() } as const;
 * const records = buildEndMarker({ ...end, baseOffset: 1000n });
 */
export function buildEndMarker(marker: EndMarker): Buffer {
  const key = Buffer.from([0, 0, 0, TYPES.indexOf(marker.type)]);
  const value = Buffer.alloc(6);
  value.writeInt32BE(marker.coordinatorEpoch, 2);
  const builder = new BatchBuilder({ capacity: 128 });
  builder.append(marker.timestampMs, key, value);
  return builder.seal({
    producerId: marker.producerId,
    producerEpoch: marker.producerEpoch,
    transactional: true,
    control: true,
    baseOffset: marker.baseOffset ?? 0n,
    leaderEpoch: marker.leaderEpoch ?? -1,
  });
}
