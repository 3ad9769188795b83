// Copying short keys, values and names into a buffer: below some length a loop beats the call into native code.

import { isBytes, wrongType } from '../wire/refusals.ts';
import { keptBytes } from '../wire/utf8.ts';
import type { RecordBytes } from './record.ts';

const SHORT = 24;

/**
 * Bytes this takes on the wire; -1 for null.
 *
 * @throws {TypeError} for text that no bytes can say, and for what is neither
 */
export function lengthOf(bytes: RecordBytes): number {
  if (bytes === null) return -1;
  if (typeof bytes === 'string') return lengthOfText(bytes);
  if (bytes === undefined || !isBytes(bytes)) throw wrongType('a Buffer, Uint8Array, string or null', bytes);
  return bytes.length;
}

/**
 * Bytes the name of a header takes.
 *
 * @throws {TypeError} when it is no text, or none that bytes can say
 */
export function lengthOfName(name: string): number {
  if (typeof name !== 'string') throw wrongType('a string as the name of a header', name);
  return lengthOfText(name);
}

/** Milliseconds since 1970, or -1 for none. */
export function isTimestamp(timestampMs: number): boolean {
  return Number.isSafeInteger(timestampMs) && timestampMs >= -1;
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
