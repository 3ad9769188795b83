// What the loop gets: a record over the bytes of its fetch, decoded on touch.
import type { Header, RecordView } from '@hopwire/protocol';
import type { ConsumerRecord, Headers, RecordInJson } from '../consumer-record.ts';
import { UndecodableError } from '../errors.ts';
import type { Deserializer } from '../options.ts';
import type { Partition } from './partition.ts';
import { Pending } from './pending.ts';
import type { InHand } from './progress.ts';
import { recordInJson, recordShown, showAs } from './shown.ts';

/** What `key` and `value` of the options say; undefined: bytes as they are. */
export interface Decoders<K, V> {
  readonly key: Deserializer<K> | undefined;
  readonly value: Deserializer<V> | undefined;
  /** Is this record left out? */
  skips(error: UndecodableError, record: LazyRecord): boolean;
}

/** What all records of a batch share. */
export interface RecordOrigin {
  readonly partition: Partition;
  readonly leaderEpoch: number;
  readonly timestampType: 'create' | 'append';
}

/**
 * A record whose key and value are bytes. What users know of it are own fields, so that `{ ...record }` has them; all the
 * loop pays for it is this object and its buffers.
 */
export class LazyRecord implements ConsumerRecord, InHand {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Headers;
  readonly #origin: RecordOrigin;

  constructor(view: RecordView, origin: RecordOrigin) {
    this.topic = origin.partition.topic;
    this.partition = origin.partition.partition;
    this.offset = view.offset;
    this.timestampMs = view.timestampMs;
    this.key = view.key;
    this.value = view.value;
    this.headers = view.headers;
    this.#origin = origin;
  }

  get nextOffset(): bigint {
    return this.offset + 1n;
  }

  get leaderEpoch(): number {
    return this.#origin.leaderEpoch;
  }

  get timestampType(): 'create' | 'append' {
    return this.#origin.timestampType;
  }

  get rawKey(): Buffer | null {
    return this.key;
  }

  get rawValue(): Buffer | null {
    return this.value;
  }

  get signal(): AbortSignal {
    return this.#origin.partition.signal;
  }

  text(): string | null {
    return this.value?.toString('utf8') ?? null;
  }

  json<T>(): T {
    return JSON.parse(this.text() ?? 'null');
  }

  retain(): LazyRecord {
    return new LazyRecord(ownCopy(this), this.#origin);
  }

  toJSON(): RecordInJson {
    return recordInJson(this);
  }
}

/** A record whose key and value went through the options' functions. */
export class DecodedRecord<K, V> implements ConsumerRecord<K, V>, InHand {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly timestampMs: number;
  readonly key: K;
  readonly value: V;
  readonly headers: Headers;
  readonly #raw: LazyRecord;

  constructor(raw: LazyRecord, key: K, value: V) {
    this.topic = raw.topic;
    this.partition = raw.partition;
    this.offset = raw.offset;
    this.timestampMs = raw.timestampMs;
    this.key = key;
    this.value = value;
    this.headers = raw.headers;
    this.#raw = raw;
  }

  get nextOffset(): bigint {
    return this.offset + 1n;
  }

  get leaderEpoch(): number {
    return this.#raw.leaderEpoch;
  }

  get timestampType(): 'create' | 'append' {
    return this.#raw.timestampType;
  }

  get rawKey(): Buffer | null {
    return this.#raw.key;
  }

  get rawValue(): Buffer | null {
    return this.#raw.value;
  }

  get signal(): AbortSignal {
    return this.#raw.signal;
  }

  text(): string | null {
    return this.#raw.text();
  }

  json<T>(): T {
    return this.#raw.json();
  }

  retain(): DecodedRecord<K, V> {
    return new DecodedRecord(this.#raw.retain(), this.key, this.value);
  }

  toJSON(): RecordInJson {
    return recordInJson(this);
  }
}

showAs('ConsumerRecord', LazyRecord, recordShown);
showAs('ConsumerRecord', DecodedRecord, recordShown);

/** What makes the loop's records out of views. Null: one that is left out. Pending: its deserialisers take their time. */
export type RecordFactory<K, V> = (view: RecordView, origin: RecordOrigin) => Made<K, V> | null;
export type Made<K, V> = (ConsumerRecord<K, V> & InHand) | Pending<ConsumerRecord<K, V>>;

/** @throws {UndecodableError} (the factory) when a deserialiser throws, unless such records are left out */
export function recordFactory<K, V>(decoders: Decoders<K, V>): RecordFactory<K, V> {
  const { key, value, skips } = decoders;
  if (key === undefined && value === undefined) {
    // Without deserialisers K and V are their defaults; TypeScript cannot tie the two together.
    const factory: unknown = (view: RecordView, origin: RecordOrigin) => new LazyRecord(view, origin);
    return factory as RecordFactory<K, V>;
  }
  return (view, origin) => {
    const raw = new LazyRecord(view, origin);
    try {
      const made = decode(raw, key, value);
      if (made instanceof DecodedRecord) return made;
      return new Pending(raw.offset, made, (error) => error instanceof UndecodableError && skips(error, raw));
    } catch (error) {
      if (error instanceof UndecodableError && skips(error, raw)) return null;
      throw error;
    }
  };
}

function decode<K, V>(
  raw: LazyRecord,
  keyDecoder: Deserializer<K> | undefined,
  valueDecoder: Deserializer<V> | undefined,
): DecodedRecord<K, V> | Promise<DecodedRecord<K, V>> {
  const key = decodeField('key', keyDecoder, raw);
  if (isPending(key)) return decodeLater(raw, key, settled('value', valueDecoder, raw));
  const value = decodeField('value', valueDecoder, raw);
  return isPending(value) ? decodeLater(raw, key, value) : new DecodedRecord(raw, key, value);
}

async function decodeLater<K, V>(
  raw: LazyRecord,
  key: K | PromiseLike<K>,
  value: V | PromiseLike<V>,
): Promise<DecodedRecord<K, V>> {
  return new DecodedRecord(raw, ...(await Promise.all([asField('key', raw, key), asField('value', raw, value)])));
}

/** What the function throws comes with the promise, too: nobody would see how another one ends. */
async function settled<T>(field: 'key' | 'value', decoder: Deserializer<T> | undefined, raw: LazyRecord): Promise<T> {
  // Without a deserialiser T is Buffer | null, see above.
  return decoder === undefined ? (raw[field] as T) : decoder(raw[field], raw);
}

async function asField<T>(field: 'key' | 'value', raw: LazyRecord, decoded: T | PromiseLike<T>): Promise<T> {
  try {
    return await decoded;
  } catch (error) {
    throw new UndecodableError(field, raw, error);
  }
}

function decodeField<T>(
  field: 'key' | 'value',
  decoder: Deserializer<T> | undefined,
  raw: LazyRecord,
): T | PromiseLike<T> {
  // As above: without a deserialiser T is Buffer | null.
  if (decoder === undefined) return raw[field] as T;
  try {
    return decoder(raw[field], raw);
  } catch (error) {
    throw new UndecodableError(field, raw, error);
  }
}

function isPending<T>(decoded: T | PromiseLike<T>): decoded is PromiseLike<T> {
  if (typeof decoded !== 'object' || decoded === null) return false;
  try {
    return 'then' in decoded && typeof decoded.then === 'function';
  } catch {
    return false; // an object that nobody may ask anything is a value like others
  }
}

function ownCopy(view: RecordView): RecordView {
  const { offset, timestampMs } = view;
  const headers = view.headers.map(([name, value]): Header => [name, copy(value)]);
  return { offset, timestampMs, key: copy(view.key), value: copy(view.value), headers };
}

function copy(bytes: Buffer | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes);
}
