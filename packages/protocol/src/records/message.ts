// One message of magic 0 or 1: its fields, with every length checked.
import { At, MOST_OFFSET, PREFIX } from './batch-layout.ts';
import { CorruptBatchError } from './corrupt-batch-error.ts';

export interface Message {
  readonly offset: bigint;
  readonly magic: number;
  readonly attributes: number;
  /** -1 in magic 0, which has none. */
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

/** Byte positions from the start of the entry; the timestamp is there in magic 1 only. */
export const ATTRIBUTES = 17;
export const TIMESTAMP = 18;
/** Size of an entry with a null key and value. */
export const SMALLEST: Readonly<Record<0 | 1, number>> = { 0: PREFIX + 14, 1: PREFIX + 22 };

/** @throws {CorruptBatchError} when the offset after it might not fit into 64 bits */
export function checkOffset(offset: bigint): void {
  if (offset > MOST_OFFSET) throw new CorruptBatchError('an offset beyond 64 bits', { offset });
}

/** @param end where the entry that starts at `start` must end */
export function messageAt(buffer: Buffer, start: number, end: number): Message {
  const offset = buffer.readBigInt64BE(start);
  const magic = buffer[start + At.magic];
  if (magic !== 0 && magic !== 1) throw new CorruptBatchError(`magic ${magic} in a message set`, { offset });
  checkOffset(offset);
  const size = end - start;
  if (size < SMALLEST[magic]) throw new CorruptBatchError(`message of ${size} bytes is too small`, { offset });
  const attributes = buffer[start + ATTRIBUTES] as number;
  const timestampMs = magic === 1 ? Number(buffer.readBigInt64BE(start + TIMESTAMP)) : -1;
  const keyAt = start + (magic === 1 ? TIMESTAMP + 8 : TIMESTAMP);
  const key = fieldAt(buffer, keyAt, end, offset);
  const valueAt = keyAt + 4 + (key?.length ?? 0);
  const value = fieldAt(buffer, valueAt, end, offset);
  const left = end - valueAt - 4 - (value?.length ?? 0);
  if (left !== 0) throw new CorruptBatchError(`${left} bytes left over after the message's value`, { offset });
  return { offset, magic, attributes, timestampMs, key, value };
}

/** The messages inside a wrapper. Nothing partial is allowed here. */
export function* messagesOf(buffer: Buffer): Iterable<Message> {
  for (let start = 0; start < buffer.length; ) {
    const end = endOfMessage(buffer, start);
    yield messageAt(buffer, start, end);
    start = end;
  }
}

/** Offset of the last message inside a wrapper, found by stepping over the others; null when there is none. */
export function lastOffsetOf(buffer: Buffer): bigint | null {
  let last = -1;
  for (let start = 0; start < buffer.length; start = endOfMessage(buffer, start)) last = start;
  return last < 0 ? null : buffer.readBigInt64BE(last);
}

function endOfMessage(buffer: Buffer, start: number): number {
  if (buffer.length - start <= At.magic) throw new CorruptBatchError('wrapped messages end within one');
  const end = start + PREFIX + buffer.readInt32BE(start + At.batchLength);
  if (end <= start + At.magic || end > buffer.length) {
    throw new CorruptBatchError(`wrapped message of ${end - start} bytes, ${buffer.length - start} left`);
  }
  return end;
}

function fieldAt(buffer: Buffer, at: number, end: number, offset: bigint): Buffer | null {
  if (end - at < 4) throw new CorruptBatchError('message ends before its value', { offset });
  const length = buffer.readInt32BE(at);
  if (length === -1) return null;
  if (length < 0 || length > end - at - 4) {
    throw new CorruptBatchError(`field of ${length} bytes, ${end - at - 4} left`, { offset });
  }
  return buffer.subarray(at + 4, at + 4 + length);
}
