// A client for this package's tests: frames on a socket, every version under control.
import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import {
  type Api,
  correlationIdOf,
  decodeResponseMessage,
  FrameReader,
  ProtocolError,
  requestFrameChunks,
} from '@hopwire/protocol';

const LARGEST = 64 * 1024 * 1024;

/** One connection; requests may be pipelined. */
export class RawClient {
  readonly #socket: Socket;
  readonly #waiting: { resolve: (frame: Buffer) => void; reject: (error: Error) => void }[] = [];
  readonly closed: Promise<void>;
  #correlationId = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const reader = new FrameReader(LARGEST, (frame) => this.#waiting.shift()?.resolve(frame));
    socket.on('data', (chunk: Buffer) => reader.push(chunk));
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        for (const { reject } of this.#waiting.splice(0)) reject(new ProtocolError('connection closed'));
        resolve();
      });
    });
  }

  static async open(address: string, tls?: ConnectionOptions): Promise<RawClient> {
    const [host = '', port = ''] = address.split(':');
    const target = { host, port: Number(port) };
    const socket = tls ? connectTls({ ...target, ...tls }) : connect(target);
    await new Promise<void>((resolve, reject) => {
      socket.once(tls ? 'secureConnect' : 'connect', () => resolve());
      socket.once('error', reject);
    });
    return new RawClient(socket);
  }

  /** Rejects when the connection is closed instead. */
  async ask<Request, Response>(api: Api<Request, Response>, version: number, body: Request): Promise<Response> {
    const correlationId = ++this.#correlationId;
    const answer = this.#next();
    for (const part of requestFrameChunks(api, version, correlationId, 'raw', body)) this.#socket.write(part);
    const frame = await answer;
    if (correlationIdOf(frame) !== correlationId)
      throw new ProtocolError(`answer to another request than ${correlationId}`);
    return decodeResponseMessage(api, version, frame);
  }

  /** A frame as it is: its size is put in front. */
  async askBytes(frame: Buffer): Promise<Buffer> {
    const answer = this.#next();
    this.sendBytes(frame);
    return answer;
  }

  sendBytes(frame: Buffer): void {
    const size = Buffer.alloc(4);
    size.writeInt32BE(frame.length);
    this.#socket.write(Buffer.concat([size, frame]));
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  close(): void {
    this.#socket.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #next(): Promise<Buffer> {
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }
}
