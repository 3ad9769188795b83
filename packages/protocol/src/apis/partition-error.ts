// How it went with one partition, where an answer says no more of it than that.
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

export interface PartitionError {
  partitionIndex: number;
  errorCode: number;
}

export function encodePartitionError(w: Writer, { partitionIndex, errorCode }: PartitionError): void {
  w.int32(partitionIndex);
  w.int16(errorCode);
}

export function decodePartitionError(r: Reader): PartitionError {
  return { partitionIndex: r.int32(), errorCode: r.int16() };
}
