// A listening socket of one node: TCP or TLS, with or without SASL.
import type { Duplex } from 'node:stream';
import type { TlsOptions } from 'node:tls';
import type { BrokerNode } from './cluster.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import { type Door, type Listening, network, type Peer } from './network.ts';
import type { Room } from './room.ts';
import type { Router } from './router.ts';
import { SaslSession } from './sasl/session.ts';
import type { Users } from './users.ts';

/** The kinds of listener a broker can have. */
export type ListenerName = 'plaintext' | 'tls' | 'mtls' | 'saslPlaintext' | 'saslTls';

/** PEM texts of a listener with TLS. */
export interface ServerCertificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface ListenerOptions {
  readonly node: BrokerNode;
  readonly name: ListenerName;
  readonly host: string;
  /** 0: the kernel chooses; kept when the listener is opened again. */
  readonly port: number;
  readonly router: Router;
  readonly users: Users;
  readonly reauthenticateMs: number;
  readonly certificates: ServerCertificates | null;
  readonly onProblem: (problem: Error) => void;
  /** Numbers connections over all listeners, from 1. */
  readonly nextConnection: () => number;
  readonly onExchange: ConnectionOptions['onExchange'];
  readonly room: Room;
  /** More are refused. */
  readonly mostConnections: number;
}

/** Opens, closes and opens again on the same port. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #connections = new Set<Connection>();
  readonly #sockets = new Set<Duplex>();
  #listening: Listening | null = null;
  #port: number;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#port = options.port;
  }

  async open(): Promise<void> {
    const { host, certificates, name, node } = this.#options;
    const tls = certificates && tlsOptions(certificates, name === 'mtls');
    this.#listening = await network.listen(host, this.#port, this.#door, tls);
    this.#port = this.#listening.port;
    node.ports.set(name, this.#port);
  }

  /** Cuts all connections. */
  killConnections(): void {
    for (const connection of this.#connections) connection.kill();
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    const listening = this.#listening;
    if (!listening) return;
    this.#listening = null;
    const closed = listening.close();
    this.killConnections();
    await closed;
  }

  readonly #door: Door = {
    connected: (socket) => this.#track(socket),
    accept: (socket, peer) => this.#accept(socket, peer),
    failed: (error) => this.#options.onProblem(error),
  };

  /** The raw sockets, which a TLS handshake may never turn into a connection. */
  #track(socket: Duplex): void {
    const { mostConnections, onProblem } = this.#options;
    if (this.#sockets.size >= mostConnections) {
      onProblem(new RangeError(`more than ${mostConnections} connections: one is refused`));
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  #accept(socket: Duplex, { address, commonName }: Peer): void {
    if (socket.destroyed) return;
    const { node, name, router, users, reauthenticateMs, onProblem, onExchange, room } = this.#options;
    const sasl = name.startsWith('sasl') ? new SaslSession(users, reauthenticateMs) : null;
    const identity = { node, listener: name, sasl, address, user: commonName ?? 'ANONYMOUS' };
    const number = this.#options.nextConnection();
    const connection = new Connection(socket, { ...identity, number, router, onProblem, onExchange, room });
    this.#connections.add(connection);
    connection.signal.addEventListener('abort', () => this.#connections.delete(connection));
  }
}

function tlsOptions({ ca, cert, key }: ServerCertificates, isMutual: boolean): TlsOptions {
  return { ca, cert, key, minVersion: 'TLSv1.2', requestCert: isMutual, rejectUnauthorized: isMutual };
}
