// Options of a consumer: type, default, unit and check of each.
import type { UndecodedRecord } from './consumer-record.ts';
import type { UndecodableError } from './errors.ts';
import type { PartitionStart, TopicPartition } from './types.ts';
import { checkObject, given, integer, oneOf, optionalFunction, refuseUnknown, text } from './util/check-options.ts';
import { checkSignal } from './util/check-waiting.ts';
import { kindOf } from './util/kind-of.ts';
import { checkTopics } from './util/topic-name.ts';

const MiB = 1024 * 1024;

/**
 * Turns a key or value into what the consumer yields. With a promise the loop waits for it, as for its own body; the records
 * of a batch are then read with `for await`.
 */
export type Deserializer<T> = (bytes: Buffer | null, of: UndecodedRecord) => T | PromiseLike<T>;

/** What is done about a record that a deserialiser threw for: the loop ends with the error, or goes on without it. */
export type UndecodablePolicy = 'throw' | 'skip';

/** Where to begin when there is no committed offset. `last`: so many records before the end of each partition. */
export type StartAt = 'earliest' | 'latest' | { timestampMs: number } | { last: number };

export type AssignorName = 'range' | 'roundrobin' | 'sticky' | 'cooperative-sticky';

/** Told when partitions come and go; awaited within the rebalance timeout. */
type PartitionsHook = (partitions: readonly TopicPartition[]) => void | Promise<void>;

export interface ConsumerOptions<K = Buffer | null, V = Buffer | null> {
  /** Group to join (with `topics`), or whose offsets to use (with `assign`). */
  groupId?: string | undefined;
  /** Static member id (KIP-345). */
  groupInstanceId?: string | undefined;
  /** Topics to share with the group; patterns match whole names if anchored. */
  topics?: readonly (string | RegExp)[] | undefined;
  /** Partitions to read without joining a group. */
  assign?: readonly PartitionStart[] | undefined;
  /** Default `latest`. */
  startAt?: StartAt | undefined;
  /** Default `none`: an OffsetOutOfRangeError. */
  onOutOfRange?: 'earliest' | 'latest' | 'nearest' | 'none' | undefined;
  /** A named topic that is not there, or is deleted while it is read. Default `wait`: until it is there (again). */
  onMissingTopic?: 'wait' | 'throw' | undefined;
  /** Default `throw`. */
  onCorrupt?: 'throw' | 'skip' | undefined;
  /**
   * A key or value that `key` or `value` threw for. Default `throw`. A function decides for each record, and may keep it
   * elsewhere; it must answer at once, and what it throws ends the loop in place of the error.
   */
  onUndecodable?:
    | UndecodablePolicy
    | ((error: UndecodableError, record: UndecodedRecord) => UndecodablePolicy)
    | undefined;
  /** Default `read_committed`. */
  isolation?: 'read_committed' | 'read_uncommitted' | undefined;
  /** Default `auto`: what is done is committed in the background. */
  commit?: 'auto' | 'manual' | undefined;
  /** Default 5,000. */
  commitIntervalMs?: number | undefined;
  /**
   * `end`: iteration ends at the log ends seen at start. A topic that is deleted before that is read makes the loop throw
   * (`UNKNOWN_TOPIC_OR_PARTITION`) when all else is read.
   */
  until?: 'end' | undefined;
  /** Iteration ends after so many records. */
  limit?: number | undefined;
  /** How long a broker may hold a fetch that has nothing to give. Default 500. */
  maxWaitMs?: number | undefined;
  /** Default 1. */
  minBytes?: number | undefined;
  /** One fetch, and one partition of it. Default 50 MiB and 1 MiB. */
  maxBytes?: number | undefined;
  partitionBytes?: number | undefined;
  /** Fetched and not yet handled. Default 64 MiB. */
  prefetchBytes?: number | undefined;
  /** One batch after decompression. Default 100 MiB. */
  maxBatchBytes?: number | undefined;
  /** Default `range` and `cooperative-sticky`, as in Java; so far `range` alone is available. */
  assignors?: readonly AssignorName[] | undefined;
  /**
   * A member that is not heard of for so long is out of its group. When the event loop was blocked or the broker silent for
   * that long, nothing more is handed out until the broker has said that we are still in; with more than ten seconds of it
   * left, up to sixteen quick records may follow the one that blocked. Default 45,000.
   */
  sessionTimeoutMs?: number | undefined;
  /**
   * How often (ms) a member says that it is there; at most a third of `sessionTimeoutMs`. Default 3,000, or that third if it
   * is less. Kafka: heartbeat.interval.ms.
   */
  heartbeatIntervalMs?: number | undefined;
  /**
   * The longest a body or hook may take (ms) before the group goes on without us: what was done before is committed, the
   * partitions are given back, and the consumer joins again when the body has ended. Kafka's `max.poll.interval.ms`.
   * Default 300,000.
   */
  maxProcessingMs?: number | undefined;
  /**
   * No broker could be reached for so long (ms), at the start or later: the loop ends with the last failure. By default
   * it waits for as long as it takes, and the log says why nothing comes.
   */
  unreachableTimeoutMs?: number | undefined;
  /**
   * Aborting it ends the consumer as `close()` does: the loop's body may finish, what is done is committed, the group is
   * left, and then the loop ends without an error. With `commit: 'manual'` it ends at once, so that a last `commit()` may
   * follow it: until that, or `close()`, or for five seconds the consumer stays in the group.
   */
  signal?: AbortSignal | undefined;
  key?: Deserializer<K> | undefined;
  value?: Deserializer<V> | undefined;
  onAssigned?: PartitionsHook | undefined;
  /** These are given back, and were ours until now: what is done is committed before. Each goes once: so, or lost. */
  onRevoked?: PartitionsHook | undefined;
  /** These are gone, and others may have them already: nothing of them can be committed. */
  onLost?: PartitionsHook | undefined;
}

/** Options with their defaults. */
export interface ResolvedConsumerOptions<K = Buffer | null, V = Buffer | null> {
  readonly groupId: string | undefined;
  readonly groupInstanceId: string | undefined;
  readonly topics: readonly (string | RegExp)[];
  readonly assign: readonly PartitionStart[];
  readonly startAt: StartAt;
  readonly onOutOfRange: 'earliest' | 'latest' | 'nearest' | 'none';
  readonly onMissingTopic: 'wait' | 'throw';
  readonly onCorrupt: 'throw' | 'skip';
  readonly onUndecodable: (error: UndecodableError, record: UndecodedRecord) => UndecodablePolicy;
  readonly isolation: 'read_committed' | 'read_uncommitted';
  readonly commit: 'auto' | 'manual';
  readonly commitIntervalMs: number;
  readonly until: 'end' | undefined;
  /** Infinity: no limit */
  readonly limit: number;
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly partitionBytes: number;
  readonly prefetchBytes: number;
  readonly maxBatchBytes: number;
  readonly assignors: readonly AssignorName[];
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly maxProcessingMs: number;
  /** Infinity: no limit */
  readonly unreachableTimeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly key: Deserializer<K> | undefined;
  readonly value: Deserializer<V> | undefined;
  readonly onAssigned: PartitionsHook | undefined;
  readonly onRevoked: PartitionsHook | undefined;
  readonly onLost: PartitionsHook | undefined;
}

const UNDECODABLE: readonly UndecodablePolicy[] = ['throw', 'skip'];

const NAMES = [
  'groupId',
  'groupInstanceId',
  'topics',
  'assign',
  'startAt',
  'onOutOfRange',
  'onMissingTopic',
  'onCorrupt',
  'onUndecodable',
  'isolation',
  'commit',
  'commitIntervalMs',
  'until',
  'limit',
  'maxWaitMs',
  'minBytes',
  'maxBytes',
  'partitionBytes',
  'prefetchBytes',
  'maxBatchBytes',
  'assignors',
  'sessionTimeoutMs',
  'heartbeatIntervalMs',
  'maxProcessingMs',
  'unreachableTimeoutMs',
  'signal',
  'key',
  'value',
  'onAssigned',
  'onRevoked',
  'onLost',
] as const satisfies readonly (keyof ConsumerOptions)[];

/** The others are for members of other clients in the same group. */
const AVAILABLE: AssignorName = 'range';
const ASSIGNORS: readonly AssignorName[] = ['range', 'roundrobin', 'sticky', 'cooperative-sticky'];

/** @throws {TypeError | RangeError} for unknown names and values that cannot be meant */
export function resolveConsumerOptions<K, V>(options: ConsumerOptions<K, V>): ResolvedConsumerOptions<K, V> {
  checkObject('consumer', options);
  refuseUnknown('consumer', options, NAMES);
  const topics = options.topics === undefined ? [] : checkTopics('topics', options.topics);
  const assign = options.assign ?? [];
  if (topics.length > 0 && assign.length > 0) throw new TypeError('consumer: give either topics or assign, not both');
  const groupId = text('groupId', options.groupId);
  const groupInstanceId = text('groupInstanceId', options.groupInstanceId);
  if (groupInstanceId !== undefined && groupId === undefined)
    throw new TypeError('groupInstanceId is that of a member of a group; give a groupId too');
  return {
    groupId,
    groupInstanceId,
    topics,
    assign,
    ...resolvePolicies(options),
    ...resolveLimits(options),
    ...resolveMembership(options),
    signal: checkSignal('signal', options.signal),
    key: optionalFunction('key', options.key),
    value: optionalFunction('value', options.value),
    onAssigned: optionalFunction('onAssigned', options.onAssigned),
    onRevoked: optionalFunction('onRevoked', options.onRevoked),
    onLost: optionalFunction('onLost', options.onLost),
  };
}

/** What does not depend on the types of key and value. */
type Untyped = Omit<ConsumerOptions, 'key' | 'value'>;

function resolvePolicies(
  options: Untyped,
): Pick<
  ResolvedConsumerOptions,
  'startAt' | 'onOutOfRange' | 'onMissingTopic' | 'onCorrupt' | 'onUndecodable' | 'isolation' | 'commit' | 'until'
> {
  const { until } = options;
  return {
    startAt: resolveStartAt(options.startAt),
    onOutOfRange: oneOf('onOutOfRange', options.onOutOfRange, 'none', ['earliest', 'latest', 'nearest', 'none']),
    onMissingTopic: oneOf('onMissingTopic', options.onMissingTopic, 'wait', ['wait', 'throw']),
    onCorrupt: oneOf('onCorrupt', options.onCorrupt, 'throw', ['throw', 'skip']),
    onUndecodable: resolveUndecodable(options.onUndecodable),
    isolation: oneOf('isolation', options.isolation, 'read_committed', ['read_committed', 'read_uncommitted']),
    commit: oneOf('commit', options.commit, 'auto', ['auto', 'manual']),
    until: until === undefined ? undefined : oneOf('until', until, 'end', ['end']),
  };
}

function resolveUndecodable(decide: ConsumerOptions['onUndecodable']): ResolvedConsumerOptions['onUndecodable'] {
  if (typeof decide !== 'function') {
    const policy = oneOf('onUndecodable', decide, 'throw', UNDECODABLE);
    return () => policy;
  }
  return (error, record) => {
    const answer: unknown = decide(error, record);
    // An answer that comes later is none, and what it rejects with must not end the process.
    if (answer instanceof Promise) answer.catch(() => undefined);
    return oneOf(`${error.reason}: what onUndecodable returned`, answer, 'throw', UNDECODABLE);
  };
}

function resolveStartAt(startAt: StartAt | undefined): StartAt {
  if (startAt === undefined) return 'latest';
  if (typeof startAt === 'string') return oneOf('startAt', startAt, 'latest', ['earliest', 'latest']);
  if (typeof startAt !== 'object' || startAt === null || !('last' in startAt || 'timestampMs' in startAt)) {
    const hint = Object(startAt) instanceof Date ? '; a time is { timestampMs: date.getTime() }' : '';
    throw new TypeError(
      `startAt must be 'earliest', 'latest', { timestampMs } or { last }, not ${given(startAt)}${hint}`,
    );
  }
  refuseUnknown('startAt', startAt, 'last' in startAt ? ['last'] : ['timestampMs']);
  if ('last' in startAt) return { last: required('startAt.last', startAt.last) };
  return { timestampMs: required('startAt.timestampMs', startAt.timestampMs, Number.MAX_SAFE_INTEGER) };
}

/** What is named is meant: undefined is a mistake, not the default. */
function required(name: string, value: unknown, max?: number): number {
  if (value === undefined) throw new TypeError(`${name} must be a number, not undefined`);
  return integer(name, value, 0, 0, max);
}

function resolveLimits(
  options: Untyped,
): Pick<
  ResolvedConsumerOptions,
  'limit' | 'maxWaitMs' | 'minBytes' | 'maxBytes' | 'partitionBytes' | 'prefetchBytes' | 'maxBatchBytes'
> {
  return {
    limit: limitOf('limit', options.limit, 0),
    maxWaitMs: integer('maxWaitMs', options.maxWaitMs, 500),
    minBytes: integer('minBytes', options.minBytes, 1),
    maxBytes: integer('maxBytes', options.maxBytes, 50 * MiB, 1),
    partitionBytes: integer('partitionBytes', options.partitionBytes, MiB, 1),
    prefetchBytes: integer('prefetchBytes', options.prefetchBytes, 64 * MiB, 1),
    maxBatchBytes: integer('maxBatchBytes', options.maxBatchBytes, 100 * MiB, 1),
  };
}

/** Infinity: none */
function limitOf(name: string, value: number | undefined, least: number): number {
  if (value === undefined || value === Infinity) return Infinity;
  return integer(name, value, 0, least, Number.MAX_SAFE_INTEGER);
}

function resolveMembership(
  options: Untyped,
): Pick<
  ResolvedConsumerOptions,
  | 'assignors'
  | 'sessionTimeoutMs'
  | 'heartbeatIntervalMs'
  | 'maxProcessingMs'
  | 'unreachableTimeoutMs'
  | 'commitIntervalMs'
> {
  const sessionTimeoutMs = integer('sessionTimeoutMs', options.sessionTimeoutMs, 45_000, 1);
  return {
    assignors: resolveAssignors(options.assignors),
    sessionTimeoutMs,
    heartbeatIntervalMs: resolveHeartbeat(options.heartbeatIntervalMs, sessionTimeoutMs),
    maxProcessingMs: integer('maxProcessingMs', options.maxProcessingMs, 300_000, 1),
    unreachableTimeoutMs: limitOf('unreachableTimeoutMs', options.unreachableTimeoutMs, 1),
    commitIntervalMs: integer('commitIntervalMs', options.commitIntervalMs, 5_000, 1),
  };
}

function resolveAssignors(names: unknown): AssignorName[] {
  if (names === undefined || names === null) return ['range', 'cooperative-sticky'];
  if (!Array.isArray(names)) throw new TypeError(`assignors must be a list of names, not ${kindOf(names)}`);
  if (names.length === 0) throw new RangeError(`assignors must name at least one of ${ASSIGNORS.join(', ')}`);
  if (!names.includes(AVAILABLE)) {
    const wanted = names.map((name: unknown) => given(name)).join(', ');
    throw new RangeError(`assignors: only '${AVAILABLE}' is available so far, which is not among ${wanted}`);
  }
  return Array.from(names, (name: unknown, at) => {
    // What an array lacks is not left out.
    if (name === undefined)
      throw new TypeError(`assignors[${at}] must be one of ${ASSIGNORS.join(', ')}, not undefined`);
    return oneOf(`assignors[${at}]`, name, 'range', ASSIGNORS);
  });
}

/** One lost heartbeat, and one that is late, must not cost the session: three of them fit into it, as Kafka advises. */
function resolveHeartbeat(heartbeatIntervalMs: unknown, sessionTimeoutMs: number): number {
  const most = Math.max(1, Math.floor(sessionTimeoutMs / 3));
  if (heartbeatIntervalMs === undefined) return Math.min(3_000, most);
  const ms = integer('heartbeatIntervalMs', heartbeatIntervalMs, 0, 1);
  if (ms <= most) return ms;
  const session = `of the ${sessionTimeoutMs} ms of sessionTimeoutMs`;
  throw new RangeError(`heartbeatIntervalMs must be at most a third ${session} (${most} ms), not ${ms}`);
}
