// The whole client: opening, asking anything, closing.
import { readFileSync } from 'node:fs';
import { TestBroker } from '@hopwire/test-broker';
import { describe, expect, it } from 'vitest';
import { ApiVersions, createClient, Errors, Kafka, Metadata, version } from './index.ts';
import { startPeer } from './network/scripted-peer.ts';

const nothingAsked = {
  topics: null,
  allowAutoTopicCreation: true,
  includeClusterAuthorizedOperations: false,
  includeTopicAuthorizedOperations: false,
};

const quiet = (): void => undefined;
const silent = { debug: quiet, info: quiet, warn: quiet, error: quiet };

describe('a client', () => {
  it('connects to nothing before it is needed, and closes without having been used', async () => {
    const kafka = createClient({ brokers: '127.0.0.1:1' });
    expect(kafka).toBeInstanceOf(Kafka);
    await kafka.close();
  });

  it('sends any API in any version to any broker', async () => {
    await using broker = await TestBroker.start({ brokers: 2, topics: { orders: 2 } });
    await using kafka = createClient({ brokers: broker.bootstrap });
    for (const v of [1, 9, 12]) {
      const { topics } = await kafka.request(
        Metadata,
        { ...nothingAsked, allowAutoTopicCreation: true },
        { version: v },
      );
      expect(topics.map(({ name }) => name)).toEqual(['orders']);
    }
    const { brokers } = await kafka.request(Metadata, nothingAsked, { broker: 2 });
    expect(brokers).toHaveLength(2);
    await expect(kafka.request(Metadata, nothingAsked, { broker: 99 })).rejects.toThrow('no broker 99');
  });

  it('is answered what a broker says to ApiVersions, also that it does not take the version', async () => {
    await using broker = await TestBroker.start();
    await using kafka = createClient({ brokers: broker.bootstrap });
    await kafka.request(Metadata, nothingAsked); // its connection is made, and asks no more by itself
    broker.on(ApiVersions, { errorCode: Errors.UNSUPPORTED_VERSION }, { always: true });
    const software = { clientSoftwareName: 'test', clientSoftwareVersion: '1', clusterId: null, nodeId: -1 };
    for (const version of [0, 1, 2, 3, 4]) {
      const answer = await kafka.request(ApiVersions, software, { version });
      expect(answer).toMatchObject({ errorCode: Errors.UNSUPPORTED_VERSION, apiKeys: [] });
    }
  });

  it.each([
    ['the client may and the broker does', true, true],
    ['the broker does, by default', undefined, undefined],
    ['the client may', true, false],
    ['neither', false, false],
  ])('creates topics only if both sides want it, and says so otherwise: %s', async (_, allow, auto) => {
    const isCreated = allow === true && auto === true;
    await using broker = await TestBroker.start(auto === undefined ? {} : { autoCreateTopics: auto });
    const brokers = broker.bootstrap;
    await using kafka = createClient({ brokers, allowAutoTopicCreation: allow, logger: silent });
    const producer = kafka.producer({ deliveryTimeoutMs: isCreated ? 10_000 : 300 });
    const sent = producer.send({ topic: 'new', value: 'v' });
    if (!isCreated) return expect(sent).rejects.toThrow(/new: UNKNOWN_TOPIC_OR_PARTITION .*allowAutoTopicCreation/);
    expect(await sent).toMatchObject({ topic: 'new', partition: 0, offset: 0n });
    const consumer = kafka.consumer({ topics: ['newer'], startAt: 'earliest' });
    const first = consumer[Symbol.asyncIterator]().next();
    await producer.send({ topic: 'newer', value: 'w' });
    expect((await first).value).toMatchObject({ topic: 'newer', value: Buffer.from('w') });
  });

  it('says what keeps a request from its broker when its time is up', async () => {
    await using peer = await startPeer(() => undefined);
    await using kafka = createClient({ brokers: peer.bootstrap, connectTimeoutMs: 60, retryBackoffMs: 10 });
    const sent = [{}, { broker: 1 }].map((options) =>
      kafka.request(Metadata, nothingAsked, { timeoutMs: 200, ...options }),
    );
    const reasons = await Promise.allSettled(sent);
    const why = { reason: { message: expect.stringContaining('the peer accepts connections but does not answer') } };
    expect(reasons).toMatchObject([why, why]);
  });

  it('CLI-078 closes within 500 ms when idle, with what came out of it; twice joins the first', async () => {
    await using broker = await TestBroker.start({ topics: { orders: 1 } });
    const kafka = createClient({ brokers: broker.bootstrap });
    const producer = kafka.producer();
    await producer.send({ topic: 'orders', value: 'x' });
    await kafka.admin().listTopics();
    const startedAt = performance.now();
    await Promise.all([kafka.close(), kafka.close()]);
    expect(performance.now() - startedAt).toBeLessThan(500);
    expect(() => kafka.producer()).toThrow(/closed/);
    await expect(kafka.connect()).rejects.toMatchObject({ code: 'CLOSED' });
  });

  describe('closes consumers before producers, so that the record at work is finished', () => {
    const start = async () => {
      const broker = await TestBroker.start({ topics: { orders: 1, invoices: 1 } });
      broker.append('orders', [{ value: 'first' }, { value: 'second' }]);
      const kafka = createClient({ brokers: broker.bootstrap });
      const consumer = kafka.consumer({ groupId: 'g', topics: ['orders'], startAt: 'earliest' });
      return { broker, kafka, consumer, producer: kafka.producer(), admin: kafka.admin() };
    };

    it.each([{}, { timeoutMs: 2_000 }])('with %o', async (waiting) => {
      const { broker, kafka, consumer, producer, admin } = await start();
      let closed: Promise<unknown> | null = null;
      for await (const record of consumer) {
        closed ??= Promise.all([kafka.close(waiting), kafka.close(waiting)]);
        await new Promise((resolve) => setTimeout(resolve, 100));
        await producer.send({ topic: 'invoices', value: record.value });
        await admin.listTopics();
      }
      await closed;
      expect([broker.committed('g', 'orders', 0), broker.records('invoices', 0).length]).toEqual([1n, 1]);
      await broker.close();
    });

    it.each([
      ['its time', () => ({ timeoutMs: 400 })],
      ['its signal', () => ({ signal: AbortSignal.timeout(200) })],
    ])('and by %s also when a body hangs; what was sent before is delivered', async (_, waiting) => {
      const { broker, kafka, consumer, producer } = await start();
      const { value } = await consumer[Symbol.asyncIterator]().next();
      expect(value?.text()).toBe('first');
      const sent = producer.send({ topic: 'invoices', value: 'x' });
      const startedAt = performance.now();
      await kafka.close(waiting()).catch(() => undefined);
      expect(performance.now() - startedAt).toBeLessThan(700);
      await sent;
      await broker.close();
    });
  });

  it('CLI-079 leaves no sockets behind', async () => {
    await using broker = await TestBroker.start();
    const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    const before = sockets();
    for (let i = 0; i < 50; i++) {
      await using kafka = createClient({ brokers: broker.bootstrap });
      await kafka.connect();
    }
    expect(sockets() - before).toBeLessThan(10);
  });

  it('tells brokers the version in package.json', () => {
    const { version: published } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    expect(version).toBe(published);
  });
});
