// How it went with one partition, where an answer says no more of it than that, or that first.
import type { Part } from './part.ts';

export interface PartitionError {
  partitionIndex: number;
  errorCode: number;
}

export interface PartitionOutcome extends PartitionError {
  errorMessage: string | null;
}

export const partitionError: Part<PartitionError> = {
  encode(w, { partitionIndex, errorCode }) {
    w.int32(partitionIndex);
    w.int16(errorCode);
  },
  decode(r) {
    return { partitionIndex: r.int32(), errorCode: r.int16() };
  },
};

export const partitionOutcome: Part<PartitionOutcome> = {
  encode(w, { partitionIndex, errorCode, errorMessage }) {
    w.int32(partitionIndex);
    w.int16(errorCode);
    w.nullableString(errorMessage);
  },
  decode(r) {
    return { partitionIndex: r.int32(), errorCode: r.int16(), errorMessage: r.nullableString() };
  },
};
