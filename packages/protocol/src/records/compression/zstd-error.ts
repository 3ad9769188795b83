// The one error of reading zstd.
import { CorruptBatchError } from '../corrupt-batch-error.ts';

export function brokenZstd(reason: string): CorruptBatchError {
  return new CorruptBatchError(`its zstd data is broken: ${reason}`);
}
