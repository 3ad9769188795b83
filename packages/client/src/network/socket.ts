// Opens TCP or TLS; the only file that knows net and tls, which are loaded when they are needed: importing the client
// does not wait for them. Bytes out by writev, bytes in by callback: no promise per chunk.
import type { OnReadOpts } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';
import type { HostPort, OpenSocket, TlsOptions } from '../options.ts';
import { asError } from '../thrown.ts';
import { onAbort } from '../util/abort.ts';
import { DialFailure, type DialStage } from './dial-failure.ts';
import { callDialer } from './dialer.ts';

export interface SocketOptions {
  /** undefined: plain */
  readonly tls: TlsOptions | undefined;
  readonly openSocket: OpenSocket | undefined;
}

export interface SocketListener {
  data(chunk: Buffer): void;
  /** Where the next bytes may be read to, at least one; those of plain TCP are. */
  space(): Buffer;
  /** So many bytes were read to what `space` returned last. */
  filled(count: number): void;
  /** Exactly once, after which nothing follows. */
  closed(error: Error | null): void;
}

/** The first bytes come before a listener can say where it wants them. */
const FIRST_BYTES = 1024;

/** Plain TCP reads straight into the buffers of its listener. */
class Intake {
  readonly #first: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  listener: SocketListener | null = null;

  readonly options: OnReadOpts = {
    buffer: () => this.listener?.space() ?? this.#first,
    callback: (count, buffer) => {
      if (buffer === this.#first) this.listener?.data(this.#first.subarray(0, count));
      else this.listener?.filled(count);
      return true;
    },
  };
}

/** One open byte stream. */
export class Socket {
  readonly #stream: Duplex;
  readonly #intake: Intake | null;
  #isCorked = false;

  constructor(stream: Duplex, intake: Intake | null = null) {
    this.#stream = stream;
    this.#intake = intake;
    // Until someone listens: an error here must not end the process.
    stream.on('error', ignore);
  }

  listen(listener: SocketListener): void {
    let failure: Error | null = null;
    if (this.#intake) this.#intake.listener = listener;
    this.#stream.on('error', (error) => {
      failure ??= asError(error); // a stream of the user's may fail with anything
    });
    this.#stream.on('end', () => this.#stream.destroy());
    this.#stream.on('close', () => listener.closed(failure));
    // Also with an intake: a runtime that does not know `onread` emits data.
    this.#stream.on('data', (chunk: Buffer) => listener.data(chunk));
  }

  /**
   * Everything written in one tick leaves in one system call.
   *
   * @param taken called when the system has taken the bytes, or will not
   */
  writev(chunks: readonly Buffer[], taken?: (error: Error | null | undefined) => void): void {
    if (!this.#isCorked) {
      this.#isCorked = true;
      this.#stream.cork();
      process.nextTick(uncork, this);
    }
    const last = chunks.length - 1;
    try {
      for (let i = 0; i < last; i++) this.#stream.write(chunks[i]);
      this.#stream.write(chunks[last], taken);
    } catch (error) {
      this.#broken(error);
    }
  }

  uncork(): void {
    this.#isCorked = false;
    try {
      this.#stream.uncork();
    } catch (error) {
      this.#broken(error);
    }
  }

  /** A stream of the user's own threw, in a tick of its own as a rule: nobody else would catch it. */
  #broken(error: unknown): void {
    this.#stream.destroy(asError(error));
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
 * @throws {DialFailure} with node's or the dialer's error as cause; or `signal.reason` when aborted, wrapped alike
 */
export async function openSocket(address: HostPort, options: SocketOptions, signal: AbortSignal): Promise<Socket> {
  const { tls, openSocket: custom } = options;
  const intake = custom || tls ? null : new Intake();
  const plain = custom ? await callDialer(custom, address, signal) : await dialTcp(address, intake, signal);
  return new Socket(tls ? await secure(plain, address, tls, signal) : plain, intake);
}

async function dialTcp(address: HostPort, intake: Intake | null, signal: AbortSignal): Promise<Duplex> {
  const onread = intake && { onread: intake.options };
  const socket = net().connect({
    ...address,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
    ...onread,
  });
  await opened(socket, 'connect', 'tcp', signal);
  return socket;
}

async function secure(plain: Duplex, address: HostPort, tls: TlsOptions, signal: AbortSignal): Promise<Duplex> {
  // SNI carries names only (RFC 6066); the host check uses `host` where there is no server name.
  const servername = net().isIP(address.host) === 0 ? address.host : undefined;
  const { checkServerIdentity } = tls;
  const options: ConnectionOptions = {
    ...tls,
    host: address.host,
    socket: plain,
    ...(checkServerIdentity && { checkServerIdentity: careful(checkServerIdentity) }),
    ...(servername !== undefined && { servername }),
  };
  const socket = startTls(options, plain);
  // A stream of the user's own is not always destroyed with what lies over it.
  socket.once('close', () => plain.destroy());
  await opened(socket, 'secureConnect', 'tls', signal);
  return socket;
}

/** Node calls the user's function within an event: what that throws would end the process. */
function careful<Args extends unknown[]>(check: (...args: Args) => Error | undefined) {
  return (...args: Args): Error | undefined => {
    try {
      return check(...args);
    } catch (error) {
      return new Error('tls.checkServerIdentity threw; its error is the cause of this one', { cause: error });
    }
  };
}

/** Certificates and keys that cannot be read make `connect` throw at once. */
function startTls(options: ConnectionOptions, plain: Duplex): Duplex {
  try {
    return process.getBuiltinModule('node:tls').connect(options);
  } catch (error) {
    plain.destroy();
    throw new DialFailure('tls', withoutValue(error));
  }
}

/** Node quotes a value of the wrong type, which may be a key. */
function withoutValue(error: unknown): unknown {
  if (!(error instanceof TypeError) || !/\. Received /.test(error.message)) return error;
  const said = new TypeError(error.message.replace(/\. Received .*$/s, ''));
  return Object.assign(said, 'code' in error ? { code: error.code } : {});
}

function net() {
  return process.getBuiltinModule('node:net');
}

function opened(socket: Duplex, event: string, stage: DialStage, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      socket.off(event, succeed).off('error', fail).off('close', close);
      stopListening();
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
    const stopListening = onAbort(signal, () => fail(signal.reason));
    socket.on(event, succeed).on('error', fail).on('close', close);
    if (signal.aborted) fail(signal.reason);
  });
}

function closedEarly(): NodeJS.ErrnoException {
  return Object.assign(new Error('the peer closed the connection'), { code: 'ECONNRESET' });
}
