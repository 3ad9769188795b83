// A record as the loop gets it, and how it is shown.
import type { Header } from '@hopwire/protocol';

/** Ordered; a name may come more than once. */
export type Headers = readonly Header[];

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
  /** Before the deserialiser. */
  readonly rawKey: Buffer | null;
  readonly rawValue: Buffer | null;
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
  /** For `JSON.stringify`. */
  toJSON(): RecordInJson;
}

/** The record that a deserialiser works on: where it is, its headers and its bytes. */
export type UndecodedRecord = Omit<ConsumerRecord, 'retain' | 'toJSON'>;

/** A record in JSON: offsets as text, which may be beyond what a number holds; bytes as text where they are UTF-8. */
export interface RecordInJson {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  /** ISO 8601; null: the record has none, or none that a date can hold */
  readonly time: string | null;
  readonly key: unknown;
  readonly value: unknown;
  readonly headers: readonly (readonly [name: string, value: unknown])[];
}
