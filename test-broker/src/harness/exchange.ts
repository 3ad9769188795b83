// One request on a connection of its own, and the raw bytes of its answer. Nothing is remembered, nothing is tried
// again: what a broker says to exactly these bytes.
import { connect, type Socket } from 'node:net';
import { FrameReader } from '@hopwire/protocol';
import { TargetError } from './target.ts';

const LARGEST_ANSWER = 64 * 1024 * 1024;

/**
 * @param address `host:port` of a listener without TLS
 * @param frame a request with its size, as `encodeRequestFrame` gives it
 * @param timeoutMs for connecting, writing and the answer together
 * @returns the answer without its size, as `decodeResponseMessage` takes it: it begins with the correlation id
 * @throws {TargetError} when there is no connection, or when it ends or time runs out before the answer
 */
export function exchange(address: string, frame: Uint8Array, timeoutMs = 10_000): Promise<Buffer> {
  const colon = address.lastIndexOf(':');
  const [host, port] = [address.slice(0, colon), Number(address.slice(colon + 1))];
  const socket = connect({ host, port, signal: AbortSignal.timeout(timeoutMs) });
  socket.write(frame);
  return answerOf(socket, address).finally(() => socket.destroy());
}

function answerOf(socket: Socket, address: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string, cause?: Error): void => {
      reject(new TargetError(`${address} gave no answer: ${reason}`, { cause }));
    };
    const reader = new FrameReader(LARGEST_ANSWER, resolve);
    socket.on('data', (chunk: Buffer) => {
      try {
        reader.push(chunk);
      } catch (error) {
        fail('its bytes are no frame', error as Error);
      }
    });
    socket.once('error', (error) => fail(error.message, error));
    socket.once('close', () => fail('the connection was closed'));
  });
}
