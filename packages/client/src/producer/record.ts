// What callers give to produce, and the check of it: taken in its obvious meaning, or refused by the name of its field.
import { BatchBuilder, type HeaderInput } from '@hopwire/protocol';
import type { Serializer } from '../options-producer.ts';
import type { Bytes } from '../types.ts';
import { clock } from '../util/clock.ts';
import { kindOf } from '../util/kind-of.ts';
import { nearName } from '../util/near-name.ts';
import { checkTopic } from '../util/topic-name.ts';
import type { TakenRecord } from './partition-queue.ts';
import { checkBytes, pathOf } from './record-bytes.ts';
import { checkHeaders, type RecordHeaders } from './record-headers.ts';
import { type Place, type Serializers, serialized } from './serializers.ts';

/** One record of a topic. */
export interface ProducerMessage<K = Bytes | null, V = Bytes | null> {
  key?: K | null | undefined;
  /** null: a tombstone on a compacted topic. */
  value: V | null;
  headers?: RecordHeaders | null | undefined;
  /** Default: chosen by key, or in turn. */
  partition?: number | null | undefined;
  /** Milliseconds since 1970. Default: now. */
  timestampMs?: number | null | undefined;
}

export interface ProducerRecord<K = Bytes | null, V = Bytes | null> extends ProducerMessage<K, V> {
  topic: string;
}

/** Many records for one topic, with one promise for all. */
export interface TopicRecords<K = Bytes | null, V = Bytes | null> {
  topic: string;
  messages: readonly ProducerMessage<K, V>[];
}

/** The records of one send. */
export interface CheckedRecords {
  readonly topic: string;
  readonly messages: CheckedRecord[];
}

/** A record that may be written as it is. */
export interface CheckedRecord extends TakenRecord {
  readonly topic: string;
  readonly partition: number | null;
  /** For the partitioner. */
  readonly keyBytes: Buffer | null;
  /** Upper bound of what it takes in a batch. */
  readonly bytes: number;
}

const NO_HEADERS: readonly HeaderInput[] = [];
const FIELDS = ['topic', 'key', 'value', 'headers', 'partition', 'timestampMs'];

/** What people write when they mean one of the fields. */
const MEANT: ReadonlyMap<string, string> = new Map([
  ...['timestamp', 'time', 'ts', 'date', 'createTime', 'timestampType'].map((name) => [name, 'timestampMs'] as const),
  ...['header', 'attributes', 'properties'].map((name) => [name, 'headers'] as const),
  ...['partitionId', 'partitionKey', 'partitions', 'partitionIndex'].map((name) => [name, 'partition'] as const),
  ...['message', 'payload', 'data', 'body', 'content', 'values'].map((name) => [name, 'value'] as const),
  ...['keys', 'messageKey'].map((name) => [name, 'key'] as const),
  ...['topics', 'topicName'].map((name) => [name, 'topic'] as const),
  ['topicMessages', 'messages, beside its one topic'],
]);

/** @throws {TypeError | RangeError} for what cannot be a record */
export function checkRecord<K, V>(record: ProducerRecord<K, V>, serializers: Serializers<K, V>): CheckedRecord {
  if (typeof record !== 'object' || record === null)
    throw new TypeError(`a record is { topic, value, ... }, not ${kindOf(record)}`);
  if (record.topic === undefined) refuseFields(record, -1); // a field of another name says more than that
  return checked(checkTopic(record.topic), record, -1, serializers);
}

/** @returns the topic, and its records; `path` of each in messages is `messages[3].value` */
export function checkRecords<K, V>(records: TopicRecords<K, V>, serializers: Serializers<K, V>): CheckedRecords {
  const { topic: name, messages } = records;
  if (!Array.isArray(messages)) throw new TypeError(`messages must be an array of records, not ${kindOf(messages)}`);
  for (const field of Object.keys(records)) if (field !== 'topic' && field !== 'messages') refuseBeside(field);
  const topic = checkTopic(name);
  return {
    topic,
    messages: Array.from(messages, (message: unknown, at) => checkMessage(topic, message, at, serializers)),
  };
}

function checkMessage<K, V>(
  topic: string,
  message: unknown,
  at: number,
  serializers: Serializers<K, V>,
): CheckedRecord {
  if (!isMessage<K, V>(message))
    throw new TypeError(`messages[${at}] must be a record { key, value, ... }, not ${kindOf(message)}`);
  const own = 'topic' in message ? message.topic : undefined;
  if (own !== undefined && own !== topic) {
    throw new TypeError(
      `messages[${at}].topic: all messages of one send go to its topic ${topic}, not to ${String(own)}`,
    );
  }
  return checked(topic, message, at, serializers);
}

/** Its fields are looked at one by one. */
function isMessage<K, V>(message: unknown): message is ProducerMessage<K, V> {
  return typeof message === 'object' && message !== null;
}

/** @param at its place among the messages; below 0: it is the only one */
function checked<K, V>(
  topic: string,
  record: ProducerMessage<K, V>,
  at: number,
  serializers: Serializers<K, V>,
): CheckedRecord {
  refuseFields(record, at);
  const key = record.key === undefined ? null : fieldOf(record.key, serializers.key, { topic, field: 'key', at });
  const value = fieldOf(record.value, serializers.value, { topic, field: 'value', at });
  const headers = record.headers === undefined ? NO_HEADERS : checkHeaders(record.headers, at);
  const takenAtMs = clock.wallNow();
  return {
    topic,
    partition: checkPartition(record.partition, at),
    key,
    value,
    headers,
    keyBytes: toBuffer(key),
    timestampMs: checkTimestamp(record.timestampMs, at, takenAtMs),
    takenAtMs,
    bytes: BatchBuilder.sizeOf(lengthOf(key), lengthOf(value), headers),
  };
}

/** Bytes as they are given, or as the options' serializer makes them. */
function fieldOf<T>(given: T | null, serialize: Serializer<T> | undefined, place: Place): Bytes | null {
  return checkBytes(place.field, serialize ? serialized(serialize, given, place) : given, place.at);
}

function isField(name: string): boolean {
  switch (name) {
    case 'topic':
    case 'key':
    case 'value':
    case 'headers':
    case 'partition':
    case 'timestampMs':
      return true;
    default:
      return false;
  }
}

function refuseFields(record: object, at: number): void {
  for (const field in record) if (!isField(field)) refuseField(record, field, at);
}

/** What is not a field would be lost without a word. Inherited ones and those without a value say nothing. */
function refuseField(record: object, field: string, at: number): void {
  const own = Object.getOwnPropertyDescriptor(record, field);
  if (!own || (own.get === undefined && own.value === undefined)) return;
  const meant = MEANT.get(field) ?? nearName(field, FIELDS);
  const remedy = meant === undefined ? `the fields are ${FIELDS.join(', ')}` : `it is called ${meant}`;
  throw new TypeError(`${pathOf(field, at)}: a record has no such field; ${remedy}`);
}

function refuseBeside(field: string): void {
  const remedy = isField(field) ? 'it belongs into each of the messages' : 'send takes { topic, messages }';
  throw new TypeError(`${field}: there is no such field beside messages; ${remedy}`);
}

function checkPartition(partition: unknown, at: number): number | null {
  if (partition === undefined || partition === null) return null;
  if (typeof partition !== 'number') {
    throw new TypeError(`${pathOf('partition', at)} must be a number, not ${kindOf(partition)}`);
  }
  if (Number.isInteger(partition) && partition >= 0 && partition <= 0x7fffffff) return partition;
  throw new RangeError(`${pathOf('partition', at)} must be a whole number from 0, not ${partition}`);
}

function checkTimestamp(timestampMs: unknown, at: number, nowMs: number): number {
  if (timestampMs === undefined || timestampMs === null) return nowMs;
  if (typeof timestampMs !== 'number') {
    const given = kindOf(timestampMs);
    throw new TypeError(`${pathOf('timestampMs', at)} must be milliseconds since 1970 as a number, not ${given}`);
  }
  if (Number.isSafeInteger(timestampMs) && timestampMs >= 0) return timestampMs;
  throw new RangeError(`${pathOf('timestampMs', at)} must be whole milliseconds since 1970, not ${timestampMs}`);
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
