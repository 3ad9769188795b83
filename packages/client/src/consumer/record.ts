// What the loop gets: a record over the bytes of its fetch, decoded on touch.
import type { Header, RecordView } from '@hopwire/protocol';
import type { ConsumerRecord, Headers, RecordInJson } from '../consumer-record.ts';
import { UndecodableError } from '../errors.ts';
import type { Deserializer } from '../options.ts';
import type { Partition } from './partition.ts';
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

/** A record whose key and value are bytes. All the loop pays for it is this object. */
export class LazyRecord implements ConsumerRecord, InHand {
  readonly view: RecordView;
  readonly origin: RecordOrigin;

  constructor(view: RecordView, origin: RecordOrigin) {
    this.view = view;
    this.origin = origin;
  }

  get topic(): string {
    return this.origin.partition.topic;
  }

  get partition(): number {
    return this.origin.partition.partition;
  }

  get offset(): bigint {
    return this.view.offset;
  }

  get nextOffset(): bigint {
    return this.view.offset + 1n;
  }

  get leaderEpoch(): number {
    return this.origin.leaderEpoch;
  }

  get timestampMs(): number {
    return this.view.timestampMs;
  }

  get timestampType(): 'create' | 'append' {
    return this.origin.timestampType;
  }

  get key(): Buffer | null {
    return this.view.key;
  }

  get value(): Buffer | null {
    return this.view.value;
  }

  get rawKey(): Buffer | null {
    return this.view.key;
  }

  get rawValue(): Buffer | null {
    return this.view.value;
  }

  get headers(): Headers {
    return this.view.headers;
  }

  get signal(): AbortSignal {
    return this.origin.partition.signal;
  }

  text(): string | null {
    return this.view.value?.toString('utf8') ?? null;
  }

  json<T>(): T {
    return JSON.parse(this.text() ?? 'null');
  }

  retain(): LazyRecord {
    return new LazyRecord(ownCopy(this.view), this.origin);
  }

  toJSON(): RecordInJson {
    return recordInJson(this);
  }
}

/** A record whose key and value went through the options' functions. */
export class DecodedRecord<K, V> implements ConsumerRecord<K, V>, InHand {
  readonly raw: LazyRecord;
  readonly key: K;
  readonly value: V;

  constructor(raw: LazyRecord, key: K, value: V) {
    this.raw = raw;
    this.key = key;
    this.value = value;
  }

  get topic(): string {
    return this.raw.topic;
  }

  get partition(): number {
    return this.raw.partition;
  }

  get offset(): bigint {
    return this.raw.offset;
  }

  get nextOffset(): bigint {
    return this.raw.nextOffset;
  }

  get leaderEpoch(): number {
    return this.raw.leaderEpoch;
  }

  get timestampMs(): number {
    return this.raw.timestampMs;
  }

  get timestampType(): 'create' | 'append' {
    return this.raw.timestampType;
  }

  get rawKey(): Buffer | null {
    return this.raw.key;
  }

  get rawValue(): Buffer | null {
    return this.raw.value;
  }

  get headers(): Headers {
    return this.raw.headers;
  }

  get signal(): AbortSignal {
    return this.raw.signal;
  }

  text(): string | null {
    return this.raw.text();
  }

  json<T>(): T {
    return this.raw.json();
  }

  retain(): DecodedRecord<K, V> {
    return new DecodedRecord(this.raw.retain(), this.key, this.value);
  }

  toJSON(): RecordInJson {
    return recordInJson(this);
  }
}

showAs('ConsumerRecord', LazyRecord, recordShown);
showAs('ConsumerRecord', DecodedRecord, recordShown);

/** What makes the loop's records out of views. Null: one that is left out. */
export type RecordFactory<K, V> = (view: RecordView, origin: RecordOrigin) => (ConsumerRecord<K, V> & InHand) | null;

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
      return new DecodedRecord(raw, decode('key', key, raw), decode('value', value, raw));
    } catch (error) {
      if (error instanceof UndecodableError && skips(error, raw)) return null;
      throw error;
    }
  };
}

function decode<T>(field: 'key' | 'value', decoder: Deserializer<T> | undefined, raw: LazyRecord): T {
  // As above: without a deserialiser T is Buffer | null.
  if (decoder === undefined) return raw[field] as T;
  try {
    return decoder(raw[field], raw);
  } catch (error) {
    throw new UndecodableError(field, raw, error);
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
