// Reading messages. All partitions are read by this process; a group only stores offsets.
import type { ConsumerRecord, Consumer as KafkaConsumer, TopicPartitionOffset } from '@hopwire/client';
import { hopErrorFrom } from './client-errors.ts';
import type { Connection } from './connection.ts';
import { deserialize } from './deserialize.ts';
import { DonePrefix } from './done-prefix.ts';
import { ClosedError, DecodeError, reasonOf } from './errors.ts';
import { isTest } from './headers.ts';
import type { Logger } from './logger.ts';
import type { Metadata, RawRecord } from './metadata.ts';
import type { MessageModel } from './models/model.ts';

export type OnUndecodable = 'blob' | 'raise' | 'skip';

export interface ConsumerSettings {
  groupId: string;
  /** A generated group commits nothing unless `markDone` is called. */
  isGenerated: boolean;
  ignoreTest: boolean;
  onUndecodable: OnUndecodable;
  /** Milliseconds. */
  offsetCommitInterval: number;
  logger: Logger;
}

export interface ReadOptions {
  /** A message is done when the loop asks for the next one; false: only `markDone` says so. Default true. */
  autocommit?: boolean;
  signal?: AbortSignal;
}

const STOPPED = Symbol('stopped');
const CLOSE_MS = 5000;

/** Reads messages. Made by `Stream.open(url, 'r')`. */
export class Consumer implements AsyncIterable<MessageModel>, AsyncDisposable {
  readonly #connection: Connection;
  readonly #consumer: KafkaConsumer<Buffer | null, Buffer | null>;
  readonly #settings: ConsumerSettings;
  readonly #done = new Map<string, { topic: string; partition: number; prefix: DonePrefix }>();
  readonly #stopped: Promise<typeof STOPPED>;
  #stop: () => void = () => undefined;
  #isStopped = false;
  #isMarked = false;
  #committing: Promise<void> = Promise.resolve();
  readonly #timer: NodeJS.Timeout;
  #closing: Promise<void> | undefined;

  constructor(
    connection: Connection,
    consumer: KafkaConsumer<Buffer | null, Buffer | null>,
    settings: ConsumerSettings,
  ) {
    this.#connection = connection;
    this.#consumer = consumer;
    this.#settings = settings;
    this.#stopped = new Promise((resolve) => {
      this.#stop = () => resolve(STOPPED);
    });
    this.#timer = setInterval(() => this.#commitInBackground(), settings.offsetCommitInterval).unref();
  }

  /** The group whose offsets are used; generated when none was given. */
  get groupId(): string {
    return this.#settings.groupId;
  }

  [Symbol.asyncIterator](): AsyncGenerator<MessageModel, void, undefined> {
    return this.read();
  }

  /** Messages, or with `metadata` pairs of message and metadata. */
  read(options?: ReadOptions & { metadata?: false }): AsyncGenerator<MessageModel, void, undefined>;
  read(options: ReadOptions & { metadata: true }): AsyncGenerator<[MessageModel, Metadata], void, undefined>;
  async *read(
    options: ReadOptions & { metadata?: boolean } = {},
  ): AsyncGenerator<MessageModel | [MessageModel, Metadata], void, undefined> {
    for await (const record of this.#records(options)) {
      const message = deserialize(record, this.#settings.logger);
      const error = message.received?.error;
      if (error && this.#settings.onUndecodable === 'raise') throw this.#raised(error.message, record);
      if (error && this.#settings.onUndecodable === 'skip') this.#finish(record);
      else yield options.metadata ? [message, metadataOf(record)] : message;
    }
  }

  /** Bodies as received, each with its metadata. */
  async *readRaw(options: ReadOptions = {}): AsyncGenerator<[Buffer | null, Metadata], void, undefined> {
    for await (const record of this.#records(options)) yield [record.value, metadataOf(record)];
  }

  /** The message at this place is finished; `sync`: wait until that is committed. */
  async markDone(
    at: { topic: string; partition: number; offset: bigint },
    options: { sync?: boolean } = {},
  ): Promise<void> {
    this.#isMarked = true;
    this.#finish(at);
    if (options.sync) await this.#commit();
  }

  /** Ends the loop at once and without an error, also while it waits. */
  stop(): void {
    this.#isStopped = true;
    this.#stop();
  }

  /** Commits what is done and disconnects. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The one loop under all: test filter, marking, stopping. */
  async *#records({ autocommit = true, signal }: ReadOptions): AsyncGenerator<RawRecord, void, undefined> {
    if (this.#closing) throw new ClosedError('the consumer is closed');
    const records = this.#consumer[Symbol.asyncIterator]();
    const aborted = abortion(signal);
    try {
      for (;;) {
        const next = await this.#next(records, aborted);
        if (next === STOPPED || next.done) return;
        const record = rawFrom(next.value);
        this.#prefixOf(record).delivered(record.offset);
        if (this.#settings.ignoreTest && isTest(record.headers)) {
          this.#finish(record);
          continue;
        }
        yield record;
        // Only a loop that asks for more comes here: break and exceptions leave this record undone.
        if (autocommit) this.#finish(record);
      }
    } finally {
      // Else the client would wait, when it closes, for a loop that works on its last record.
      await records.return?.();
    }
  }

  async #next(
    records: AsyncIterator<ConsumerRecord>,
    aborted: Promise<never>,
  ): Promise<IteratorResult<ConsumerRecord> | typeof STOPPED> {
    if (this.#isStopped) return STOPPED;
    const next = records.next();
    next.catch(() => undefined); // after stop() nobody waits for it: closing the client makes it fail
    try {
      return await Promise.race([next, this.#stopped, aborted]);
    } catch (error) {
      throw hopErrorFrom(error, this.#connection.attempt);
    }
  }

  #finish({ topic, partition, offset }: { topic: string; partition: number; offset: bigint }): void {
    this.#prefixOf({ topic, partition }).done(offset);
  }

  #prefixOf({ topic, partition }: { topic: string; partition: number }): DonePrefix {
    const key = `${topic}/${partition}`;
    const found = this.#done.get(key) ?? { topic, partition, prefix: new DonePrefix() };
    this.#done.set(key, found);
    return found.prefix;
  }

  #commitInBackground(): void {
    this.#commit().catch((error: unknown) => {
      this.#settings.logger.warn(`offsets not committed, trying again: ${reasonOf(error)}`);
    });
  }

  /** One commit after another, so that an older one never overtakes a newer one. */
  #commit(): Promise<void> {
    const next = this.#committing.then(() => this.#commitNow());
    this.#committing = next.catch(() => undefined); // reported by whoever waits for `next`
    return next;
  }

  async #commitNow(): Promise<void> {
    if (this.#settings.isGenerated && !this.#isMarked) return;
    const pending = [...this.#done.values()].flatMap(({ topic, partition, prefix }) => {
      const offset = prefix.pending;
      return offset === undefined ? [] : [{ offsets: { topic, partition, offset }, prefix }];
    });
    if (pending.length === 0) return;
    const offsets: TopicPartitionOffset[] = pending.map((entry) => entry.offsets);
    try {
      await this.#consumer.commit(offsets);
    } catch (error) {
      throw hopErrorFrom(error, this.#connection.attempt);
    }
    for (const entry of pending) entry.prefix.committed(entry.offsets.offset);
  }

  async #close(): Promise<void> {
    this.stop();
    clearInterval(this.#timer);
    try {
      await this.#commit();
    } finally {
      await this.#consumer.close({ timeoutMs: CLOSE_MS });
      await this.#connection.kafka.close({ timeoutMs: CLOSE_MS });
    }
  }

  #raised(reason: string, { topic, partition, offset }: RawRecord): DecodeError {
    return new DecodeError(`${topic}[${partition}]@${offset}: ${reason}`, { topic, partition, offset });
  }
}

function rawFrom(record: ConsumerRecord): RawRecord {
  const { topic, partition, offset, timestampMs, timestampType, key, value, headers } = record;
  return { topic, partition, offset, timestamp: timestampMs, timestampType, key, value, headers };
}

function metadataOf({ value: _value, ...metadata }: RawRecord): Metadata {
  return metadata;
}

/** Rejects when the signal is aborted; never settles without one. */
function abortion(signal: AbortSignal | undefined): Promise<never> {
  const aborted = new Promise<never>((_, reject) => {
    if (signal?.aborted) reject(signal.reason);
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => undefined); // raced with each record; nobody listens between two
  return aborted;
}
