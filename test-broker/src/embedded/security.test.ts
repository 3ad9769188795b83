// TLS, SASL and rights, over sockets.
import { pbkdf2 } from 'node:crypto';
import { promisify } from 'node:util';
import {
  ApiVersions,
  type DeriveKey,
  FindCoordinator,
  Metadata,
  Produce,
  plainToken,
  SaslAuthenticate,
  SaslHandshake,
  ScramClient,
  type ScramMechanism,
} from '@hopwire/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestBroker } from './test-broker.ts';
import { RawClient } from './testing/raw-client.ts';
import { batchOf, metadataOf, produceOf } from './testing/requests.ts';

const versions = { clientSoftwareName: 'raw', clientSoftwareVersion: '1', clusterId: null, nodeId: -1 };
const deriveKey: DeriveKey = (hash, password, salt, iterations, length) =>
  promisify(pbkdf2)(password, salt, iterations, length, hash);

async function plain(client: RawClient, username: string, password: string) {
  await client.ask(SaslHandshake, 1, { mechanism: 'PLAIN' });
  return client.ask(SaslAuthenticate, 2, { authBytes: plainToken({ username, password }) });
}

async function scram(client: RawClient, mechanism: ScramMechanism, username: string, password: string) {
  await client.ask(SaslHandshake, 1, { mechanism });
  const exchange = new ScramClient(mechanism, { username, password, nonce: 'abc' }, deriveKey);
  const first = await client.ask(SaslAuthenticate, 2, { authBytes: exchange.firstMessage() });
  if (first.errorCode !== 0) return first;
  const last = await client.ask(SaslAuthenticate, 2, { authBytes: await exchange.finalMessage(first.authBytes) });
  if (last.errorCode === 0) exchange.verify(last.authBytes);
  return last;
}

describe('SASL', () => {
  let broker: TestBroker;
  let client: RawClient;

  beforeEach(async () => {
    broker = await TestBroker.start({ users: { alice: 'alice-secret' } });
    client = await RawClient.open(broker.bootstrap);
  });

  afterEach(async () => {
    client.close();
    await broker.close();
  });

  it('logs in with PLAIN after one ApiVersions', async () => {
    await client.ask(ApiVersions, 3, versions);
    expect((await plain(client, 'alice', 'alice-secret')).errorCode).toBe(0);
    expect((await client.ask(Metadata, 9, metadataOf('t'))).topics[0]?.errorCode).toBe(0);
  });

  it.each(['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)('logs in with %s', async (mechanism) => {
    expect((await scram(client, mechanism, 'alice', 'alice-secret')).errorCode).toBe(0);
    expect((await client.ask(Metadata, 9, metadataOf('t'))).topics[0]?.errorCode).toBe(0);
  });

  it("refuses a wrong password with 58 and Kafka's text, then closes", async () => {
    const answer = await plain(client, 'alice', 'guess');
    expect(answer).toMatchObject({
      errorCode: 58,
      errorMessage: 'Authentication failed: Invalid username or password',
    });
    await client.closed;
  });

  it.each([
    ['alice', 'guess'],
    ['bob', 'alice-secret'],
  ])('refuses SCRAM of %s with %s alike', async (user, password) => {
    const answer = await scram(client, 'SCRAM-SHA-512', user, password);
    expect(answer.errorCode).toBe(58);
    expect(answer.errorMessage).toMatch(/^Authentication failed during authentication.*SCRAM-SHA-512$/);
    await client.closed;
  });

  it('answers an unknown mechanism with 33 and the list, then closes', async () => {
    const answer = await client.ask(SaslHandshake, 1, { mechanism: 'GSSAPI' });
    expect(answer).toEqual({ errorCode: 33, mechanisms: ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] });
    await client.closed;
  });

  it('closes on a request before login and on a second ApiVersions', async () => {
    await expect(client.ask(Metadata, 9, metadataOf('t'))).rejects.toThrow('closed');
    using other = await RawClient.open(broker.bootstrap);
    expect((await other.askBytes(Buffer.from('00120063000000070000', 'hex'))).length).toBeGreaterThan(4);
    await other.ask(ApiVersions, 3, versions);
    await expect(other.ask(ApiVersions, 3, versions)).rejects.toThrow('closed');
  });

  it('takes bare tokens after SaslHandshake 0', async () => {
    await client.ask(SaslHandshake, 0, { mechanism: 'PLAIN' });
    expect(await client.askBytes(plainToken({ username: 'alice', password: 'alice-secret' }))).toHaveLength(0);
    expect((await client.ask(Metadata, 9, metadataOf('t'))).topics[0]?.errorCode).toBe(0);
  });

  it('takes at most 512 KiB before login, and more after it', async () => {
    client.write(Buffer.from('00080001', 'hex'));
    await client.closed;
    using other = await RawClient.open(broker.bootstrap);
    await plain(other, 'alice', 'alice-secret');
    broker.createTopic('t');
    const answer = await other.ask(Produce, 9, produceOf('t', batchOf(['x'.repeat(300_000)])));
    expect(answer.responses[0]?.partitionResponses[0]?.errorCode).toBe(0);
  });
});

describe('renewal of a login', () => {
  it('is demanded by a lifetime, and allowed for the same user only', async () => {
    await using broker = await TestBroker.start({ users: { alice: 'a', bob: 'b' }, reauthenticateMs: 60_000 });
    using client = await RawClient.open(broker.bootstrap);
    expect((await plain(client, 'alice', 'a')).sessionLifetimeMs).toBe(60_000n);
    expect((await plain(client, 'alice', 'a')).errorCode).toBe(0);
    expect((await plain(client, 'bob', 'b')).errorCode).toBe(58);
  });
});

describe('TLS', () => {
  it('is verified against the broker authority, by name and address', async () => {
    await using broker = await TestBroker.start({ tls: true });
    for (const servername of ['localhost', '']) {
      using client = await RawClient.open(broker.bootstrap, { ca: broker.ca, ...(servername ? { servername } : {}) });
      expect((await client.ask(ApiVersions, 3, versions)).errorCode).toBe(0);
    }
    await expect(RawClient.open(broker.bootstrap, { ca: broker.certificates?.otherCa })).rejects.toThrow(/certificate/);
  });

  it('with mutual certificates takes our client and not a stranger', async () => {
    await using broker = await TestBroker.start({ tls: 'mtls', denyTopics: { client: ['t'] } });
    using client = await RawClient.open(broker.bootstrap, { ca: broker.ca, ...broker.clientCertificate });
    expect((await client.ask(Metadata, 9, metadataOf('t'))).topics[0]?.errorCode).toBe(29);
    const { otherClientCert: cert, otherClientKey: key } = broker.certificates ?? {};
    using stranger = await RawClient.open(broker.bootstrap, { ca: broker.ca, cert, key });
    await stranger.closed;
  });

  it('and SASL go together, beside other listeners that show their own ports', async () => {
    await using broker = await TestBroker.start({ users: { alice: 'a' }, listeners: ['plaintext', 'saslTls'] });
    using client = await RawClient.open(broker.listener('saslTls'), { ca: broker.ca });
    await plain(client, 'alice', 'a');
    const { brokers } = await client.ask(Metadata, 9, metadataOf());
    expect(`127.0.0.1:${brokers[0]?.port}`).toBe(broker.listener('saslTls'));
    expect(broker.bootstrap).toBe(broker.listener('plaintext'));
  });
});

describe('rights', () => {
  it('are taken from one user for topics and groups', async () => {
    await using broker = await TestBroker.start({
      topics: { secret: 1, open: 1 },
      users: { alice: 'a', bob: 'b' },
      denyTopics: { alice: ['secret'] },
      denyGroups: { alice: ['g'] },
    });
    using alice = await RawClient.open(broker.bootstrap);
    await plain(alice, 'alice', 'a');
    const produced = await alice.ask(Produce, 9, produceOf('secret', batchOf(['a'])));
    expect(produced.responses[0]?.partitionResponses[0]?.errorCode).toBe(29);
    expect((await alice.ask(Metadata, 9, { ...metadataOf(), topics: null })).topics.map(({ name }) => name)).toEqual([
      'open',
    ]);
    expect(
      (await alice.ask(FindCoordinator, 4, { keyType: 0, coordinatorKeys: ['g'] })).coordinators[0]?.errorCode,
    ).toBe(30);
    using bob = await RawClient.open(broker.bootstrap);
    await plain(bob, 'bob', 'b');
    expect((await bob.ask(Metadata, 9, metadataOf('secret'))).topics[0]?.errorCode).toBe(0);
  });
});
