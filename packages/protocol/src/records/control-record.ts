// Control records: markers that brokers write into a partition. They take up offsets and never reach an application.
import { BatchBuilder } from './batch-builder.ts';
import { CorruptBatchError } from './corrupt-batch-error.ts';
import type { RecordView } from './record.ts';

export interface ControlRecord {
  /** A number: of a kind that concerns only brokers (2 leader change, 3-6 KRaft), or that is newer than this. */
  readonly type: 'abort' | 'commit' | number;
  /** Epoch of the transaction coordinator; null in other kinds. */
  readonly coordinatorEpoch: number | null;
}

const TYPES = ['abort', 'commit'] as const;

/** @throws {CorruptBatchError} when it is no control record */
export function readControlRecord(record: RecordView): ControlRecord {
  const { key, value, offset } = record;
  if (!key || key.length < 4) throw new CorruptBatchError('control record without version and type', { offset });
  const id = key.readInt16BE(2);
  const type = TYPES[id];
  if (type === undefined) return { type: id, coordinatorEpoch: null };
  return { type, coordinatorEpoch: value && value.length >= 6 ? value.readInt32BE(2) : null };
}

export interface EndMarker {
  readonly type: 'abort' | 'commit';
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly coordinatorEpoch: number;
  readonly timestampMs: number;
  readonly baseOffset?: bigint;
  readonly leaderEpoch?: number;
}

/** The batch with which a broker ends a transaction in one partition. */
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
