// The way to consumers and producers: credentials, settings, and `open`.
import type { CompressionName } from '@hopwire/client';
import { Auth } from './auth/credential.ts';
import { selectMatchingAuth } from './auth/select.ts';
import { loadAuth } from './auth/store.ts';
import { hopErrorFrom } from './client-errors.ts';
import type { Environment } from './config/paths.ts';
import { type Connection, connect } from './connection.ts';
import { Consumer, type OnUndecodable } from './consumer.ts';
import { CredentialError, TopicError, UsageError } from './errors.ts';
import { generateGroupId } from './group-id.ts';
import { type KafkaUrl, parseHost, parseUrl } from './kafka-url.ts';
import { type Logger, silentLogger } from './logger.ts';
import { partitionOf } from './partitioner.ts';
import { Producer } from './producer.ts';
import { StartPosition } from './start-position.ts';
import { accessibleTopics, partitionsOf, type TopicPartitions } from './topics.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const COMMIT_INTERVAL_MS = 5000;
const NO_LIMIT_MS = 2 ** 31 - 1;

export interface StreamOptions {
  /** true: from the file, when it is needed; false: no credential and no TLS. Default true. */
  auth?: boolean | Auth | readonly Auth[];
  /** Where a group without a committed offset begins. Default LATEST. */
  startAt?: StartPosition;
  /** End at the end of every partition. Default false. */
  untilEos?: boolean;
  /** Environment to look into for files and credentials. Default `process.env`. */
  env?: Environment;
  logger?: Logger;
  /** Milliseconds to reach a usable broker; 0: for ever. Default 10,000. */
  connectTimeout?: number;
  /** PEM file of a further certificate authority. */
  ca?: string;
}

export interface ConsumerConfig {
  /** Group whose offsets are used; default: the address's, else a generated one. */
  groupId?: string;
  /** Leave test messages out. Default true. */
  ignoreTest?: boolean;
  /**
   * What becomes of messages that are not what their label says. Default `blob`: their bytes, with the error. Batches that
   * cannot be read at all, or unpack to more than 100 MiB, are left out with a warning, unless this is `raise`.
   */
  onUndecodable?: OnUndecodable;
  /** Milliseconds. Default 5,000. */
  offsetCommitInterval?: number;
  /** Check the checksum of each batch. Always on. */
  checkCrcs?: true;
  signal?: AbortSignal;
}

export interface ProducerConfig {
  /** Milliseconds for each message and for the final flush; 0: no limit. Default 0. */
  produceTimeout?: number;
  /** No duplicates under retries. Default true. */
  idempotent?: boolean;
  /** Default `none`. */
  compression?: CompressionName;
  signal?: AbortSignal;
}

const CONSUMER_OPTIONS = ['groupId', 'ignoreTest', 'onUndecodable', 'offsetCommitInterval', 'checkCrcs', 'signal'];
const PRODUCER_OPTIONS = ['produceTimeout', 'idempotent', 'compression', 'signal'];

/** Opens topics for reading and writing. */
export class Stream {
  readonly #options: StreamOptions;
  readonly #logger: Logger;

  constructor(options: StreamOptions = {}) {
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
  }

  /** Opens an address for reading (`r`) or writing (`w`). */
  open(url: string, mode: 'r', options?: ConsumerConfig): Promise<Consumer>;
  open(url: string, mode: 'w', options?: ProducerConfig): Promise<Producer>;
  async open(
    url: string,
    mode: 'r' | 'w',
    options: ConsumerConfig | ProducerConfig = {},
  ): Promise<Consumer | Producer> {
    if (mode !== 'r' && mode !== 'w') throw new UsageError(`mode ${JSON.stringify(mode)}: 'r' reads, 'w' writes`);
    refuseUnknown(options, mode === 'r' ? CONSUMER_OPTIONS : PRODUCER_OPTIONS);
    const address = parseUrl(url);
    for (const warning of address.warnings) this.#logger.warn(warning);
    refusePatterns(address.topics);
    return mode === 'r' ? this.#read(address, options) : this.#write(address, options);
  }

  /** Opens, hands the stream to `use`, and closes it whatever happens. */
  async with<T>(url: string, mode: 'r', options: ConsumerConfig, use: (stream: Consumer) => Promise<T>): Promise<T>;
  async with<T>(url: string, mode: 'w', options: ProducerConfig, use: (stream: Producer) => Promise<T>): Promise<T>;
  async with<T>(
    url: string,
    mode: 'r' | 'w',
    options: ConsumerConfig & ProducerConfig,
    use: ((stream: Consumer) => Promise<T>) & ((stream: Producer) => Promise<T>),
  ): Promise<T> {
    if (mode === 'r') {
      await using consumer = await this.open(url, 'r', options);
      return await use(consumer);
    }
    await using producer = await this.open(url, 'w', options);
    const result = await use(producer);
    await producer.flush();
    return result;
  }

  /** Topics one may see, restricted to those the address names, if it names any. */
  async listTopics(url: string): Promise<Map<string, TopicPartitions>> {
    const address = parseUrl(url);
    refusePatterns(address.topics);
    const connection = await this.#connect(address, {});
    try {
      const all = await accessibleTopics(connection);
      const wanted = new Set(address.topics);
      return wanted.size === 0 ? all : new Map([...all].filter(([name]) => wanted.has(name)));
    } finally {
      await connection.kafka.close({ timeoutMs: COMMIT_INTERVAL_MS });
    }
  }

  async #read(address: KafkaUrl, options: ConsumerConfig): Promise<Consumer> {
    if (address.topics.length === 0) throw new TopicError('no topic: the address of what to read ends with /topic');
    const named = groupOf(address, options.groupId);
    const connection = await this.#connect(address, { signal: options.signal });
    try {
      return await this.#consumer(connection, address.topics, named, options);
    } catch (error) {
      await connection.kafka.close({ timeoutMs: 0 });
      throw hopErrorFrom(error, connection.attempt);
    }
  }

  async #consumer(
    connection: Connection,
    topics: readonly string[],
    named: string | undefined,
    options: ConsumerConfig,
  ): Promise<Consumer> {
    const groupId = named ?? generateGroupId(connection.attempt.username);
    if (named === undefined) this.#logger.info(`generated group id: ${groupId}`);
    const partitions = await partitionsOf(connection, topics);
    const startAt = this.#options.startAt === StartPosition.EARLIEST ? 'earliest' : 'latest';
    const consumer = connection.kafka.consumer({
      groupId,
      startAt,
      commit: 'manual', // this library commits: only what was finished, and nothing for a generated group
      isolation: 'read_committed',
      onOutOfRange: startAt,
      // No bytes of a corrupt batch can be given: it is left out with a warning, as librdkafka does, or nobody gets past it.
      onCorrupt: options.onUndecodable === 'raise' ? 'throw' : 'skip',
      ...(this.#options.untilEos ? { until: 'end' } : {}),
    });
    const stored = named === undefined ? [] : await consumer.committed(partitions);
    const committed = stored.filter(({ offset }) => offset >= 0n);
    if (committed.length > 0) this.#logger.info(`group ${groupId} goes on where it committed, not at ${startAt}`);
    const offsetOf = new Map(committed.map((one) => [`${one.topic}/${one.partition}`, one.offset]));
    await consumer.assign(
      partitions.map((one) => ({ ...one, offset: offsetOf.get(`${one.topic}/${one.partition}`) ?? startAt })),
    );
    return new Consumer(connection, consumer, {
      groupId,
      isGenerated: named === undefined,
      ignoreTest: options.ignoreTest ?? true,
      onUndecodable: options.onUndecodable ?? 'blob',
      offsetCommitInterval: options.offsetCommitInterval ?? COMMIT_INTERVAL_MS,
      logger: this.#logger,
    });
  }

  async #write(address: KafkaUrl, options: ProducerConfig): Promise<Producer> {
    if (address.group !== undefined) {
      throw new UsageError(`the address names a group, ${address.group}, which only reading can have`);
    }
    const connection = await this.#connect(address, { signal: options.signal, mayCreateTopics: true });
    const produceTimeout = options.produceTimeout ?? 0;
    const producer = connection.kafka.producer({
      partitioner: ({ key, partitions }) => partitionOf(key, partitions),
      deliveryTimeoutMs: produceTimeout || NO_LIMIT_MS,
      ...(options.idempotent === undefined ? {} : { idempotence: options.idempotent }),
      ...(options.compression === undefined ? {} : { compression: options.compression }),
    });
    return new Producer(connection, producer, { topics: address.topics, produceTimeout });
  }

  async #connect(
    address: KafkaUrl,
    { signal, mayCreateTopics = false }: { signal?: AbortSignal | undefined; mayCreateTopics?: boolean },
  ): Promise<Connection> {
    const { auth, broker } = await this.#credentialFor(address);
    return connect(broker, {
      auth,
      logger: this.#logger,
      connectTimeout: this.#options.connectTimeout ?? CONNECT_TIMEOUT_MS,
      ca: this.#options.ca,
      signal,
      mayCreateTopics,
    });
  }

  async #credentialFor(address: KafkaUrl): Promise<{ auth: Auth | undefined; broker: { host: string; port: number } }> {
    const { auth = true, env = process.env } = this.#options;
    if (auth === false) {
      if (address.profile !== undefined) throw new UsageError('a profile names a credential: it needs authentication');
      return { auth: undefined, broker: address };
    }
    if (auth instanceof Auth) return { auth, broker: address };
    const stored = auth === true ? await loadAuth(env) : auth;
    const profile = address.profile ?? env.HOP_PROFILE;
    if (!profile) return { auth: selectMatchingAuth(stored, address), broker: address };
    return withProfile(stored, profile, address);
  }
}

/** Topics of an address, with settings for this one call. */
export async function listTopics(url: string, options?: StreamOptions): Promise<Map<string, TopicPartitions>> {
  return new Stream(options).listTopics(url);
}

/** The stream with default settings. */
export const stream: Stream = new Stream();

function withProfile(
  stored: readonly Auth[],
  profile: string,
  address: KafkaUrl,
): { auth: Auth; broker: { host: string; port: number } } {
  const auth = stored.find((one) => one.name === profile);
  if (!auth) throw new CredentialError(`there is no credential with the profile name ${profile}`);
  if (address.profile === undefined) return { auth, broker: address };
  if (auth.hostname === undefined) throw new CredentialError(`profile ${profile} has no hostname to connect to`);
  return { auth, broker: parseHost(auth.hostname, auth.hostname) };
}

function groupOf(address: KafkaUrl, given: string | undefined): string | undefined {
  if (given !== undefined && address.group !== undefined && given !== address.group) {
    throw new UsageError(`two groups: ${address.group} in the address, ${given} beside it`);
  }
  return given ?? address.group;
}

function refuseUnknown(options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new UsageError(`unknown option ${unknown}; the options are ${known.join(', ')}`);
}

function refusePatterns(topics: readonly string[]): void {
  const pattern = topics.find((topic) => topic.startsWith('^') || topic.includes('*'));
  if (pattern !== undefined) throw new UsageError(`${pattern}: patterns of topics are not supported by this release`);
}
