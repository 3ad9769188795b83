// The in-flight contract of a connection, against a peer that answers when and how the test says.
import { ApiVersions, type ApiVersionsResponse, encodeResponseFrame } from '@hopwire/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import type { KafkaEvent } from '../events.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import { onRequests, type Peer, startPeer } from './scripted-peer.ts';
import { openSocket } from './socket.ts';

const request = { clientSoftwareName: 'test', clientSoftwareVersion: '1', clusterId: null, nodeId: -1 };
const nothing: ApiVersionsResponse = {
  errorCode: 0,
  apiKeys: [],
  throttleTimeMs: 0,
  supportedFeatures: [],
  finalizedFeaturesEpoch: -1n,
  finalizedFeatures: [],
  zkMigrationReady: false,
};

/** An ApiVersions answer that carries a number to recognise it by. */
function answer(correlationId: number, mark: number, throttleTimeMs = 0): Buffer {
  const apiKeys = [{ apiKey: mark, minVersion: 0, maxVersion: 0 }];
  return encodeResponseFrame(ApiVersions, 2, { ...nothing, apiKeys, throttleTimeMs }, correlationId);
}

function markOf(response: ApiVersionsResponse): number | undefined {
  return response.apiKeys[0]?.apiKey;
}

describe('a connection', () => {
  const open: { peer?: Peer; connection?: Connection } = {};
  const ids: number[] = [];
  let peerSends: (bytes: Buffer) => void = () => undefined;
  let arrived: () => void = () => undefined;

  async function connect(options: Partial<ConnectionOptions> = {}): Promise<Connection> {
    ids.length = 0;
    const peer = await startPeer((socket) => {
      socket.setNoDelay(true);
      peerSends = (bytes) => void socket.write(bytes);
      onRequests(socket, (frame) => {
        ids.push(frame.readInt32BE(4));
        arrived();
      });
    });
    const address = { host: '127.0.0.1', port: peer.port };
    const socket = await openSocket(address, { tls: undefined, openSocket: undefined }, new AbortController().signal);
    const defaults = { broker: peer.bootstrap, clientId: 'c', maxFrameBytes: 1 << 20, emit: undefined };
    const connection = new Connection(socket, { ...defaults, requestTimeoutMs: 5000, idleConnectionMs: 0, ...options });
    connection.becomeReady();
    Object.assign(open, { peer, connection });
    return connection;
  }

  /** Resolves when the peer has got so many requests. */
  function received(count: number): Promise<void> {
    return new Promise((resolve) => {
      arrived = () => ids.length >= count && resolve();
      arrived();
    });
  }

  afterEach(async () => {
    open.connection?.close();
    await open.peer?.[Symbol.asyncDispose]();
  });

  it('CLI-001 drops the answer to a request that timed out, and stays usable', async () => {
    const connection = await connect();
    await expect(connection.send(ApiVersions, 2, request, { timeoutMs: 20 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      sent: true,
    });
    const second = connection.send(ApiVersions, 2, request);
    await received(2);
    peerSends(Buffer.concat([answer(ids[0] ?? 0, 1), answer(ids[1] ?? 0, 2)]));
    expect(markOf(await second)).toBe(2);
    expect(connection.isOpen).toBe(true);
  });

  it('CLI-002 fails only the request that timed out: those behind it get their answers', async () => {
    const connection = await connect();
    const first = connection.send(ApiVersions, 2, request, { timeoutMs: 20 });
    const second = connection.send(ApiVersions, 2, request);
    await expect(first).rejects.toMatchObject({ code: 'TIMEOUT' });
    peerSends(Buffer.concat([answer(ids[0] ?? 0, 1), answer(ids[1] ?? 0, 2)]));
    expect(markOf(await second)).toBe(2);
  });

  it('CLI-002 gives the socket up when nothing at all arrived for a whole request timeout', async () => {
    const connection = await connect({ requestTimeoutMs: 40 });
    const waiting = connection.send(ApiVersions, 2, request, { answerTimeoutMs: 10_000 });
    const late = connection.send(ApiVersions, 2, request);
    await expect(late).rejects.toMatchObject({ code: 'TIMEOUT' });
    // The first in line has its own, longer time: like a JoinGroup it may keep the broker busy.
    expect(connection.isOpen).toBe(true);
    connection.close();
    await expect(waiting).rejects.toMatchObject({ code: 'CLOSED' });

    const other = await connect({ requestTimeoutMs: 40 });
    await expect(other.send(ApiVersions, 2, request)).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(other.isOpen).toBe(false);
  });

  it('CLI-005 gets the same answers from any chunking of the bytes, and several from one chunk', async () => {
    for (const size of [1, 3, 7, 1000]) {
      const connection = await connect();
      const sent = [1, 2, 3].map(() => connection.send(ApiVersions, 2, request));
      await received(3);
      const bytes = Buffer.concat(ids.map((id, i) => answer(id, i + 10)));
      for (let at = 0; at < bytes.length; at += size) peerSends(bytes.subarray(at, at + size));
      expect((await Promise.all(sent)).map(markOf)).toEqual([10, 11, 12]);
      connection.close();
      await open.peer?.[Symbol.asyncDispose]();
    }
  });

  it('tells everyone who waits the first failure when the peer hangs up', async () => {
    const connection = await connect();
    const sent = [1, 2].map(() => connection.send(ApiVersions, 2, request));
    await received(2);
    open.peer?.accepted[0]?.destroy();
    const [first, second] = await Promise.allSettled(sent);
    expect(first).toMatchObject({ reason: { code: 'CONNECTION', sent: true } });
    expect(first).toMatchObject({
      reason: { message: expect.stringContaining('closed while waiting for ApiVersions') },
    });
    expect(second).toEqual(first);
    await expect(connection.send(ApiVersions, 2, request)).rejects.toBe((first as PromiseRejectedResult).reason);
  });

  it('rejects an aborted request with the reason of its signal, and drops its answer', async () => {
    const connection = await connect();
    const controller = new AbortController();
    const reason = new RangeError('enough');
    const aborted = connection.send(ApiVersions, 2, request, { signal: controller.signal });
    await received(1);
    controller.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    const next = connection.send(ApiVersions, 2, request);
    await received(2);
    peerSends(Buffer.concat([answer(ids[0] ?? 0, 1), answer(ids[1] ?? 0, 2)]));
    expect(markOf(await next)).toBe(2);
  });

  it('never sends a request that was aborted before', async () => {
    const connection = await connect();
    const signal = AbortSignal.abort(new RangeError('before'));
    await expect(connection.send(ApiVersions, 2, request, { signal })).rejects.toThrow('before');
    const next = connection.send(ApiVersions, 2, request);
    await received(1);
    expect(ids).toHaveLength(1);
    peerSends(answer(ids[0] ?? 0, 1));
    await next;
  });

  it('CLI-012 holds requests back for as long as the broker asks, in order', async () => {
    const events: KafkaEvent[] = [];
    const connection = await connect({ emit: (event) => void events.push(event) });
    const first = connection.send(ApiVersions, 2, request);
    await received(1);
    peerSends(answer(ids[0] ?? 0, 1, 60));
    await first;
    const startedAt = performance.now();
    // The time of the answer begins when the bytes have left.
    const later = [1, 2].map(() => connection.send(ApiVersions, 2, request, { answerTimeoutMs: 50 }));
    await received(3);
    expect(performance.now() - startedAt).toBeGreaterThan(50);
    peerSends(Buffer.concat(ids.slice(1).map((id, i) => answer(id, i + 2))));
    expect((await Promise.all(later)).map(markOf)).toEqual([2, 3]);
    expect(events.some((event) => event.type === 'throttle' && event.pauseMs === 60)).toBe(true);
  });

  it('fails with ProtocolError for an answer that cannot be decoded, and closes', async () => {
    const connection = await connect();
    const sent = connection.send(ApiVersions, 2, request);
    await received(1);
    const bytes = answer(ids[0] ?? 0, 1);
    bytes.writeInt32BE(0x7fffffff, 10); // the count of the list
    peerSends(bytes);
    await expect(sent).rejects.toMatchObject({ code: 'PROTOCOL' });
    expect(connection.isOpen).toBe(false);
  });

  it('closes on an answer to a request that was never sent', async () => {
    const connection = await connect();
    const sent = connection.send(ApiVersions, 2, request);
    await received(1);
    peerSends(answer(12345, 1));
    await expect(sent).rejects.toMatchObject({ code: 'CONNECTION', message: expect.stringContaining('12345') });
  });

  it('closes itself after the idle time, and not before an answer', async () => {
    const connection = await connect({ idleConnectionMs: 20 });
    const sent = connection.send(ApiVersions, 2, request);
    await received(1);
    const closed = new Promise<Error>((resolve) => connection.whenClosed(resolve));
    peerSends(answer(ids[0] ?? 0, 1));
    await sent;
    expect((await closed).message).toContain('without use');
  });
});
