// One client's connection: frames are answered one after the other, as Kafka's broker does.
import type { Duplex } from 'node:stream';
import { FrameReader, type KafkaError } from '@hopwire/protocol';
import { LARGEST_FRAME, LARGEST_FRAME_BEFORE_LOGIN, MOST_WAITING_REQUESTS } from './bounds.ts';
import type { BrokerNode } from './cluster.ts';
import { type Exchange, wholeFrame } from './exchange.ts';
import { CLOSE, type Reply } from './reply.ts';
import type { Room } from './room.ts';
import type { SaslSession } from './sasl/session.ts';

const SIZE_BYTES = 4;

/** Whoever makes the replies: the router. */
export interface Replier {
  reply(frame: Buffer, connection: Connection): Promise<Reply>;
}

export interface ConnectionOptions {
  readonly node: BrokerNode;
  /** The listener it came through: its Metadata shows that listener's ports. */
  readonly listener: string;
  readonly router: Replier;
  readonly sasl: SaslSession | null;
  /** Where it comes from. */
  readonly address: string;
  /** Who it is when there is no SASL: `ANONYMOUS`, or the name in the client's certificate. */
  readonly user: string;
  readonly onProblem: (problem: KafkaError | Error) => void;
  /** Numbers from 1, over all listeners. */
  readonly number: number;
  readonly onExchange: ((exchange: Exchange) => void) | null;
  /** For requests that are not answered yet, of all connections together. */
  readonly room: Room;
}

/** Reads frames, has them answered in order, writes the answers. */
export class Connection {
  readonly node: BrokerNode;
  readonly listener: string;
  readonly sasl: SaslSession | null;
  readonly #socket: Duplex;
  readonly #options: ConnectionOptions;
  readonly #abort = new AbortController();
  readonly #waiting: Buffer[] = [];
  #isAnswering = false;
  #reader: FrameReader;
  /** Bytes read that are not yet in a whole frame: the reader may be changed only when there are none. */
  #partial = 0;
  /** Bytes of requests that have arrived, in whole or in part, and are not answered yet. */
  #held = 0;
  #isLimited: boolean;
  #closesAfterAnswer = false;

  constructor(socket: Duplex, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.node = options.node;
    this.listener = options.listener;
    this.sasl = options.sasl;
    this.#isLimited = options.sasl !== null;
    this.#reader = this.#newReader(this.#isLimited ? LARGEST_FRAME_BEFORE_LOGIN : LARGEST_FRAME);
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    // A reset by the client is no problem of the broker: 'close' follows and does the rest.
    socket.on('error', () => {});
    socket.on('close', () => this.#closed());
  }

  /** Aborted when the connection is gone. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get user(): string {
    return this.sasl?.user ?? this.#options.user;
  }

  get remoteAddress(): string {
    return this.#options.address;
  }

  /** After a failed login: the answer is still sent. */
  closeAfterAnswer(): void {
    this.#closesAfterAnswer = true;
  }

  kill(): void {
    this.#closed();
    this.#socket.destroy();
  }

  #newReader(maxFrameBytes: number): FrameReader {
    return new FrameReader(maxFrameBytes, (frame) => {
      this.#partial -= SIZE_BYTES + frame.length;
      this.#waiting.push(frame);
    });
  }

  #closed(): void {
    this.#abort.abort();
    this.#waiting.length = 0;
    this.#release(this.#held);
  }

  #release(bytes: number): void {
    this.#held -= bytes;
    this.#options.room.release(bytes);
  }

  #read(chunk: Buffer): void {
    this.#partial += chunk.length;
    try {
      this.#options.room.take(chunk.length);
      this.#held += chunk.length;
      this.#reader.push(chunk);
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (this.#waiting.length > MOST_WAITING_REQUESTS) this.#socket.pause();
    if (!this.#isAnswering) void this.#answerAll();
  }

  /** Never rejects: what goes wrong closes the connection and is reported. */
  async #answerAll(): Promise<void> {
    this.#isAnswering = true;
    try {
      for (let frame = this.#waiting.shift(); frame && !this.signal.aborted; frame = this.#waiting.shift()) {
        this.#write(await this.#reply(frame));
        if (!this.signal.aborted) this.#release(SIZE_BYTES + frame.length);
        this.#liftLimit();
        if (this.#waiting.length === 0) this.#socket.resume();
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#isAnswering = false;
    }
  }

  async #reply(frame: Buffer): Promise<Reply> {
    const { router, number, onExchange } = this.#options;
    if (!onExchange) return router.reply(frame, this);
    let reply: Reply = null;
    try {
      reply = await router.reply(frame, this);
      return reply;
    } finally {
      const response = reply && reply !== CLOSE ? Buffer.concat(reply) : null;
      onExchange({ connection: number, request: wholeFrame(frame), response });
    }
  }

  #write(reply: Reply): void {
    if (reply === CLOSE) this.kill();
    else if (reply && !this.signal.aborted) {
      this.#socket.cork();
      for (const part of reply) this.#socket.write(part);
      this.#socket.uncork();
    }
    if (this.#closesAfterAnswer) this.#socket.end();
  }

  #liftLimit(): void {
    if (!this.#isLimited || this.sasl?.stage !== 'done' || this.#partial !== 0) return;
    this.#isLimited = false;
    this.#reader = this.#newReader(LARGEST_FRAME);
  }

  /** Kafka closes the connection on everything it cannot read. */
  #fail(error: unknown): void {
    this.kill();
    this.#options.onProblem(error instanceof Error ? error : new TypeError(String(error)));
  }
}
