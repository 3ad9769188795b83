// For tests: a connection, and at its other end a peer that answers when and how the test says.
import { ApiVersions, type ApiVersionsRequest, type ApiVersionsResponse, encodeResponseFrame } from '@hopwire/protocol';
import { Connection, type ConnectionOptions } from './connection.ts';
import { PauseNews } from './pause-news.ts';
import { onRequests, type Peer, startPeer } from './scripted-peer.ts';
import { openSocket } from './socket.ts';

/** What the tests ask, in version 2 of ApiVersions. */
export const request: ApiVersionsRequest = {
  clientSoftwareName: 'test',
  clientSoftwareVersion: '1',
  clusterId: null,
  nodeId: -1,
};

const news = new PauseNews({ warn: () => undefined });

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
export function answer(correlationId: number, mark: number, throttleTimeMs = 0): Buffer {
  const apiKeys = [{ apiKey: mark, minVersion: 0, maxVersion: 0 }];
  return encodeResponseFrame(ApiVersions, 2, { ...nothing, apiKeys, throttleTimeMs }, correlationId);
}

export function markOf(response: ApiVersionsResponse): number | undefined {
  return response.apiKeys[0]?.apiKey;
}

export interface Conversation extends AsyncDisposable {
  readonly connection: Connection;
  readonly peer: Peer;
  /** Correlation ids of the requests that the peer has got. */
  readonly ids: readonly number[];
  /** Resolves when the peer has got so many requests. */
  received(count: number): Promise<void>;
  peerSends(bytes: Buffer): void;
}

/** A connection that is ready. */
export async function converse(options: Partial<ConnectionOptions> = {}): Promise<Conversation> {
  const ids: number[] = [];
  let arrived: () => void = () => undefined;
  const peer = await startPeer((socket) => {
    socket.setNoDelay(true);
    onRequests(socket, (frame) => {
      ids.push(frame.readInt32BE(4));
      arrived();
    });
  });
  const address = { host: '127.0.0.1', port: peer.port };
  const socket = await openSocket(address, { tls: undefined, openSocket: undefined }, new AbortController().signal);
  const defaults = { broker: peer.bootstrap, clientId: 'c', maxFrameBytes: 1 << 20, emit: undefined, news };
  const connection = new Connection(socket, { ...defaults, requestTimeoutMs: 5000, idleConnectionMs: 0, ...options });
  connection.becomeReady();
  return {
    connection,
    peer,
    ids,
    received: (count) =>
      new Promise((resolve) => {
        arrived = () => ids.length >= count && resolve();
        arrived();
      }),
    peerSends: (bytes) => void peer.accepted.at(-1)?.write(bytes),
    [Symbol.asyncDispose]: async () => {
      connection.close();
      await peer[Symbol.asyncDispose]();
    },
  };
}

/** Keeps the event loop from doing anything. */
export function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}
