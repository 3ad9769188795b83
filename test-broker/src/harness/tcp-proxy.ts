// A proxy in front of one port that does to connections what networks do: cut them, swallow what they say for a while,
// refuse them, or accept them and hang up.
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const HOST = '127.0.0.1';
const POLL_MS = 20;

/**
 * `pass`: both directions flow. `silent`: connections are accepted and stay open, nothing flows until `pass` comes
 * back, and then what was said meanwhile arrives. `refuse`: nobody listens. `hangUp`: accepted, then closed.
 */
export type ProxyMode = 'pass' | 'silent' | 'refuse' | 'hangUp';

/** A client's socket and ours to the port behind; null: not opened yet, because the proxy is silent. */
interface Pair {
  readonly near: Socket;
  far: Socket | null;
}

export class TcpProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #port: number;
  readonly #upstream: number;
  readonly #pairs = new Set<Pair>();
  #mode: ProxyMode = 'refuse';

  /**
   * Refuses until `set` says otherwise.
   *
   * @param port where it listens, on 127.0.0.1
   * @param upstream the port behind
   */
  constructor(port: number, upstream: number) {
    this.#port = port;
    this.#upstream = upstream;
    this.#server = createServer((near) => this.#accept(near));
  }

  get address(): string {
    return `${HOST}:${this.#port}`;
  }

  get mode(): ProxyMode {
    return this.#mode;
  }

  /** Open connections of clients. */
  get connections(): number {
    return this.#pairs.size;
  }

  /** Resolves when the new mode holds for all connections, the open ones too. */
  async set(mode: ProxyMode): Promise<void> {
    this.#mode = mode;
    if (mode === 'refuse' || mode === 'hangUp') this.cut();
    if (mode === 'silent') for (const pair of this.#pairs) stall(pair);
    if (mode === 'pass') for (const pair of this.#pairs) this.#flow(pair);
    if (mode === 'refuse') await this.#stopListening();
    else await this.#listen();
  }

  /** `pass`, as soon as the port behind accepts connections. Given up when another mode is set meanwhile. */
  async passWhenUpstreamListens(): Promise<void> {
    const before = this.#mode;
    while (this.#mode === before) {
      if (await accepts(this.#upstream)) return this.set('pass');
      await delay(POLL_MS);
    }
  }

  /** Resets every open connection; new ones are welcome. @returns how many there were */
  cut(): number {
    const count = this.#pairs.size;
    for (const pair of this.#pairs) this.#drop(pair);
    return count;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.set('refuse');
  }

  #accept(near: Socket): void {
    near.on('error', () => undefined); // 'close' follows
    if (this.#mode === 'hangUp' || this.#mode === 'refuse') {
      near.destroy();
      return;
    }
    const pair: Pair = { near: near.setNoDelay(true), far: null };
    this.#pairs.add(pair);
    near.once('close', () => this.#ended(pair));
    if (this.#mode === 'pass') this.#flow(pair);
    else near.pause();
  }

  #flow(pair: Pair): void {
    if (pair.near.destroyed || pair.far?.destroyed) return this.#drop(pair);
    pair.far ??= this.#open(pair);
    pair.near.pipe(pair.far);
    pair.far.pipe(pair.near);
  }

  #open(pair: Pair): Socket {
    const far = connect(this.#upstream, HOST).setNoDelay(true);
    far.on('error', () => undefined);
    far.once('close', () => this.#ended(pair));
    return far;
  }

  /** One side has gone. A silent network keeps that to itself. */
  #ended(pair: Pair): void {
    if (this.#mode !== 'silent' || pair.near.destroyed) this.#drop(pair);
  }

  #drop(pair: Pair): void {
    this.#pairs.delete(pair);
    for (const socket of [pair.near, pair.far]) if (socket && !socket.destroyed) socket.resetAndDestroy();
  }

  #listen(): Promise<void> {
    if (this.#server.listening) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, HOST, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  #stopListening(): Promise<void> {
    if (!this.#server.listening) return Promise.resolve();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

function stall({ near, far }: Pair): void {
  near.unpipe();
  far?.unpipe();
  near.pause();
  far?.pause();
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, HOST);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
