// What the loop gets: a record over the bytes of its fetch, decoded on touch.
import { type Header, KafkaError, type RecordView } from '@hopwire/protocol';
import type { Deserializer } from '../options.ts';
import type { Partition } from './partition.ts';
import type { InHand } from './progress.ts';

/** Ordered; a name may come more than once. */
export type Headers = readonly Header[];

/** What `key` and `value` of the options say; undefined: bytes as they are. */
export interface Decoders<K, V> {
  readonly key: Deserializer<K> | undefined;
  readonly value: Deserializer<V> | undefined;
}

/** What all records of a batch share. */
export interface RecordOrigin {
  readonly partition: Partition;
  readonly leaderEpoch: number;
  readonly timestampType: 'create' | 'append';
}

/** A record of a topic. */
export interface ConsumerRecord<K = Buffer | null, V = Buffer | null> {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** -1: unknown. */
  readonly leaderEpoch: number;
  readonly timestampMs: number;
  /** Who set the time: the producer, or the broker when it appended. */
  readonly timestampType: 'create' | 'append';
  readonly key: K;
  readonly value: V;
  /** In their order, repeated names kept. */
  readonly headers: Headers;
  /** Aborted when the partition is taken away: whatever is still done with this record, another member does too. */
  readonly signal: AbortSignal;
  /** The value's bytes as UTF-8. */
  text(): string | null;
  /** The value's bytes as JSON. Throws a SyntaxError when they are not. */
  json<T>(): T;
  /** The same record with its own copy of the bytes, so that the response it came in can be freed. */
  retain(): ConsumerRecord<K, V>;
}

/** `key` or `value` of the options threw. */
export class UndecodableError extends KafkaError {
  static override readonly name: string = 'UndecodableError';
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;

  constructor(field: 'key' | 'value', at: { topic: string; partition: number; offset: bigint }, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const remedy = `seek past it, or set onUndecodable: 'skip'`;
    super('UNDECODABLE', `${at.topic}[${at.partition}]: the ${field} at offset ${at.offset}: ${reason}; ${remedy}`, {
      cause,
    });
    this.topic = at.topic;
    this.partition = at.partition;
    this.offset = at.offset;
  }
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
}

/** What makes the loop's records out of views. */
export type RecordFactory<K, V> = (view: RecordView, origin: RecordOrigin) => ConsumerRecord<K, V> & InHand;

/** @throws {UndecodableError} (the factory) when a deserialiser throws */
export function recordFactory<K, V>(decoders: Decoders<K, V>): RecordFactory<K, V> {
  const { key, value } = decoders;
  if (key === undefined && value === undefined) {
    // Without deserialisers K and V are their defaults; TypeScript cannot tie the two together.
    const factory: unknown = (view: RecordView, origin: RecordOrigin) => new LazyRecord(view, origin);
    return factory as RecordFactory<K, V>;
  }
  return (view, origin) => {
    const raw = new LazyRecord(view, origin);
    return new DecodedRecord(raw, decode('key', key, raw), decode('value', value, raw));
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
