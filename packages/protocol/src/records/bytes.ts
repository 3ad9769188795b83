// Copying short keys, values and names into a buffer: below some length a loop beats the call into native code.
import { keptBytes } from '../wire/utf8.ts';
import type { RecordBytes } from './record.ts';

const SHORT = 24;

/**
 * Bytes this takes on the wire; -1 for null.
 *
 * @throws {TypeError} for text that no bytes can say
 */
export function lengthOf(bytes: RecordBytes): number {
  if (bytes === null) return -1;
  return typeof bytes === 'string' ? lengthOfText(bytes) : bytes.length;
}

function lengthOfText(text: string): number {
  const length = Buffer.byteLength(text);
  return length === text.length || text.isWellFormed() ? length : keptBytes(text).length;
}

/** @returns the position after it */
export function copyBytes(target: Buffer, at: number, bytes: Uint8Array | string, length: number): number {
  if (typeof bytes === 'string') writeText(target, at, bytes, length);
  else if (length > SHORT) target.set(bytes, at);
  else for (let i = 0; i < length; i++) target[at + i] = bytes[i] as number;
  return at + length;
}

/** As many bytes as characters means ASCII. */
function writeText(target: Buffer, at: number, text: string, length: number): void {
  if (!text.isWellFormed()) target.set(keptBytes(text), at);
  else if (length !== text.length) target.write(text, at, length, 'utf8');
  else if (length > SHORT) target.write(text, at, length, 'latin1');
  else for (let i = 0; i < length; i++) target[at + i] = text.charCodeAt(i);
}
