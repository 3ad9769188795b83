// One end of a connection in memory: a Duplex that behaves as a socket of node:net does.
import { Duplex } from 'node:stream';
import type { Pipe, Receiver } from './pipe.ts';

type Done = (error?: Error | null) => void;

/** What the connection does for its ends. */
export interface SocketHost {
  /** Sees everything that is written. */
  wrote(bytes: Buffer): void;
  /** This end is closed; the other one hears of it. */
  closed(): void;
}

export class SimSocket extends Duplex implements Receiver {
  #out: Pipe | null = null;
  #in: Pipe | null = null;
  #host: SocketHost | null = null;

  constructor() {
    super({ allowHalfOpen: false });
  }

  connect(out: Pipe, incoming: Pipe, host: SocketHost): void {
    this.#out = out;
    this.#in = incoming;
    this.#host = host;
  }

  /** node:net has it; who accepts sockets may call it. */
  setNoDelay(): this {
    return this;
  }

  arrive(bytes: Buffer): boolean {
    return this.push(bytes);
  }

  finished(): void {
    this.push(null);
  }

  override _read(): void {
    this.#in?.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: Done): void {
    this.#send(chunk, done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: Done): void {
    this.#send(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: Done): void {
    this.#out?.finish();
    done();
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#in?.close();
    this.#host?.closed();
    done(error);
  }

  #send(bytes: Buffer, done: Done): void {
    // Copied: what is written belongs to the writer again as soon as the write is done.
    const own = Buffer.from(bytes);
    this.#host?.wrote(own);
    if (this.#out) this.#out.send(own, done);
    else done(new Error('this socket was never connected'));
  }
}

/** As the system says it. */
export function systemError(code: string, call: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${call} ${code}`), { code, syscall: call });
}
