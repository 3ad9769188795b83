// One connection on which requests are asked one after the other, each in a version of the asker's choice, and the bytes
// of the answers are kept. Nothing is negotiated, nothing tried again.
import { connect, type Socket } from 'node:net';
import {
  type Api,
  decodeResponseMessage,
  encodeRequestFrame,
  encodeResponseFrame,
  FrameReader,
  plainToken,
  SaslAuthenticate,
  SaslHandshake,
} from '@hopwire/protocol';
import { TargetError } from './target.ts';

const LARGEST_ANSWER = 64 * 1024 * 1024;

/** What came back: what it says, and whether it is written again as the bytes that came. */
export interface Answer<Response> {
  readonly body: Response;
  readonly isSameAgain: boolean;
}

export class Conversation implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #address: string;
  readonly #frames: Buffer[] = [];
  #wake: () => void = () => {};
  #ended: string | null = null;
  #correlationId = 0;

  private constructor(socket: Socket, address: string, timeoutMs: number) {
    this.#socket = socket;
    this.#address = address;
    const reader = new FrameReader(LARGEST_ANSWER, (frame) => this.#frames.push(frame));
    socket.on('data', (chunk: Buffer) => this.#read(reader, chunk));
    socket.on('error', (error) => this.#end(error.message));
    socket.on('close', () => this.#end('the connection was closed'));
    socket.setTimeout(timeoutMs, () => this.#end(`nothing for ${timeoutMs} ms`));
  }

  /**
   * @param address `host:port` of a listener without TLS
   * @param timeoutMs how long the broker may be silent, from the connecting on
   */
  static open(address: string, timeoutMs = 15_000): Conversation {
    const colon = address.lastIndexOf(':');
    const socket = connect(Number(address.slice(colon + 1)), address.slice(0, colon));
    return new Conversation(socket, address, timeoutMs);
  }

  /**
   * @param frame a request with its size
   * @returns the answer without its size: it begins with the correlation id
   * @throws {TargetError} when the broker goes away or stays silent instead of answering
   */
  async exchange(frame: Uint8Array): Promise<Buffer> {
    if (!this.#ended) this.#socket.write(frame);
    for (;;) {
      const answer = this.#frames.shift();
      if (answer) return answer;
      if (this.#ended) throw new TargetError(`${this.#address} gave no answer: ${this.#ended}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** @throws {TargetError} as `exchange`; {ProtocolError} when the answer is not what this version says */
  async ask<Request, Response>(
    api: Api<Request, Response>,
    version: number,
    request: Request,
  ): Promise<Answer<Response>> {
    const correlationId = ++this.#correlationId;
    const frame = await this.exchange(
      encodeRequestFrame(api, version, request, { correlationId, clientId: 'hopwire' }),
    );
    const body = decodeResponseMessage(api, version, frame);
    const again = encodeResponseFrame(api, version, body, correlationId).subarray(4);
    return { body, isSameAgain: again.equals(frame) };
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

  #read(reader: FrameReader, chunk: Buffer): void {
    try {
      reader.push(chunk);
    } catch (error) {
      this.#end(`its bytes are no frame (${String(error)})`);
    }
    this.#wake();
  }

  #end(reason: string): void {
    this.#ended ??= reason;
    this.#socket.destroy();
    this.#wake();
  }
}
