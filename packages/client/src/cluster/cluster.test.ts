// Finding and keeping the cluster, against the embedded broker and against peers that are none.
import {
  ApiVersions,
  type ApiVersionsResponse,
  Errors,
  encodeResponseFrame,
  FindCoordinator,
  Metadata,
  SaslAuthenticate,
  ZERO_UUID,
} from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { afterEach, describe, expect, it } from 'vitest';
import type { KafkaEvent } from '../events.ts';
import { onRequests, startPeer } from '../network/scripted-peer.ts';
import { type KafkaOptions, resolveKafkaOptions } from '../options.ts';
import { plain } from '../sasl/plain.ts';
import { scramSha256, scramSha512 } from '../sasl/scram.ts';
import { Cluster } from './cluster.ts';

const clusters: Cluster[] = [];

function clusterOf(brokers: string | string[], options: Partial<KafkaOptions> = {}): Cluster {
  const cluster = new Cluster(resolveKafkaOptions({ brokers, retryBackoffMs: 5, retryBackoffMaxMs: 50, ...options }));
  clusters.push(cluster);
  return cluster;
}

/** And the addresses that were asked for metadata. */
function watched(broker: TestBroker): { cluster: Cluster; asked: string[] } {
  const asked: string[] = [];
  const onEvent = (event: KafkaEvent): void => {
    if (event.type === 'request' && event.api === 'Metadata') asked.push(event.broker);
  };
  return { cluster: clusterOf(broker.bootstrap, { onEvent }), asked };
}

afterEach(async () => {
  for (const cluster of clusters.splice(0)) await cluster.close();
});

describe('the cluster', () => {
  it('is found by its bootstrap broker, with topics, leaders and controller', async () => {
    await using broker = await TestBroker.start({ brokers: 3, topics: { orders: 6 } });
    const cluster = clusterOf(broker.bootstrap);
    const { topics, brokers } = await cluster.metadataFor(['orders']);
    expect(brokers.size).toBe(3);
    expect(topics.get('orders')?.partitions.size).toBe(6);
    expect(topics.get('orders')?.topicId).not.toBe(ZERO_UUID);
    for (let partition = 0; partition < 6; partition++) {
      const leader = cluster.leaderOf({ topic: 'orders', partition });
      expect(leader?.nodeId).toBe(broker.leaderOf('orders', partition));
    }
    expect((await cluster.controller()).nodeId).toBe(cluster.snapshot.controllerId);
  });

  it('keeps the errors of topics as data, and creates nothing by asking', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    const { topics } = await clusterOf(broker.bootstrap).metadataFor(['absent', 'orders']);
    expect(topics.get('absent')?.errorCode).toBe(Errors.UNKNOWN_TOPIC_OR_PARTITION);
    expect(topics.get('orders')?.errorCode).toBe(0);
    expect(broker.topicNames()).toEqual(['orders']);
  });

  it('CLI-090 asks once for what many want at the same time', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    const events: KafkaEvent[] = [];
    const cluster = clusterOf(broker.bootstrap, { onEvent: (event) => void events.push(event) });
    await Promise.all(Array.from({ length: 20 }, () => cluster.metadataFor(['orders'])));
    await Promise.all(Array.from({ length: 20 }, () => cluster.coordinatorFor('g', 0)));
    const asked = (api: string): number => events.filter((e) => e.type === 'request' && e.api === api).length;
    expect(asked('Metadata')).toBe(1);
    expect(asked('FindCoordinator')).toBe(1);
  });

  it('looks for the coordinator until there is one, and anew after it was forgotten', async () => {
    await using broker = await TestBroker.start({ brokers: 2 });
    broker.on(FindCoordinator, { errorCode: Errors.COORDINATOR_NOT_AVAILABLE }, { times: 2 });
    const cluster = clusterOf(broker.bootstrap);
    expect((await cluster.coordinatorFor('g', 0)).nodeId).toBe(broker.coordinatorOf('g'));
    const other = broker.coordinatorOf('g') === 1 ? 2 : 1;
    broker.moveCoordinator('g', other);
    cluster.forgetCoordinator('g', 0);
    expect((await cluster.coordinatorFor('g', 0)).nodeId).toBe(other);
  });

  it('asks all brokers in turn when news of the same topics is wanted again soon: some may be behind', async () => {
    await using broker = await TestBroker.start({ brokers: 5, topics: { orders: 1 } });
    const { cluster, asked } = watched(broker);
    await cluster.metadataFor(['orders']);
    for (let n = 0; n < 9; n++) await cluster.seekTopics(['orders']);
    expect([new Set(asked.slice(0, 5)).size, new Set(asked.slice(5)).size]).toEqual([5, 5]);
  });

  it('asks one broker for all that it was not asked before, and for the truth', async () => {
    await using broker = await TestBroker.start({ brokers: 3, topics: { orders: 1, parcels: 1 } });
    const { cluster, asked } = watched(broker);
    await cluster.seekTopics(['orders']);
    await cluster.seekTopics(['parcels']);
    for (let n = 0; n < 3; n++) await cluster.freshMetadata(['orders']);
    expect(new Set(asked).size).toBe(1);
  });

  it('survives cut connections and a restart', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    const cluster = clusterOf(broker.bootstrap);
    await cluster.metadataFor(['orders']);
    broker.killConnections();
    await cluster.refreshMetadata();
    await broker.stop();
    const refreshed = cluster.refreshMetadata();
    await broker.restart();
    expect((await refreshed).topics.get('orders')?.errorCode).toBe(0);
  });

  it('CLI-011 does not mind a dead bootstrap address beside a living one', async () => {
    await using broker = await TestBroker.start();
    const cluster = clusterOf(['127.0.0.1:1', broker.bootstrap]);
    expect((await cluster.refreshMetadata()).brokers.size).toBe(1);
  });

  it('CLI-078 closes at once, and what waits fails with ClosedError', async () => {
    await using broker = await TestBroker.start();
    const cluster = clusterOf(broker.bootstrap);
    await cluster.refreshMetadata();
    broker.on(Metadata, 'swallow');
    const waiting = cluster.refreshMetadata();
    const failed = expect(waiting).rejects.toMatchObject({ code: 'CLOSED' });
    const startedAt = performance.now();
    await cluster.close();
    await failed;
    expect(performance.now() - startedAt).toBeLessThan(500);
    await expect(cluster.refreshMetadata()).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('logs what an observer throws, and goes on', async () => {
    await using broker = await TestBroker.start();
    const logged: string[] = [];
    const note = (message: string): void => void logged.push(message);
    const logger = { debug: note, info: note, warn: note, error: note };
    const onEvent = (): never => {
      throw new RangeError('a bad observer');
    };
    await clusterOf(broker.bootstrap, { onEvent, logger }).refreshMetadata();
    expect(logged.some((line) => line.startsWith('onEvent threw'))).toBe(true);
  });
});

describe('versions', () => {
  it('CLI-007 are those of each broker: a lower maximum is kept to', async () => {
    await using broker = await TestBroker.start({ maxVersions: { Metadata: 5 }, topics: { orders: 1 } });
    const cluster = clusterOf(broker.bootstrap);
    const { topics } = await cluster.metadataFor(['orders']);
    expect(topics.get('orders')?.partitions.size).toBe(1);
    expect(await (await cluster.anyBroker()).versionOf(Metadata)).toBe(5);
  });

  it('CLI-008 are asked for again at v0 on the same connection, whatever follows the error code', async () => {
    for (const rest of ['', '00000000', 'ffffffffff']) {
      const asked: number[] = [];
      await using peer = await startPeer((socket) => {
        onRequests(socket, (frame) => {
          const [key, version, id] = [frame.readInt16BE(0), frame.readInt16BE(2), frame.readInt32BE(4)];
          if (key === ApiVersions.key) asked.push(version);
          socket.write(key === ApiVersions.key && version > 0 ? refused(id, rest) : oldBrokerAnswer(key, version, id));
        });
      });
      const { brokers } = await clusterOf(peer.bootstrap).refreshMetadata();
      expect(brokers.get(7)?.host).toBe('127.0.0.1');
      expect(asked).toEqual([5, 0]);
      expect(peer.accepted).toHaveLength(1);
    }
  });

  it('CLI-008 are asked for at v3, then v0, of a broker that hangs up; and what worked is remembered', async () => {
    const asked: number[] = [];
    await using peer = await startPeer((socket) => {
      onRequests(socket, (frame) => {
        const [key, version, id] = [frame.readInt16BE(0), frame.readInt16BE(2), frame.readInt32BE(4)];
        if (key === ApiVersions.key) asked.push(version);
        if (key === ApiVersions.key && version > 0) socket.destroy();
        else socket.write(oldBrokerAnswer(key, version, id));
      });
    });
    const cluster = clusterOf(peer.bootstrap);
    await cluster.refreshMetadata();
    expect(asked).toEqual([5, 3, 0]);
    peer.accepted.at(-1)?.destroy();
    await cluster.refreshMetadata();
    expect(asked.slice(3).filter((version) => version !== 0)).toEqual([]);
  });
});

const OLD: ApiVersionsResponse = {
  errorCode: 0,
  apiKeys: [
    { apiKey: 3, minVersion: 0, maxVersion: 1 },
    { apiKey: 18, minVersion: 0, maxVersion: 0 },
  ],
  throttleTimeMs: 0,
  supportedFeatures: [],
  finalizedFeaturesEpoch: -1n,
  finalizedFeatures: [],
  zkMigrationReady: false,
};

function refused(id: number, restHex: string): Buffer {
  const body = Buffer.from(`0023${restHex}`, 'hex');
  const head = Buffer.alloc(8);
  head.writeInt32BE(4 + body.length, 0);
  head.writeInt32BE(id, 4);
  return Buffer.concat([head, body]);
}

function oldBrokerAnswer(key: number, version: number, id: number): Buffer {
  if (key === ApiVersions.key) return encodeResponseFrame(ApiVersions, version, OLD, id);
  const brokers = [{ nodeId: 7, host: '127.0.0.1', port: 1, rack: null }];
  const rest = {
    throttleTimeMs: 0,
    clusterId: null,
    controllerId: 7,
    topics: [],
    clusterAuthorizedOperations: -2147483648,
  };
  return encodeResponseFrame(Metadata, version, { ...rest, brokers, errorCode: 0 }, id);
}

describe('a mistake is named', () => {
  const quick = { connectTimeoutMs: 300 };

  it('unknown host: host, port and remedy', async () => {
    const failed = clusterOf('no-such-host.invalid:9092', quick).refreshMetadata();
    await expect(failed).rejects.toMatchObject({ code: 'CONNECTION', broker: 'no-such-host.invalid:9092' });
    await expect(failed).rejects.toThrow(/no-such-host\.invalid:9092: .*(unknown host|could not be resolved).*check/);
  });

  it('closed port: connection refused, after retrying within the connect timeout', async () => {
    const startedAt = performance.now();
    const failed = clusterOf('127.0.0.1:1', quick).refreshMetadata();
    await expect(failed).rejects.toThrow(/127\.0\.0\.1:1: connection refused; nothing listens on that port/);
    expect(performance.now() - startedAt).toBeGreaterThan(200);
  });

  it('CLI-009 a peer that accepts and never answers fails the call at its deadline; the next uses a new connection', async () => {
    await using peer = await startPeer(() => undefined);
    const cluster = clusterOf(peer.bootstrap, quick);
    await expect(cluster.refreshMetadata()).rejects.toThrow(/accepts connections but does not answer/);
    const before = peer.accepted.length;
    await expect(cluster.refreshMetadata()).rejects.toMatchObject({ retriable: true });
    expect(peer.accepted.length).toBeGreaterThan(before);
  });

  it('CLI-009 the same after the handshake: the request times out, and the next call uses a new connection', async () => {
    await using broker = await TestBroker.start();
    const events: KafkaEvent[] = [];
    const cluster = clusterOf(broker.bootstrap, { requestTimeoutMs: 50, onEvent: (event) => void events.push(event) });
    broker.on(Metadata, 'swallow', { times: 1 });
    await cluster.refreshMetadata();
    expect(events.filter((e) => e.type === 'connection' && e.state === 'ready')).toHaveLength(2);
  });

  it('CLI-013 TLS against a plain port', async () => {
    await using broker = await TestBroker.start();
    const failed = clusterOf(broker.bootstrap, { ...quick, tls: true }).refreshMetadata();
    await expect(failed).rejects.toThrow(/does not speak TLS: leave tls out/);
  });

  it('CLI-013 TLS against a plain port that hangs', async () => {
    await using peer = await startPeer(() => undefined);
    const failed = clusterOf(peer.bootstrap, { ...quick, tls: true }).refreshMetadata();
    await expect(failed).rejects.toThrow(/does not speak TLS: leave tls out/);
  });

  it('CLI-013 plain against a TLS port', async () => {
    await using broker = await TestBroker.start({ tls: true });
    const failed = clusterOf(broker.bootstrap, quick).refreshMetadata();
    await expect(failed).rejects.toThrow(/the port speaks TLS: set tls/);
  });

  it('CLI-013 plain against a TLS port that answers with an alert, or hangs up', async () => {
    for (const alert of ['15030300020246', '']) {
      await using peer = await startPeer((socket) => {
        socket.once('data', () => socket.end(Buffer.from(alert, 'hex')));
      });
      const failed = clusterOf(peer.bootstrap, quick).refreshMetadata();
      await expect(failed).rejects.toThrow(/the port speaks TLS: set tls/);
    }
  });

  it('an unknown authority, and a missing client certificate', async () => {
    await using broker = await TestBroker.start({ tls: 'mtls' });
    const { ca } = broker;
    const unknown = clusterOf(broker.bootstrap, { ...quick, tls: true }).refreshMetadata();
    await expect(unknown).rejects.toMatchObject({ code: 'AUTHENTICATION', mechanism: 'TLS' });
    await expect(unknown).rejects.toThrow(/give it as tls\.ca/);
    const bare = clusterOf(broker.bootstrap, { ...quick, ...(ca && { tls: { ca } }) }).refreshMetadata();
    await expect(bare).rejects.toThrow(/client certificate; give tls\.cert and tls\.key/);
  });

  it('CLI-075 a wrong password is the broker text at once, and is not retried', async () => {
    await using broker = await TestBroker.start({ users: { alice: 'alice-secret' } });
    const wrong = { username: 'alice', password: 'guess' };
    for (const sasl of [plain(wrong), scramSha256(wrong), scramSha512(wrong)]) {
      const events: KafkaEvent[] = [];
      const cluster = clusterOf(broker.bootstrap, { sasl, onEvent: (event) => void events.push(event) });
      const error = await cluster.refreshMetadata().catch((e: unknown) => e);
      expect(error).toMatchObject({ code: 'AUTHENTICATION', mechanism: sasl.name, brokerMessage: expect.any(String) });
      expect(error).toMatchObject({ message: expect.stringContaining('check user and password') });
      expect(String(error)).not.toContain('guess');
      expect(events.filter((e) => e.type === 'connection' && e.state === 'handshaking')).toHaveLength(1);
    }
  });

  it('a SASL listener and no mechanism: it lists what there is', async () => {
    await using broker = await TestBroker.start({ users: { alice: 'alice-secret' } });
    const failed = clusterOf(broker.bootstrap, quick).refreshMetadata();
    await expect(failed).rejects.toThrow(/demands SASL and no mechanism is set; set sasl to one of .*SCRAM-SHA-512/);
  });

  it('a mechanism that is not offered lists what is', async () => {
    await using broker = await TestBroker.start({ users: { alice: 'alice-secret' } });
    const sasl = { name: 'GSSAPI', authenticate: () => Promise.resolve() };
    const failed = clusterOf(broker.bootstrap, { sasl }).refreshMetadata();
    await expect(failed).rejects.toThrow(/GSSAPI is not offered; the broker has .*PLAIN.*SCRAM-SHA-256/);
  });
});

describe('a login', () => {
  const alice = { username: 'alice', password: () => Promise.resolve('alice-secret') };

  it.each([plain(alice), scramSha256(alice), scramSha512(alice)])('with $name works, over TLS too', async (sasl) => {
    for (const tls of [false, true]) {
      await using broker = await TestBroker.start({ users: { alice: 'alice-secret' }, tls });
      const cluster = clusterOf(broker.bootstrap, { sasl, ...(broker.ca && { tls: { ca: broker.ca } }) });
      expect((await cluster.refreshMetadata()).brokers.size).toBe(1);
    }
  });

  it('with a client certificate works', async () => {
    await using broker = await TestBroker.start({ tls: 'mtls' });
    const tls = { ...(broker.ca && { ca: broker.ca }), ...broker.clientCertificate };
    expect((await clusterOf(broker.bootstrap, { tls }).refreshMetadata()).brokers.size).toBe(1);
  });

  it('is renewed on a new connection before the session ends', async () => {
    await using broker = await TestBroker.start({ users: { alice: 'alice-secret' }, reauthenticateMs: 200 });
    const logins: KafkaEvent[] = [];
    const onEvent = (event: KafkaEvent): void => {
      if (event.type === 'request' && event.api === SaslAuthenticate.name) logins.push(event);
    };
    const cluster = clusterOf(broker.bootstrap, { sasl: plain(alice), onEvent });
    const startedAt = performance.now();
    while (performance.now() - startedAt < 500) await cluster.refreshMetadata();
    expect(logins.length).toBeGreaterThan(1);
  });
});
