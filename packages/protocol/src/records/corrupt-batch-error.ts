// The error of everything below a fetch's `records` bytes.
import { KafkaError } from '../errors.ts';

/** The checksum or the structure of a record batch is wrong, or it unpacks to more than is allowed. */
export class CorruptBatchError extends KafkaError {
  static override readonly name: string = 'CorruptBatchError';
  /** Base offset of the batch; null when not even that is known. */
  readonly offset: bigint | null;
  /** What is wrong, without the offset. */
  readonly reason: string;

  constructor(reason: string, options: { offset?: bigint; cause?: unknown } = {}) {
    const where = options.offset === undefined ? 'record batch' : `record batch at offset ${options.offset}`;
    super('CORRUPT_BATCH', `${where}: ${reason}; fetch it again, or seek past it if it stays so`, options);
    this.offset = options.offset ?? null;
    this.reason = reason;
  }
}

/**
 * The same complaint, once it is known which batch it is about. Not a method: bundlers rename a class that names itself,
 * and the error would say so.
 */
export function corruptAt(offset: bigint, error: unknown): CorruptBatchError {
  if (error instanceof CorruptBatchError) {
    return error.offset === null ? new CorruptBatchError(error.reason, { offset, cause: error.cause }) : error;
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new CorruptBatchError(reason, { offset, cause: error });
}
