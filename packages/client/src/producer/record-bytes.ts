// Keys, values and header values as callers give them, and copies of them.
import type { HeaderInput, RecordBytes } from '@hopwire/protocol';
import type { Bytes } from '../types.ts';
import { kindOf } from '../util/kind-of.ts';

/** Where a field stands in what was given. @param at its record's place among the messages; below 0: the only one */
export function pathOf(field: string, at: number): string {
  return at < 0 ? field : `messages[${at}].${field}`;
}

/** @throws {TypeError} for what is neither bytes nor text */
export function checkBytes(field: string, value: unknown, at: number): Bytes | null {
  if (value === null || value instanceof Uint8Array) return value;
  if (typeof value === 'string') return checkText(field, value, at);
  if (ArrayBuffer.isView(value) && isUint8Array(value))
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const given = kindOf(value);
  throw new TypeError(`${pathOf(field, at)} must be a string, a Uint8Array or null, not ${given}; serialise it first`);
}

/** Also one of another realm (vm, a test runner). */
function isUint8Array(value: ArrayBufferView): boolean {
  return Object.prototype.toString.call(value) === '[object Uint8Array]';
}

/** Half of a surrogate pair would reach the broker as U+FFFD: another key, another value. */
export function checkText(field: string, text: string, at: number): string {
  if (text.isWellFormed()) return text;
  const path = pathOf(field, at);
  throw new TypeError(`${path} holds half of a surrogate pair, which is no text in UTF-8; give bytes instead`);
}

/** Bytes are their owner's to change: what is kept is a copy. */
export function copyOf(bytes: RecordBytes): RecordBytes {
  return bytes instanceof Uint8Array ? Buffer.from(bytes) : bytes;
}

export function copiesOf(headers: readonly HeaderInput[]): readonly HeaderInput[] {
  return headers.length === 0 ? headers : headers.map(([name, value]) => [name, copyOf(value)] as const);
}
