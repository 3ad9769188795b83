// Opens TCP or TLS; the only file that knows net and tls. Bytes out by writev, bytes in by callback: no promise per chunk.
import { connect as connectTcp, isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { HostPort, OpenSocket, TlsOptions } from '../options.ts';

export interface SocketOptions {
  /** undefined: plain */
  readonly tls: TlsOptions | undefined;
  readonly openSocket: OpenSocket | undefined;
}

/** How far a dial had come when it failed: what the failure means depends on it. */
export type DialStage = 'tcp' | 'tls';

/** What node said, and when; `failures.ts` turns it into an error of ours. */
export class DialFailure extends Error {
  override readonly name = 'DialFailure';
  readonly stage: DialStage;

  constructor(stage: DialStage, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.stage = stage;
  }
}

export interface SocketListener {
  data(chunk: Buffer): void;
  /** Exactly once, after which nothing follows. */
  closed(error: Error | null): void;
}

/** One open byte stream. */
export class Socket {
  readonly #stream: Duplex;
  #corked = false;

  constructor(stream: Duplex) {
    this.#stream = stream;
    // Until someone listens: an error here must not end the process.
    stream.on('error', ignore);
  }

  listen(listener: SocketListener): void {
    let failure: Error | null = null;
    this.#stream.on('error', (error) => {
      failure ??= error;
    });
    this.#stream.on('end', () => this.#stream.destroy());
    this.#stream.on('close', () => listener.closed(failure));
    this.#stream.on('data', (chunk: Buffer) => listener.data(chunk));
  }

  /** Everything written in one tick leaves in one system call. */
  writev(chunks: readonly Buffer[]): void {
    if (!this.#corked) {
      this.#corked = true;
      this.#stream.cork();
      process.nextTick(uncork, this);
    }
    for (const chunk of chunks) this.#stream.write(chunk);
  }

  uncork(): void {
    this.#corked = false;
    this.#stream.uncork();
  }

  destroy(): void {
    this.#stream.destroy();
  }
}

function uncork(socket: Socket): void {
  socket.uncork();
}

function ignore(): void {
  // `closed` of the listener tells it
}

/**
 * Resolves when bytes may be written.
 *
 * @throws {DialFailure} with node's error as cause; or `signal.reason` when aborted, wrapped alike
 */
export async function openSocket(address: HostPort, options: SocketOptions, signal: AbortSignal): Promise<Socket> {
  const plain = await dial(address, options.openSocket, signal);
  if (!options.tls) return new Socket(plain);
  return new Socket(await secure(plain, address, options.tls, signal));
}

async function dial(address: HostPort, custom: OpenSocket | undefined, signal: AbortSignal): Promise<Duplex> {
  if (custom)
    return custom({ ...address, signal }).catch((error: unknown) => Promise.reject(new DialFailure('tcp', error)));
  const socket = connectTcp({ ...address, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 });
  await opened(socket, 'connect', 'tcp', signal);
  return socket;
}

async function secure(plain: Duplex, address: HostPort, tls: TlsOptions, signal: AbortSignal): Promise<Duplex> {
  // SNI carries names only (RFC 6066); the host check uses `host` where there is no server name.
  const servername = isIP(address.host) === 0 ? address.host : undefined;
  const options: ConnectionOptions = {
    ...tls,
    host: address.host,
    socket: plain,
    ...(servername !== undefined && { servername }),
  };
  const socket = startTls(options, plain);
  await opened(socket, 'secureConnect', 'tls', signal);
  return socket;
}

/** Certificates and keys that cannot be read make `connect` throw at once. */
function startTls(options: ConnectionOptions, plain: Duplex): Duplex {
  try {
    return connectTls(options);
  } catch (error) {
    plain.destroy();
    throw new DialFailure('tls', error);
  }
}

function opened(socket: Duplex, event: string, stage: DialStage, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      socket.off(event, succeed).off('error', fail).off('close', close);
      signal.removeEventListener('abort', abort);
    };
    const succeed = (): void => {
      end();
      resolve();
    };
    const fail = (error: unknown): void => {
      end();
      socket.on('error', ignore).destroy();
      reject(new DialFailure(stage, error));
    };
    const close = (): void => fail(closedEarly());
    const abort = (): void => fail(signal.reason);
    socket.on(event, succeed).on('error', fail).on('close', close);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}

function closedEarly(): NodeJS.ErrnoException {
  return Object.assign(new Error('the peer closed the connection'), { code: 'ECONNRESET' });
}
