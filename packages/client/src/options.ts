// Options of the client itself: type, default, unit and check of each. Those of producer and consumer are re-exported.
import type { Duplex } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';
import type { KafkaEvent, Logger } from './events.ts';
import type { SaslMechanism } from './sasl/mechanism.ts';
import { messageOf } from './thrown.ts';
import { bool, checkObject, given, integer, optionalFunction, refuseUnknown, text } from './util/check-options.ts';
import { harmless } from './util/harmless.ts';
import { kindOf } from './util/kind-of.ts';

export {
  type AssignorName,
  type ConsumerOptions,
  type Deserializer,
  type ResolvedConsumerOptions,
  resolveConsumerOptions,
  type StartAt,
  type UndecodablePolicy,
} from './options-consumer.ts';
export {
  type Partitioner,
  type PartitionerInfo,
  type ProducerOptions,
  type ResolvedProducerOptions,
  resolveProducerOptions,
  type Serializer,
  type TypedProducerOptions,
} from './options-producer.ts';

/** Node's own TLS options; `host`, `port` and `servername` are set from each broker's address. */
export type TlsOptions = Omit<ConnectionOptions, 'host' | 'port' | 'path' | 'socket'>;

/** Replaces the dialer, for proxies and tunnels. What it resolves with has to be connected. */
export type OpenSocket = (address: { host: string; port: number; signal: AbortSignal }) => Promise<Duplex>;

/** Options of `createClient`. */
export interface KafkaOptions {
  /** `host:port`, one or more, to find the cluster by; the port is 9092 if left out. */
  brokers: string | readonly string[];
  /** Seen in the brokers' logs and quotas. Default `hopwire`. */
  clientId?: string | undefined;
  /** `true`: verify against the system's roots. Default false. */
  tls?: boolean | TlsOptions | undefined;
  sasl?: SaslMechanism | undefined;
  /** TCP, TLS, versions and SASL together. Default 10,000. */
  connectTimeoutMs?: number | undefined;
  /** One attempt of one request. Default 30,000. */
  requestTimeoutMs?: number | undefined;
  /** Default 100 and 1,000, with full jitter. */
  retryBackoffMs?: number | undefined;
  retryBackoffMaxMs?: number | undefined;
  /** Default 300,000. */
  metadataMaxAgeMs?: number | undefined;
  /** A connection without requests for so long is closed; 0: never. Default 540,000. */
  idleConnectionMs?: number | undefined;
  /** A larger announced frame closes the connection, and the call gets FRAME_TOO_LARGE. Default 128 MiB. */
  maxFrameBytes?: number | undefined;
  /**
   * May sending to a topic, or subscribing to it, create it? The broker must do that too (`auto.create.topics.enable`;
   * `autoCreateTopics` of a TestBroker). Default false, unlike Kafka's own producer: a mistyped name is an error.
   */
  allowAutoTopicCreation?: boolean | undefined;
  /** Gets every event. What it throws is harmless, and logged once for each type of event. */
  onEvent?: ((event: KafkaEvent) => void) | undefined;
  /** Default: to standard error what is more than a detail: errors, warnings, and that what was warned of is over. */
  logger?: Logger | undefined;
  openSocket?: OpenSocket | undefined;
}

/** Of DNS, with room for the zone of an IPv6 address. */
const LONGEST_HOST = 300;

/** Host and port of a bootstrap broker. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Options with their defaults. */
export interface ResolvedKafkaOptions {
  readonly brokers: readonly HostPort[];
  readonly clientId: string;
  /** undefined: no TLS */
  readonly tls: TlsOptions | undefined;
  readonly sasl: SaslMechanism | undefined;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly retryBackoffMs: number;
  readonly retryBackoffMaxMs: number;
  readonly metadataMaxAgeMs: number;
  readonly idleConnectionMs: number;
  readonly maxFrameBytes: number;
  readonly allowAutoTopicCreation: boolean;
  readonly onEvent: ((event: KafkaEvent) => void) | undefined;
  readonly logger: Logger;
  readonly openSocket: OpenSocket | undefined;
}

const NAMES = [
  'brokers',
  'clientId',
  'tls',
  'sasl',
  'connectTimeoutMs',
  'requestTimeoutMs',
  'retryBackoffMs',
  'retryBackoffMaxMs',
  'metadataMaxAgeMs',
  'idleConnectionMs',
  'maxFrameBytes',
  'allowAutoTopicCreation',
  'onEvent',
  'logger',
  'openSocket',
] as const satisfies readonly (keyof KafkaOptions)[];

/**
 * Fills in the defaults.
 *
 * @throws {TypeError | RangeError} for unknown names and values that cannot be meant
 */
export function resolveKafkaOptions(options: KafkaOptions): ResolvedKafkaOptions {
  checkObject('createClient', options);
  refuseUnknown('createClient', options, NAMES);
  return {
    brokers: resolveBrokers(options.brokers),
    clientId: text('clientId', options.clientId) ?? 'hopwire',
    tls: resolveTls(options.tls),
    sasl: resolveSasl(options.sasl),
    connectTimeoutMs: integer('connectTimeoutMs', options.connectTimeoutMs, 10_000, 1),
    requestTimeoutMs: integer('requestTimeoutMs', options.requestTimeoutMs, 30_000, 1),
    retryBackoffMs: integer('retryBackoffMs', options.retryBackoffMs, 100, 1),
    retryBackoffMaxMs: integer('retryBackoffMaxMs', options.retryBackoffMaxMs, 1_000, 1),
    metadataMaxAgeMs: integer('metadataMaxAgeMs', options.metadataMaxAgeMs, 300_000, 1),
    idleConnectionMs: integer('idleConnectionMs', options.idleConnectionMs, 540_000),
    maxFrameBytes: integer('maxFrameBytes', options.maxFrameBytes, 128 * 1024 * 1024, 1024),
    allowAutoTopicCreation: bool('allowAutoTopicCreation', options.allowAutoTopicCreation, false),
    onEvent: optionalFunction('onEvent', options.onEvent),
    logger: resolveLogger(options.logger),
    openSocket: optionalFunction('openSocket', options.openSocket),
  };
}

/** A logger that throws is not told of it, and harms nobody; it is said once. */
function resolveLogger(logger: Logger = consoleLogger): Logger {
  let hasFailed = false;
  const say = (level: keyof Logger): Logger[keyof Logger] => {
    if (typeof logger?.[level] !== 'function')
      throw new TypeError(`logger.${level} must be a function, not ${kindOf(logger?.[level])}`);
    return (message, fields) =>
      harmless(
        () => logger[level](message, fields),
        (error) => {
          if (!hasFailed) console.error(`the logger threw for: ${message}: ${messageOf(error)}`);
          hasFailed = true;
        },
      );
  };
  return { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
}

/** All of it to standard error: standard output is the program's own. */
const consoleLogger: Logger = {
  debug: () => undefined,
  info: (message, fields) => print(console.warn, message, fields),
  warn: (message, fields) => print(console.warn, message, fields),
  error: (message, fields) => print(console.error, message, fields),
};

/** What user code threw may throw again when the console looks at it: then the message is printed without. */
function print(line: (...what: unknown[]) => void, message: string, fields: object | undefined): void {
  if (fields === undefined) return line(`hopwire: ${message}`);
  try {
    line(`hopwire: ${message}`, fields);
  } catch (error) {
    line(`hopwire: ${message} (its fields cannot be shown: ${messageOf(error)})`);
  }
}

function resolveBrokers(brokers: string | readonly string[]): HostPort[] {
  const list = typeof brokers === 'string' ? brokers.split(',') : brokers;
  if (!Array.isArray(list) || list.length === 0) {
    const not = Array.isArray(list) ? 'an empty list' : given(list);
    throw new TypeError(`brokers must be 'host:port', or a list of them with at least one, not ${not}`);
  }
  const whole = typeof brokers === 'string' ? brokers : null;
  return Array.from(list, (broker, at) => parseBroker(broker, whole === null ? `brokers[${at}]` : 'brokers', whole));
}

/**
 * `host`, `host:port`, `[v6]:port`; a scheme in front is refused.
 *
 * @param whole all of the option where it is one text
 */
function parseBroker(broker: unknown, name: string, whole: string | null): HostPort {
  if (typeof broker !== 'string') throw new TypeError(`${name} must be a string 'host:port', not ${given(broker)}`);
  const address = broker.trim();
  const match = /^(?:\[([^\]]+)\]|([^\s:/@?#;=]+))(?::(\d+))?$/.exec(address);
  const host = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? 9092 : Number(match[3]);
  if (host === undefined || host.length > LONGEST_HOST || !host.isWellFormed() || port < 1 || port > 65_535) {
    throw noAddress(name, address, whole ?? address);
  }
  return { host, port };
}

/**
 * Addresses are quoted, and passwords are written into them: what stands before an @ or behind a ? is not told.
 *
 * @param whole all of the option where it is one text: a comma in a password has cut it into two
 */
function noAddress(name: string, address: string, whole: string): RangeError {
  const hasPassword = whole.includes('@') || /[?#;=]/.test(whole);
  const shown = hasPassword ? masked(whole.includes('@') ? whole.trim() : address) : address;
  const remedy = hasPassword ? 'a user and a password are given by sasl' : 'an IPv6 address stands in brackets';
  return new RangeError(`${name}: ${given(shown)} is not 'host:port' (${remedy})`);
}

/** Where both are there, either may be a part of the password: then nothing is told. */
function masked(address: string): string {
  const scheme = /^[a-z][a-z0-9+_.-]*:\/\//i.exec(address)?.[0] ?? '';
  const at = address.lastIndexOf('@');
  const end = address.search(/[?#;=]/);
  if (end < 0) return `${scheme}***${address.slice(at)}`;
  return at < 0 ? `${address.slice(0, end + 1)}***` : `${scheme}***`;
}

function resolveTls(tls: boolean | TlsOptions | undefined): TlsOptions | undefined {
  if (tls === undefined || tls === false) return undefined;
  if (tls === true) return {};
  if (typeof tls === 'object' && tls !== null && !Array.isArray(tls)) return tls;
  throw new TypeError(`tls must be true, false or Node's TLS options, not ${kindOf(tls)}`); // it may hold a key
}

function resolveSasl(sasl: SaslMechanism | undefined): SaslMechanism | undefined {
  if (sasl === undefined) return undefined;
  if (typeof sasl?.name !== 'string' || typeof sasl.authenticate !== 'function') {
    throw new TypeError('sasl must be a mechanism, e.g. sasl: scramSha512({ username, password })');
  }
  return sasl;
}
