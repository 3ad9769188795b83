// One connection on which requests are asked one after the other, each in a version of the asker's choice, and the bytes
// of the answers are kept. Nothing is negotiated, nothing tried again.
import { connect, type Socket } from 'node:net';
import {
  type AnyApi,
  type Api,
  decodeResponseMessage,
  encodeRequestFrame,
  encodeResponseFrame,
  FrameReader,
  plainToken,
  SaslAuthenticate,
  SaslHandshake,
} from '@hopwire/protocol';
import { TargetError } from '../harness/target.ts';

const LARGEST_ANSWER = 64 * 1024 * 1024;
const TIMEOUT_MS = 15_000;

/** What came back: what it says, and whether it is written again as the bytes that came. */
export interface Answer<Response> {
  readonly body: Response;
  readonly isSameAgain: boolean;
  /** The answer without its size. */
  readonly frame: Buffer;
}

export class Conversation implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #address: string;
  readonly #frames: Buffer[] = [];
  #wake: () => void = () => {};
  #ended: string | null = null;
  #correlationId = 0;

  private constructor(socket: Socket, address: string) {
    this.#socket = socket;
    this.#address = address;
    const reader = new FrameReader(LARGEST_ANSWER, (frame) => this.#frames.push(frame));
    socket.on('data', (chunk: Buffer) => {
      reader.push(chunk);
      this.#wake();
    });
    socket.on('error', (error) => this.#end(error.message));
    socket.on('close', () => this.#end('the connection was closed'));
    socket.setTimeout(TIMEOUT_MS, () => this.#end(`nothing for ${TIMEOUT_MS} ms`));
  }

  /** @param address `host:port` of a listener without TLS */
  static open(address: string): Conversation {
    const colon = address.lastIndexOf(':');
    return new Conversation(connect(Number(address.slice(colon + 1)), address.slice(0, colon)), address);
  }

  /** @throws {TargetError} when the broker goes away or stays silent instead of answering */
  async ask<Request, Response>(api: Api<Request, Response>, version: number, body: Request): Promise<Answer<Response>> {
    const correlationId = ++this.#correlationId;
    this.#socket.write(encodeRequestFrame(api, version, body, { correlationId, clientId: 'hopwire' }));
    const frame = await this.#next(api, version);
    const answer = decodeResponseMessage(api, version, frame);
    const again = encodeResponseFrame(api, version, answer, correlationId).subarray(4);
    return { body: answer, isSameAgain: again.equals(frame), frame };
  }

  /** Logs in by PLAIN, on a listener that wants it. */
  async authenticate(username: string, password: string): Promise<void> {
    await this.ask(SaslHandshake, 1, { mechanism: 'PLAIN' });
    const { body } = await this.ask(SaslAuthenticate, 2, { authBytes: plainToken({ username, password }) });
    if (body.errorCode !== 0) throw new TargetError(`${this.#address}: ${body.errorMessage ?? body.errorCode}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
  }

  async #next(api: AnyApi, version: number): Promise<Buffer> {
    for (;;) {
      const frame = this.#frames.shift();
      if (frame) return frame;
      if (this.#ended) throw new TargetError(`no answer to ${api.name} v${version}: ${this.#ended}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #end(reason: string): void {
    this.#ended ??= reason;
    this.#socket.destroy();
    this.#wake();
  }
}
