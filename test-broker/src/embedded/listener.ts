// A listening socket of one node: TCP or TLS, with or without SASL.
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, TLSSocket, type TlsOptions } from 'node:tls';
import type { BrokerNode } from './cluster.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
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
}

/** Opens, closes and opens again on the same port. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #connections = new Set<Connection>();
  readonly #sockets = new Set<Socket>();
  #server: Server | null = null;
  #port: number;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#port = options.port;
  }

  async open(): Promise<void> {
    const server = this.#createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, this.#options.host, () => {
        server.off('error', reject);
        resolve();
      });
    });
    const address = server.address();
    if (address !== null && typeof address === 'object') this.#port = address.port;
    this.#server = server;
    this.#options.node.ports.set(this.#options.name, this.#port);
  }

  /** Cuts all connections. */
  killConnections(): void {
    for (const connection of this.#connections) connection.kill();
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = null;
    const closed = new Promise((resolve) => server.close(resolve));
    this.killConnections();
    await closed;
  }

  #createServer(): Server {
    const { certificates, name } = this.#options;
    if (!certificates) {
      const server = createServer((socket) => this.#accept(socket, 'ANONYMOUS'));
      return server.on('connection', (socket) => this.#track(socket));
    }
    const server = createTlsServer(tlsOptions(certificates, name === 'mtls'), (socket) =>
      this.#accept(socket, principalOf(socket)),
    );
    server.on('connection', (socket: Socket) => this.#track(socket));
    server.on('tlsClientError', (error) => this.#options.onProblem(error));
    return server;
  }

  /** The raw sockets, which a TLS handshake may never turn into a connection. */
  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  #accept(socket: Socket, user: string): void {
    const { node, name, router, users, reauthenticateMs, onProblem, onExchange } = this.#options;
    const sasl = name.startsWith('sasl') ? new SaslSession(users, reauthenticateMs) : null;
    const identity = { node, listener: name, sasl, user, number: this.#options.nextConnection() };
    const connection = new Connection(socket, { ...identity, router, onProblem, onExchange });
    this.#connections.add(connection);
    connection.signal.addEventListener('abort', () => this.#connections.delete(connection));
  }
}

function tlsOptions({ ca, cert, key }: ServerCertificates, isMutual: boolean): TlsOptions {
  return { ca, cert, key, minVersion: 'TLSv1.2', requestCert: isMutual, rejectUnauthorized: isMutual };
}

/** The common name of a client's certificate. */
function principalOf(socket: Socket): string {
  const name = socket instanceof TLSSocket ? socket.getPeerCertificate()?.subject?.CN : undefined;
  return (Array.isArray(name) ? name[0] : name) ?? 'ANONYMOUS';
}
