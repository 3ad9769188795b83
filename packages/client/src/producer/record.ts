// What callers give to produce, and the check of it: wrong usage is a TypeError at the call.
import { BatchBuilder, type HeaderInput } from '@hopwire/protocol';
import type { Bytes } from '../types.ts';
import type { RecordFields } from './batch.ts';

/** Pairs keep their order and may repeat; an object is for convenience. */
export type RecordHeaders =
  | readonly (readonly [name: string, value: Bytes | null])[]
  | Readonly<Record<string, Bytes | null>>;

/** One record of a topic. */
export interface ProducerMessage {
  key?: Bytes | null | undefined;
  /** null: a tombstone on a compacted topic. */
  value: Bytes | null;
  headers?: RecordHeaders | undefined;
  /** Default: chosen by key, or in turn. */
  partition?: number | undefined;
  /** Milliseconds since 1970. Default: now. */
  timestampMs?: number | undefined;
}

export interface ProducerRecord extends ProducerMessage {
  topic: string;
}

/** Many records for one topic, with one promise for all. */
export interface TopicRecords {
  topic: string;
  messages: readonly ProducerMessage[];
}

/** A record that may be written as it is. */
export interface CheckedRecord extends RecordFields {
  readonly topic: string;
  readonly partition: number | null;
  /** For the partitioner. */
  readonly keyBytes: Buffer | null;
  /** Upper bound of what it takes in a batch. */
  readonly bytes: number;
}

const NO_HEADERS: readonly HeaderInput[] = [];

/** @throws {TypeError | RangeError} for what cannot be a record */
export function checkRecord(topic: string, message: ProducerMessage): CheckedRecord {
  if (typeof message !== 'object' || message === null)
    throw new TypeError('a record is an object with topic and value');
  const key = bytes('key', message.key ?? null);
  const value = bytes('value', message.value);
  const headers = message.headers === undefined ? NO_HEADERS : checkHeaders(message.headers);
  return {
    topic: checkTopic(topic),
    partition: checkPartition(message.partition),
    key,
    value,
    headers,
    keyBytes: toBuffer(key),
    timestampMs: checkTimestamp(message.timestampMs),
    bytes: BatchBuilder.sizeOf(lengthOf(key), lengthOf(value), headers),
  };
}

export function checkTopic(topic: unknown): string {
  if (typeof topic === 'string' && topic !== '') return topic;
  throw new TypeError(`topic must be a name, not ${topic === '' ? 'an empty string' : typeof topic}`);
}

function bytes(what: string, value: unknown): Bytes | null {
  if (value === null || value instanceof Uint8Array) return value;
  if (typeof value === 'string') return text(what, value);
  const given = value === undefined ? 'undefined' : `a ${typeof value}`;
  throw new TypeError(`${what} must be a string, a Uint8Array or null, not ${given}; serialise it first`);
}

/** Half of a surrogate pair would reach the broker as U+FFFD: another key, another value. */
function text(what: string, value: string): string {
  if (value.isWellFormed()) return value;
  throw new TypeError(`${what} holds half of a surrogate pair, which is no text in UTF-8; give bytes instead`);
}

function checkPartition(partition: unknown): number | null {
  if (partition === undefined || partition === null) return null;
  if (typeof partition === 'number' && Number.isInteger(partition) && partition >= 0) return partition;
  throw new RangeError(`partition must be a whole number from 0, not ${String(partition)}`);
}

function checkTimestamp(timestampMs: unknown): number {
  if (timestampMs === undefined) return Date.now();
  if (typeof timestampMs === 'number' && Number.isSafeInteger(timestampMs) && timestampMs >= 0) return timestampMs;
  throw new RangeError(`timestampMs must be whole milliseconds since 1970, not ${String(timestampMs)}`);
}

function checkHeaders(headers: RecordHeaders): readonly HeaderInput[] {
  if (typeof headers !== 'object' || headers === null)
    throw new TypeError('headers are pairs of [name, value] or an object');
  const pairs: readonly (readonly [string, Bytes | null])[] = isPairs(headers) ? headers : Object.entries(headers);
  for (const pair of pairs) {
    if (!Array.isArray(pair) || typeof pair[0] !== 'string') throw new TypeError('a header is a pair [name, value]');
    bytes(`header ${pair[0]}`, pair[1]);
  }
  return pairs;
}

function isPairs(headers: RecordHeaders): headers is readonly (readonly [string, Bytes | null])[] {
  return Array.isArray(headers);
}

function toBuffer(key: Bytes | null): Buffer | null {
  if (key === null) return null;
  if (typeof key === 'string') return Buffer.from(key);
  return Buffer.isBuffer(key) ? key : Buffer.from(key.buffer, key.byteOffset, key.byteLength);
}

function lengthOf(value: Bytes | null): number {
  if (value === null) return -1;
  return typeof value === 'string' ? Buffer.byteLength(value) : value.length;
}
