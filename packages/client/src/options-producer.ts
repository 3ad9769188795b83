// Options of a producer: type, default, unit and check of each.
import { type CompressionName, compressionNames } from '@hopwire/protocol';
import type { Bytes } from './types.ts';
import { bool, checkObject, integer, oneOf, optionalFunction, refuseUnknown } from './util/check-options.ts';

const MiB = 1024 * 1024;

/** What an own partitioner is told. */
export interface PartitionerInfo {
  readonly topic: string;
  readonly key: Buffer | null;
  /** How many partitions the topic has; the answer must be below. */
  readonly partitions: number;
}

/** Chooses the partition of a record that names none. */
export type Partitioner = (info: PartitionerInfo) => number;

/** Turns a key or value into what is written. It must answer at once. */
export type Serializer<T> = (what: T, of: { readonly topic: string }) => Bytes | null;

/** @typeParam K @typeParam V what records have for key and value; anything else than bytes and text needs a serializer */
export interface ProducerOptions<K = Bytes | null, V = Bytes | null> {
  /** Who must have a record before it counts as delivered. Default `all`; the others switch idempotence off. */
  acks?: 'all' | 'leader' | 'none' | undefined;
  /** No duplicates and no disorder under retries. Default true with acks `all`. */
  idempotence?: boolean | undefined;
  /** Produce requests under way to one broker. Default 5, which is also the most with idempotence. */
  maxInFlight?: number | undefined;
  /** How long a batch waits for company while another is under way. Default 5. */
  lingerMs?: number | undefined;
  /** Default 1 MiB. */
  batchBytes?: number | undefined;
  /** All records not yet delivered. Default 64 MiB. */
  bufferBytes?: number | undefined;
  /** One Produce request. Default 8 MiB. */
  maxRequestBytes?: number | undefined;
  /**
   * From `send` to the outcome, all retries included. Records that share a batch and were sent within a twentieth of this
   * may end together, with the first of them. Default 120,000. Kafka: delivery.timeout.ms.
   */
  deliveryTimeoutMs?: number | undefined;
  /** `none` (default), `gzip`, `snappy`, `lz4` or `zstd` (Kafka 2.1, KIP-110). Kept only where it makes a batch smaller. */
  compression?: CompressionName | undefined;
  /** Default: murmur2 of the key as in Java, else a partition that changes each 64 KiB (KIP-794). */
  partitioner?: Partitioner | undefined;
  /**
   * Turns each record's key into bytes or text. Not called where there is no key. What it throws is told by `send` with the
   * place of the record. Kafka: key.serializer.
   */
  key?: Serializer<K> | undefined;
  /** As `key`, for the value; not called for null, which stays a tombstone. Kafka: value.serializer. */
  value?: Serializer<V> | undefined;
}

export interface ResolvedProducerOptions {
  readonly acks: 'all' | 'leader' | 'none';
  readonly idempotence: boolean;
  readonly maxInFlight: number;
  readonly lingerMs: number;
  readonly batchBytes: number;
  readonly bufferBytes: number;
  readonly maxRequestBytes: number;
  readonly deliveryTimeoutMs: number;
  readonly compression: CompressionName;
  readonly partitioner: Partitioner | undefined;
}

/** The same with what depends on the types of key and value. */
export interface TypedProducerOptions<K, V> extends ResolvedProducerOptions {
  readonly key: Serializer<K> | undefined;
  readonly value: Serializer<V> | undefined;
}

const NAMES = [
  'acks',
  'idempotence',
  'maxInFlight',
  'lingerMs',
  'batchBytes',
  'bufferBytes',
  'maxRequestBytes',
  'deliveryTimeoutMs',
  'compression',
  'partitioner',
  'key',
  'value',
] as const satisfies readonly (keyof ProducerOptions)[];

/** Most Produce requests in flight for which a broker can still put an idempotent producer's batches in order. */
const IDEMPOTENT_WINDOW = 5;

/** @throws {TypeError | RangeError} for unknown names and values that cannot be meant */
export function resolveProducerOptions<K, V>(options: ProducerOptions<K, V> = {}): TypedProducerOptions<K, V> {
  checkObject('producer', options);
  refuseUnknown('producer', options, NAMES);
  const acks = oneOf('acks', options.acks, 'all', ['all', 'leader', 'none']);
  const idempotence = bool('idempotence', options.idempotence, acks === 'all');
  if (idempotence && acks !== 'all') throw new RangeError(`idempotence needs acks 'all', not '${acks}'`);
  return {
    acks,
    idempotence,
    maxInFlight: integer('maxInFlight', options.maxInFlight, 5, 1, idempotence ? IDEMPOTENT_WINDOW : 1000),
    lingerMs: integer('lingerMs', options.lingerMs, 5),
    batchBytes: integer('batchBytes', options.batchBytes, MiB, 1),
    bufferBytes: integer('bufferBytes', options.bufferBytes, 64 * MiB, 1024),
    maxRequestBytes: integer('maxRequestBytes', options.maxRequestBytes, 8 * MiB, 1024),
    deliveryTimeoutMs: integer('deliveryTimeoutMs', options.deliveryTimeoutMs, 120_000, 1),
    compression: oneOf('compression', options.compression, 'none', compressionNames),
    partitioner: optionalFunction('partitioner', options.partitioner),
    key: optionalFunction('key', options.key),
    value: optionalFunction('value', options.value),
  };
}
