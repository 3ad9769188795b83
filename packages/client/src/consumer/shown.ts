// What `console.log` and `JSON.stringify` show of records and batches: what a user knows of them, not how they are kept.
import type { Headers, RecordInJson } from '../consumer-record.ts';

/** https://nodejs.org/api/util.html#utilinspectcustom */
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Prints a value as the caller of `util.inspect` prints others. */
type Inspect = (value: unknown, options: object) => string;

/** Objects of this class are shown as `name { field: value, … }`. */
export function showAs<T extends object>(
  name: string,
  { prototype }: { prototype: T },
  fieldsOf: (shown: T) => object,
): void {
  const value = function (this: T, _depth: number, options: object, inspect: Inspect): string {
    return `${name} ${inspect(fieldsOf(this), options)}`;
  };
  Object.defineProperty(prototype, INSPECT, { value, configurable: true, writable: true });
}

interface Record {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly timestampMs: number;
  readonly key: unknown;
  readonly value: unknown;
  readonly headers: Headers;
}

export function recordInJson({ topic, partition, offset, timestampMs, key, value, headers }: Record): RecordInJson {
  return {
    topic,
    partition,
    offset: String(offset),
    time: timeOf(timestampMs),
    key: bytesInJson(key),
    value: bytesInJson(value),
    headers: headers.map(([name, bytes]) => [name, bytesInJson(bytes)]),
  };
}

/** The same for the console: bytes that are no text as they are. */
export function recordShown({ topic, partition, offset, timestampMs, key, value, headers }: Record): object {
  return {
    topic,
    partition,
    offset,
    time: timeOf(timestampMs),
    key: readable(key),
    value: readable(value),
    headers: headers.map(([name, bytes]) => [name, readable(bytes)]),
  };
}

/** Bytes as text where they are UTF-8. */
function readable(value: unknown): unknown {
  if (!Buffer.isBuffer(value)) return value;
  try {
    return utf8.decode(value);
  } catch {
    return value;
  }
}

function bytesInJson(value: unknown): unknown {
  const shown = readable(value);
  return Buffer.isBuffer(shown) ? { base64: shown.toString('base64') } : shown;
}

function timeOf(timestampMs: number): string | null {
  const time = new Date(timestampMs);
  return timestampMs < 0 || Number.isNaN(time.getTime()) ? null : time.toISOString();
}
