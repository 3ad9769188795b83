// Listening sockets of the embedded broker: TCP or TLS in production, in memory in a simulation.
import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls';

/** What a listener does with those who come. */
export interface Door {
  /** Someone has connected; with TLS the handshake is still to come. */
  connected(socket: Duplex): void;
  /** Bytes may be read and written. */
  accept(socket: Duplex, peer: Peer): void;
  /** A TLS handshake failed. */
  failed(error: Error): void;
}

/** Who is at the other end. */
export interface Peer {
  readonly address: string;
  /** Common name of the client's certificate; undefined: it showed none. */
  readonly commonName: string | undefined;
}

/** An open listening socket. */
export interface Listening {
  readonly port: number;
  /** Nobody is accepted any more; resolves when the last connection is gone. */
  close(): Promise<void>;
}

export interface Network {
  /**
   * @param port 0: any free one
   * @param tls null: plain TCP
   */
  listen(host: string, port: number, door: Door, tls: TlsOptions | null): Promise<Listening>;
}

export const network: Network = {
  listen: async (host, port, door, tls) => {
    const server = tls ? tlsServer(door, tls) : tcpServer(door);
    server.on('connection', (socket: Socket) => door.connected(socket));
    await opened(server, host, port);
    const address = server.address();
    return {
      port: address !== null && typeof address === 'object' ? address.port : port,
      close: () => new Promise((resolve) => server.close(() => resolve())),
    };
  },
};

function tcpServer(door: Door): Server {
  return createServer({ noDelay: true }, (socket) => door.accept(socket, peerOf(socket, undefined)));
}

function tlsServer(door: Door, tls: TlsOptions): Server {
  const server = createTlsServer({ ...tls, noDelay: true }, (socket) =>
    door.accept(socket, peerOf(socket, commonNameOf(socket))),
  );
  return server.on('tlsClientError', (error) => door.failed(error));
}

function opened(server: Server, host: string, port: number): Promise<void> {
  return new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function peerOf(socket: Socket, commonName: string | undefined): Peer {
  return { address: socket.remoteAddress ?? 'unknown', commonName };
}

function commonNameOf(socket: TLSSocket): string | undefined {
  const name = socket.getPeerCertificate()?.subject?.CN;
  return Array.isArray(name) ? name[0] : name;
}
