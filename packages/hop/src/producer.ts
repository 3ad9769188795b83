// Writing messages to topics.
import type { Producer as KafkaProducer, RecordMetadata } from '@hopwire/client';
import { hopErrorFrom } from './client-errors.ts';
import type { Connection } from './connection.ts';
import { Delivery } from './delivery.ts';
import { ClosedError, TopicError } from './errors.ts';
import type { HeadersInput } from './headers.ts';
import { showId } from './message-id.ts';
import { Blob } from './models/blob.ts';
import { type PackedMessage, pack, packBytes } from './pack.ts';

const LEAVING_GRACE_MS = 5000;
const NO_LIMIT_MS = 2 ** 31 - 1;

export interface WriteOptions {
  headers?: HeadersInput;
  /** Mark it as a test message. */
  test?: boolean;
  /** Default: the address's only topic. */
  topic?: string;
  key?: string | Uint8Array;
  allowReserved?: boolean;
  signal?: AbortSignal;
  /** Called with the outcome; a failure is then not thrown by `flush` or `close`. `null`: nobody is told. */
  deliveryCallback?: ((error: unknown, result: DeliveryResult | undefined) => void) | null;
}

/** Where an acknowledged message lies. */
export interface DeliveryResult {
  topic: string;
  partition: number;
  offset: bigint;
  /** Milliseconds since 1970. */
  timestamp: number;
  /** The message's UUID. */
  id: string;
}

export interface ProducerSettings {
  topics: readonly string[];
  /** Milliseconds for each message and for the final flush; 0: no limit. */
  produceTimeout: number;
}

/** Writes messages. Made by `Stream.open(url, 'w')`. */
export class Producer implements AsyncDisposable {
  readonly #connection: Connection;
  readonly #producer: KafkaProducer;
  readonly #settings: ProducerSettings;
  readonly #pending = new Set<Delivery<DeliveryResult>>();
  readonly #failed = new Set<Delivery<DeliveryResult>>();
  #closing: Promise<number> | undefined;

  constructor(connection: Connection, producer: KafkaProducer, settings: ProducerSettings) {
    this.#connection = connection;
    this.#producer = producer;
    this.#settings = settings;
  }

  /**
   * Sends a model, bytes, or anything JSON can express. Resolves on acknowledgement; a rejection nobody awaits is thrown
   * by the next `flush` or `close`. Wrong input throws at once.
   */
  write(message: unknown, options: WriteOptions = {}): Promise<DeliveryResult> {
    const { username } = this.#connection.attempt;
    return this.#send(pack(message, { ...options, ...(username === undefined ? {} : { sender: username }) }), options);
  }

  /** Sends bytes as they are, under the label `blob`. */
  writeRaw(bytes: Uint8Array, options: WriteOptions = {}): Promise<DeliveryResult> {
    const { username } = this.#connection.attempt;
    const sender = username === undefined ? {} : { sender: username };
    return this.#send(packBytes(Buffer.from(bytes), Blob.formatName, { ...options, ...sender }), options);
  }

  /** Waits until everything written is acknowledged; throws the first failure that nobody has seen. */
  async flush(timeoutMs?: number): Promise<void> {
    await this.#settled(timeoutMs ?? (this.#settings.produceTimeout || NO_LIMIT_MS));
    this.#throwUnseen();
  }

  /** Flushes, disconnects, and tells how many messages were left unacknowledged. */
  close(options: { timeoutMs?: number } = {}): Promise<number> {
    this.#closing ??= this.#close(options.timeoutMs ?? (this.#settings.produceTimeout || NO_LIMIT_MS));
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close({ timeoutMs: Math.min(LEAVING_GRACE_MS, this.#settings.produceTimeout || LEAVING_GRACE_MS) });
  }

  #send(packed: PackedMessage, options: WriteOptions): Promise<DeliveryResult> {
    if (this.#closing) throw new ClosedError('the producer is closed');
    const topic = options.topic ?? this.#onlyTopic();
    const record = {
      topic,
      key: options.key === undefined ? null : Buffer.from(options.key),
      value: packed.value,
      headers: packed.headers,
    };
    const sent = this.#producer.send(record, options.signal ? { signal: options.signal } : {});
    return this.#follow(Delivery.of(this.#result(sent, packed, topic)), options);
  }

  async #result(sent: Promise<RecordMetadata>, packed: PackedMessage, topic: string): Promise<DeliveryResult> {
    try {
      const { partition, offset, timestampMs } = await sent;
      return { topic, partition, offset, timestamp: timestampMs, id: showId(packed.id) ?? '' };
    } catch (error) {
      throw hopErrorFrom(error, { ...this.#connection.attempt, topic });
    }
  }

  #follow(delivery: Delivery<DeliveryResult>, { deliveryCallback }: WriteOptions): Promise<DeliveryResult> {
    this.#pending.add(delivery);
    delivery.watch(
      (result) => {
        this.#pending.delete(delivery);
        deliveryCallback?.(undefined, result);
      },
      (error) => {
        this.#pending.delete(delivery);
        if (deliveryCallback === undefined) this.#failed.add(delivery);
        else deliveryCallback?.(error, undefined);
      },
    );
    return delivery;
  }

  async #settled(timeoutMs: number): Promise<void> {
    const all = Promise.all([...this.#pending].map((delivery) => delivery.settled()));
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, Math.min(timeoutMs, NO_LIMIT_MS));
    });
    await Promise.race([all, limit]);
    clearTimeout(timer);
  }

  async #close(timeoutMs: number): Promise<number> {
    await this.#settled(timeoutMs);
    const left = this.#pending.size;
    // What is left is abandoned on purpose and counted; its rejections have nobody else to tell.
    await this.#producer.close({ timeoutMs: left > 0 ? 1 : LEAVING_GRACE_MS }).catch((error: unknown) => {
      if (left === 0) throw hopErrorFrom(error, this.#connection.attempt);
    });
    await this.#connection.kafka.close({ timeoutMs: LEAVING_GRACE_MS });
    if (left === 0) this.#throwUnseen();
    return left;
  }

  #throwUnseen(): void {
    const unseen = [...this.#failed].filter((delivery) => !delivery.isSeen);
    this.#failed.clear();
    if (unseen[0]) throw unseen[0].error;
  }

  #onlyTopic(): string {
    const [topic, ...others] = this.#settings.topics;
    if (topic === undefined) throw new TopicError('no topic: name one in the address or in the call');
    if (others.length > 0) throw new TopicError('several topics in the address: name the one to write to in the call');
    return topic;
  }
}
