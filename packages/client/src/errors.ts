// The errors of the client, and the questions to ask of any error.
//
// Tell errors apart by `code`, not by `instanceof`: an ESM and a CommonJS copy may live in one process.
import { type ErrorName, errorByCode, KafkaError } from '@hopwire/protocol';
import { isError, messageOf } from './thrown.ts';

export { KafkaError, ProtocolError, UnsupportedFieldError, UnsupportedVersionError } from '@hopwire/protocol';
export { asError } from './thrown.ts';

/** A connection could not be opened, or was lost. */
export class ConnectionError extends KafkaError {
  static override readonly name: string = 'ConnectionError';
  /** `host:port` */
  readonly broker: string;
  /** May the broker have seen the request? */
  readonly sent: boolean;
  /** The other end has closed it: what has not arrived by then never will. */
  readonly byPeer: boolean;

  constructor(
    broker: string,
    reason: string,
    options: { sent?: boolean; byPeer?: boolean; retriable?: boolean; cause?: unknown } = {},
  ) {
    super('CONNECTION', `${broker}: ${reason}`, { retriable: options.retriable ?? true, cause: options.cause });
    this.broker = broker;
    this.sent = options.sent ?? false;
    this.byPeer = options.byPeer ?? false;
  }
}

/** A deadline of ours passed. */
export class TimeoutError extends KafkaError {
  static override readonly name: string = 'TimeoutError';
  /** What was being waited for. */
  readonly what: string;
  readonly afterMs: number;
  /** May the broker have seen the request? */
  readonly sent: boolean;

  constructor(what: string, afterMs: number, options: { sent?: boolean; remedy?: string; cause?: unknown } = {}) {
    const remedy = options.remedy ? `; ${options.remedy}` : '';
    super('TIMEOUT', `${what}: not done after ${Math.round(afterMs)} ms${remedy}`, {
      retriable: true,
      cause: options.cause,
    });
    this.what = what;
    this.afterMs = afterMs;
    this.sent = options.sent ?? false;
  }
}

/** TLS or SASL said no. Not retried, unless the same login has worked before: then a few times (`retriable` is true). */
export class AuthenticationError extends KafkaError {
  static override readonly name: string = 'AuthenticationError';
  /** Name of the SASL mechanism, `TLS`, or null when none was used. */
  readonly mechanism: string | null;
  /** The broker's own words. */
  readonly brokerMessage: string | null;

  constructor(
    mechanism: string | null,
    message: string,
    options: { brokerMessage?: string | null; retriable?: boolean; cause?: unknown } = {},
  ) {
    super('AUTHENTICATION', message, { retriable: options.retriable ?? false, cause: options.cause });
    this.mechanism = mechanism;
    this.brokerMessage = options.brokerMessage ?? null;
  }
}

/**
 * An answer is larger than `maxFrameBytes` allows. Never retried: the same question has the same answer. Raise the
 * option, or ask for less.
 */
export class FrameTooLargeError extends KafkaError {
  static override readonly name: string = 'FrameTooLargeError';
  /** `host:port` */
  readonly broker: string;
  /** Name of the API whose answer it was. */
  readonly api: string;
  /** As announced by the broker. */
  readonly size: number;
  /** The option as it is. */
  readonly maxFrameBytes: number;

  constructor(broker: string, api: string, size: number, maxFrameBytes: number) {
    const remedy = 'raise maxFrameBytes, or ask for less at a time';
    super(
      'FRAME_TOO_LARGE',
      `${broker}: ${api}: an answer of ${size} bytes; maxFrameBytes is ${maxFrameBytes}: ${remedy}`,
    );
    this.broker = broker;
    this.api = api;
    this.size = size;
    this.maxFrameBytes = maxFrameBytes;
  }
}

/** A call whose time is up, with what stood in its way, if that is known. */
export function lateBecause(what: string, afterMs: number, cause: Error | undefined): TimeoutError {
  return new TimeoutError(what, afterMs, { cause, ...(cause && { remedy: cause.message }) });
}

/** What an error code in a response was about. */
export interface BrokerErrorPlace {
  topic?: string;
  partition?: number;
  /** Group, transactional id, ...: whatever the request named. */
  subject?: string;
  /** The broker's own words. */
  message?: string | null;
}

const UNKNOWN_SERVER_ERROR = -1;
/**
 * Requests that change nothing may be repeated after whatever failed inside the broker. (KoP answers all of them with
 * UNKNOWN_SERVER_ERROR while it shuts down.)
 */
const QUESTIONS: ReadonlySet<string> = new Set([
  'ApiVersions',
  'Fetch',
  'FindCoordinator',
  'ListOffsets',
  'Metadata',
  'OffsetFetch',
]);

/** An error code in a response. `code` and `errorName` are its name. */
export class BrokerError extends KafkaError {
  static override readonly name: string = 'BrokerError';
  readonly errorCode: number;
  readonly errorName: string;
  readonly api: string;
  readonly topic: string | null;
  readonly partition: number | null;
  readonly brokerMessage: string | null;

  constructor(errorCode: number, api: string, place: BrokerErrorPlace = {}) {
    const { name, text, retriable } = errorByCode(errorCode);
    const mayPass = retriable || (errorCode === UNKNOWN_SERVER_ERROR && QUESTIONS.has(api));
    const said = `${place.message || text}${remedyOf(name, api, place)}`;
    super(name, `${api}${where(place)}: ${name} (${errorCode}), ${said}`, { retriable: mayPass });
    this.errorCode = errorCode;
    this.errorName = name;
    this.api = api;
    this.topic = place.topic ?? null;
    this.partition = place.partition ?? null;
    this.brokerMessage = place.message ?? null;
  }
}

/** A broker that makes topics does so only for clients that allow it, and ours do not unless they are told to. */
function remedyOf(name: string, api: string, { topic, partition }: BrokerErrorPlace): string {
  const isMissingTopic = name === 'UNKNOWN_TOPIC_OR_PARTITION' && api === 'Metadata';
  if (!isMissingTopic || topic === undefined || partition !== undefined) return '';
  return '; create it, or have it created: allowAutoTopicCreation of the client, auto.create.topics.enable of the broker';
}

function where({ topic, partition, subject }: BrokerErrorPlace): string {
  const parts = [];
  if (topic !== undefined) parts.push(partition === undefined ? topic : `${topic}[${partition}]`);
  if (subject !== undefined) parts.push(subject);
  return parts.length > 0 ? ` ${parts.join(' ')}` : '';
}

/** A record was not, or not surely, delivered. */
export class DeliveryError extends KafkaError {
  static override readonly name: string = 'DeliveryError';
  readonly topic: string;
  /** -1: no partition was chosen. */
  readonly partition: number;
  readonly attempts: number;
  /** Was it written? `unknown`: the broker may have it. */
  readonly outcome: 'no' | 'unknown';
  /** For a send of many records: offset or error of each, in their order. */
  readonly results: readonly ({ offset: bigint } | { error: Error })[];

  constructor(
    reason: string,
    place: { topic: string; partition: number; attempts: number; outcome: 'no' | 'unknown' },
    options: {
      retriable?: boolean;
      cause?: unknown;
      results?: readonly ({ offset: bigint } | { error: Error })[];
    } = {},
  ) {
    const fate = place.outcome === 'no' ? 'not delivered' : 'perhaps not delivered (the broker may have it)';
    const target = place.partition < 0 ? place.topic : `${place.topic}[${place.partition}]`;
    super('DELIVERY', `${target}: ${fate}${attemptsText(place.attempts)}: ${reason}`, options);
    this.topic = place.topic;
    this.partition = place.partition;
    this.attempts = place.attempts;
    this.outcome = place.outcome;
    this.results = options.results ?? [];
  }
}

function attemptsText(attempts: number): string {
  return attempts === 0 ? '' : ` after ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`;
}

/** The position is outside the log and no policy says where to go on. */
export class OffsetOutOfRangeError extends KafkaError {
  static override readonly name: string = 'OffsetOutOfRangeError';
  readonly topic: string;
  readonly partition: number;
  readonly position: bigint;
  readonly logStart: bigint;
  readonly logEnd: bigint;

  constructor(topic: string, partition: number, range: { position: bigint; logStart: bigint; logEnd: bigint }) {
    const { position, logStart, logEnd } = range;
    const remedy = 'seek, or set onOutOfRange';
    super('OFFSET_OUT_OF_RANGE', `${topic}[${partition}]: ${position} is outside ${logStart}..${logEnd}; ${remedy}`);
    this.topic = topic;
    this.partition = partition;
    this.position = position;
    this.logStart = logStart;
    this.logEnd = logEnd;
  }
}

/** What was read has been cut away from the log (KIP-320). */
export class LogTruncationError extends KafkaError {
  static override readonly name: string = 'LogTruncationError';
  readonly topic: string;
  readonly partition: number;
  readonly position: bigint;
  readonly divergingOffset: bigint;
  readonly epoch: number;

  constructor(topic: string, partition: number, at: { position: bigint; divergingOffset: bigint; epoch: number }) {
    const cut = `the log was cut at ${at.divergingOffset} (epoch ${at.epoch})`;
    super('LOG_TRUNCATION', `${topic}[${partition}]: position ${at.position}, but ${cut}; seek to go on`);
    this.topic = topic;
    this.partition = partition;
    this.position = at.position;
    this.divergingOffset = at.divergingOffset;
    this.epoch = at.epoch;
  }
}

/** The topic was deleted and made anew under its name, and no policy says where to go on. */
export class TopicRecreatedError extends KafkaError {
  static override readonly name: string = 'TopicRecreatedError';
  readonly topic: string;
  readonly partition: number;
  /** In the topic that is gone; -1: none yet. */
  readonly position: bigint;

  constructor(topic: string, partition: number, position: bigint) {
    const what = `the topic was deleted and made anew; position ${position} was in the old one`;
    super('TOPIC_RECREATED', `${topic}[${partition}]: ${what}; go on to read it from its beginning, or seek`);
    this.topic = topic;
    this.partition = partition;
    this.position = position;
  }
}

/** A fetched batch has a wrong checksum or structure. Nothing of it was delivered. */
export class CorruptBatchError extends KafkaError {
  static override readonly name: string = 'CorruptBatchError';
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;

  constructor(topic: string, partition: number, offset: bigint, cause: unknown) {
    const reason = reasonOf(cause);
    const remedy = `seek past it, or set onCorrupt: 'skip'`;
    super('CORRUPT_BATCH', `${topic}[${partition}]: the batch at offset ${offset} is corrupt: ${reason}; ${remedy}`, {
      cause,
    });
    // The protocol has a class of that name too, and a bundler renames one of the two.
    this.name = 'CorruptBatchError';
    this.topic = topic;
    this.partition = partition;
    this.offset = offset;
  }
}

/** What the protocol says without its own place and advice. */
function reasonOf(cause: unknown): string {
  const isOwn = cause instanceof Error && 'reason' in cause && typeof cause.reason === 'string';
  // The protocol knows the limit under another name.
  return (isOwn ? String(cause.reason) : messageOf(cause)).replace('(maxBytes)', '(maxBatchBytes)');
}

/** A newer member or producer took over. Fatal. */
export class FencedError extends KafkaError {
  static override readonly name: string = 'FencedError';
  readonly memberId: string | null;
  readonly producerId: bigint | null;

  constructor(message: string, who: { memberId?: string; producerId?: bigint }, options: { cause?: unknown } = {}) {
    super('FENCED', message, options);
    this.memberId = who.memberId ?? null;
    this.producerId = who.producerId ?? null;
  }
}

/** The transaction was aborted: begin again. */
export class TransactionAbortedError extends KafkaError {
  static override readonly name: string = 'TransactionAbortedError';
  readonly transactionalId: string;

  constructor(transactionalId: string, options: { cause?: unknown } = {}) {
    super('TRANSACTION_ABORTED', `transaction of ${transactionalId} was aborted; begin it again`, options);
    this.transactionalId = transactionalId;
  }
}

/** Used after `close()`. */
export class ClosedError extends KafkaError {
  static override readonly name: string = 'ClosedError';

  constructor(what: string, options: { cause?: unknown } = {}) {
    super('CLOSED', `${what} is closed; create a new one`, options);
  }
}

/** @param api name of the API whose response had the code */
export function brokerError(code: number, api: string, place?: BrokerErrorPlace): BrokerError {
  return new BrokerError(code, api, place);
}

/** Is it the broker's error with that name? The names are checked by the compiler. */
export function isBrokerError(error: unknown, name?: ErrorName): error is BrokerError {
  if (!isKafkaError(error) || !('errorCode' in error)) return false;
  return name === undefined || error.code === name;
}

/** Of this or another copy of the package. */
export function isKafkaError(error: unknown): error is KafkaError {
  if (!isError(error)) return false;
  try {
    return (
      'code' in error && typeof error.code === 'string' && 'retriable' in error && typeof error.retriable === 'boolean'
    );
  } catch {
    return false; // of the user's making: even asking it throws
  }
}

/**
 * May the same call succeed later without anything being changed? The one place that decides: broker errors by Kafka's
 * table, lost connections and timeouts yes, refusals (TLS, SASL, versions), wrong usage and everything unknown no.
 */
export function isRetriable(error: unknown): boolean {
  return isKafkaError(error) && error.retriable;
}

/**
 * Was the cause old metadata, so that it has to be refreshed before the next attempt? Also when the broker knows only older leader
 * epochs than ours: those of a topic that was made anew begin at 0.
 */
export function refreshesMetadata(error: unknown): boolean {
  if (isBrokerError(error, 'UNKNOWN_LEADER_EPOCH')) return true;
  if (isBrokerError(error)) return errorByCode(error.errorCode).refreshesMetadata;
  return isKafkaError(error) && (error.code === 'CONNECTION' || error.code === 'TIMEOUT');
}

/** `key` or `value` of the options threw. */
export class UndecodableError extends KafkaError {
  static override readonly name: string = 'UndecodableError';
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** The message without the remedy. */
  readonly reason: string;

  constructor(field: 'key' | 'value', at: { topic: string; partition: number; offset: bigint }, cause: unknown) {
    const said = messageOf(cause);
    const reason = `${at.topic}[${at.partition}]: the ${field} at offset ${at.offset}: ${said}`;
    super('UNDECODABLE', `${reason}; seek past it, or set onUndecodable: 'skip'`, { cause });
    this.reason = reason;
    this.topic = at.topic;
    this.partition = at.partition;
    this.offset = at.offset;
  }
}
