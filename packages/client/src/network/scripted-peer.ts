// For tests: a peer that is no broker, but whatever the test wants it to be.

import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';

export interface Peer extends AsyncDisposable {
  readonly bootstrap: string;
  readonly port: number;
  /** Sockets accepted so far, closed ones too. */
  readonly accepted: readonly Socket[];
}

/** @param onSocket what the peer does with each connection */
export async function startPeer(onSocket: (socket: Socket, number: number) => void): Promise<Peer> {
  const accepted: Socket[] = [];
  const server = createServer((socket) => {
    accepted.push(socket);
    socket.on('error', () => undefined);
    onSocket(socket, accepted.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // of a TCP server
  const dispose = (): Promise<void> => stop(server, accepted);
  return { bootstrap: `127.0.0.1:${port}`, port, accepted, [Symbol.asyncDispose]: dispose };
}

function stop(server: Server, sockets: readonly Socket[]): Promise<void> {
  for (const socket of sockets) socket.destroy();
  return new Promise((resolve) => server.close(() => resolve()));
}

/** Calls back with each whole request frame (without its size). */
export function onRequests(socket: Socket, callback: (frame: Buffer) => void): void {
  let held = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk]);
    while (held.length >= 4 && held.length >= 4 + held.readInt32BE(0)) {
      const end = 4 + held.readInt32BE(0);
      callback(held.subarray(4, end));
      held = held.subarray(end);
    }
  });
}
