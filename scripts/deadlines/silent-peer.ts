// Accepts connections, and neither reads nor says anything.
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

export class SilentPeer {
  readonly address: string;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(server: Server, sockets: Set<Socket>, port: number) {
    this.#server = server;
    this.#sockets = sockets;
    this.address = `127.0.0.1:${port}`;
  }

  static async start(): Promise<SilentPeer> {
    const sockets = new Set<Socket>();
    const server = createServer({ pauseOnConnect: true }, (socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return new SilentPeer(server, sockets, typeof address === 'object' && address ? address.port : 0);
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
