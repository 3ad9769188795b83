// The network: nodes listen, clients dial, and each way is as good as the weather lets it be.
import type { Duplex } from 'node:stream';
import type { Door, Listening } from '@hopwire/test-broker/src/embedded/network.ts';
import type { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Trace } from '../trace.ts';
import { Connection } from './connection.ts';
import { Link } from './link.ts';
import { systemError } from './sim-socket.ts';

const FIRST_PORT = 9092;
const SLOW_DIAL_MS = [1_000, 8_000] as const;

export interface Address {
  readonly host: string;
  readonly port: number;
  readonly signal: AbortSignal;
}

export class SimNetwork {
  /** Connections that were made. */
  made = 0;
  /** Sees what clients write. */
  onSent: (bytes: Buffer) => void = () => undefined;
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #trace: Trace;
  readonly #doors = new Map<number, Door>();
  readonly #links = new Map<number, Link>();
  readonly #connections = new Set<Connection>();

  constructor(scheduler: Scheduler, random: Random, trace: Trace) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#trace = trace;
  }

  /** What the broker's seam calls. */
  listen(_host: string, port: number, door: Door): Promise<Listening> {
    const own = port === 0 ? FIRST_PORT + this.#links.size : port;
    this.#doors.set(own, door);
    this.link(own);
    const close = (): Promise<void> => {
      this.#doors.delete(own);
      return Promise.resolve();
    };
    return Promise.resolve({ port: own, close });
  }

  /** What the client calls as `openSocket`. */
  dial(who: string, address: Address): Promise<Duplex> {
    const link = this.link(address.port);
    const { dial } = link;
    this.#trace.say(`${who} dials :${address.port} (${dial})`);
    if (dial === 'stuck') return new Promise(() => undefined);
    if (dial === 'unreachable') return this.#unreachable(address);
    const takes = dial === 'slow' ? this.#random.between(...SLOW_DIAL_MS) : this.#random.between(...link.latencyMs);
    return new Promise((resolve, reject) => {
      const timer = this.#scheduler.after(takes, 'io', 'client', () => this.#arrived(who, link, resolve, reject));
      address.signal.addEventListener('abort', () => {
        timer.isCancelled = true;
        reject(address.signal.reason);
      });
    });
  }

  link(port: number): Link {
    const link = this.#links.get(port) ?? new Link(port);
    this.#links.set(port, link);
    return link;
  }

  get links(): Iterable<Link> {
    return this.#links.values();
  }

  /** Connections of which the client's end is open. */
  open(port?: number): Connection[] {
    for (const connection of this.#connections) if (!connection.isOpen) this.#connections.delete(connection);
    return [...this.#connections].filter((one) => port === undefined || one.port === port);
  }

  /** A node's process stands still, or goes on with what has arrived meanwhile. */
  freeze(port: number, isFrozen: boolean): void {
    this.link(port).freeze(isFrozen);
    if (!isFrozen) for (const connection of this.open(port)) connection.thaw();
  }

  #unreachable({ signal }: Address): Promise<never> {
    return new Promise((_resolve, reject) => {
      if (signal.aborted) reject(signal.reason);
      else signal.addEventListener('abort', () => reject(signal.reason));
    });
  }

  #arrived(who: string, link: Link, resolve: (socket: Duplex) => void, reject: (error: Error) => void): void {
    const door = this.#doors.get(link.port);
    if (link.dial === 'refused' || (!door && link.dial !== 'silent' && link.dial !== 'hangsUp')) {
      reject(systemError('ECONNREFUSED', 'connect'));
      return;
    }
    const context = { scheduler: this.#scheduler, random: this.#random, link };
    const connection = new Connection(++this.made, context, this.#trace, (bytes) => this.onSent(bytes));
    this.#connections.add(connection);
    this.#trace.say(`${who} has #${connection.number} :${link.port}`);
    if (link.dial === 'silent') connection.vanish('both');
    else if (link.dial === 'hangsUp') connection.finish();
    else if (door) this.#accept(link, door, connection);
    resolve(connection.client);
  }

  /** As in reality the client may write before the node has accepted. */
  #accept(link: Link, door: Door, connection: Connection): void {
    const accept = (): void => {
      if (this.#doors.get(link.port) !== door) {
        connection.server.destroy();
        return;
      }
      door.connected(connection.server);
      door.accept(connection.server, { address: '10.0.0.1', commonName: undefined });
    };
    const takes = this.#random.between(...link.latencyMs) / 2;
    this.#scheduler.after(takes, 'io', 'cluster', () => link.accept(accept));
  }
}
