import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createClient, type KafkaOptions, scramSha256 } from '@hopwire/client';
import { ApiVersions, decodeResponseFrame, encodeRequestFrame, encodeResponseFrame, Metadata } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { describe, expect, it } from 'vitest';
import { addressText, parseAddress } from './address.ts';
import { type ProxyOptions, WireProxy } from './proxy.ts';
import type { ProxyEvent } from './relay.ts';

interface Observed {
  readonly proxy: WireProxy;
  readonly events: ProxyEvent[];
  /** `host:port` of the proxy's first port. */
  readonly address: string;
  /** Addresses of the brokers that have got a port. */
  readonly brokers: string[];
}

async function proxyFor(broker: string, options: Partial<ProxyOptions> = {}): Promise<Observed> {
  const events: ProxyEvent[] = [];
  const brokers: string[] = [];
  const target = parseAddress(broker);
  if (!target) throw new RangeError(`no address: ${broker}`);
  const proxy = await WireProxy.start({
    broker: target,
    listen: { host: '127.0.0.1', port: 0 },
    tls: null,
    rewrites: true,
    onEvent: async (event) => void events.push(event),
    onListening: (to) => void brokers.push(addressText(to)),
    ...options,
  });
  return { proxy, events, brokers, address: addressText(await proxy.address()) };
}

const frames = (events: readonly ProxyEvent[]): (ProxyEvent & { kind: 'frame' })[] =>
  events.filter((event) => event.kind === 'frame');
const problems = (events: readonly ProxyEvent[]): string[] =>
  frames(events).flatMap(({ seen, rewritten }) => [seen.problem, rewritten?.problem ?? null].filter((p) => p !== null));

/** Sends records and reads them back in a group. */
async function roundTrip(bootstrap: string, options: Partial<KafkaOptions> = {}): Promise<string[]> {
  await using kafka = createClient({ brokers: [bootstrap], ...options });
  await using producer = kafka.producer();
  for (let i = 0; i < 6; i++) await producer.send({ topic: 't', partition: i % 3, value: `v${i}` });
  const consumer = kafka.consumer({ groupId: 'g', topics: ['t'], startAt: 'earliest', limit: 6 });
  const values: string[] = [];
  for await (const record of consumer) values.push(record.text() ?? '');
  return values.sort();
}

const all = ['v0', 'v1', 'v2', 'v3', 'v4', 'v5'];

/** A listening server that does this with each connection. */
async function serverWith(each: (socket: Socket) => void): Promise<{ server: Server; address: string }> {
  const server = createServer(each).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  return { server, address: `127.0.0.1:${typeof bound === 'object' && bound ? bound.port : 0}` };
}

async function dial(address: string): Promise<Socket> {
  const socket = connect(parseAddress(address) ?? { host: '', port: 0 });
  await once(socket, 'connect');
  return socket;
}

/** Closed, by an error or not. */
function gone(socket: Socket): Promise<void> {
  socket.on('error', () => {}).resume();
  return new Promise((resolve) => void socket.once('close', () => resolve()));
}

/** So many bytes from a socket. */
async function received(socket: Socket, count: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  while (length < count) {
    const [chunk] = await once(socket, 'data');
    chunks.push(chunk);
    length += chunk.length;
  }
  return Buffer.concat(chunks);
}

describe('the proxy', () => {
  it('carries producing and a group, and each broker that is named gets a port: nobody walks around it', async () => {
    await using broker = await TestBroker.start({ brokers: 3, topics: { t: 3 } });
    const { proxy, events, brokers, address } = await proxyFor(broker.bootstrap);
    await using _ = proxy;
    expect(await roundTrip(address)).toEqual(all);
    expect(brokers.sort()).toEqual(broker.addresses().sort());
    const opened = events.flatMap((event) => (event.kind === 'open' ? [event.broker] : []));
    expect([...new Set(opened)].sort()).toEqual(broker.addresses().sort());
    expect(problems(events)).toEqual([]);
    const apis = new Set(frames(events).map(({ seen }) => seen.api?.name));
    expect([...apis]).toEqual(expect.arrayContaining(['Produce', 'Fetch', 'JoinGroup', 'FindCoordinator']));
  });

  it('opens no more ports than it may, however many answers name new brokers', async () => {
    await using broker = await TestBroker.start({ brokers: 3, topics: { t: 3 } });
    const { proxy, events, brokers, address } = await proxyFor(broker.bootstrap, { mostBrokers: 2 });
    await using _ = proxy;
    expect(await roundTrip(address)).toEqual(all);
    expect(brokers.length).toBeLessThanOrEqual(2);
    expect(problems(events)).toContainEqual(expect.stringContaining('too many brokers'));
  });

  it('matches responses with their requests, with the time between', async () => {
    await using broker = await TestBroker.start({ topics: { t: 3 } });
    const { proxy, events, address } = await proxyFor(broker.bootstrap);
    await using _ = proxy;
    await roundTrip(address);
    const seen = frames(events).map((event) => ({ ...event.seen, connection: event.connection }));
    const answers = seen.filter(({ direction }) => direction === 'response');
    expect(answers.length).toBeGreaterThan(10);
    for (const answer of answers) {
      const request = seen.find(
        (one) =>
          one.direction === 'request' &&
          one.connection === answer.connection &&
          one.correlationId === answer.correlationId,
      );
      expect(request?.api).toBe(answer.api);
      expect(answer.latencyMs).toBeCloseTo(answer.timeMs - (request?.timeMs ?? 0));
    }
  });

  it('changes nothing but addresses, and not even those when told so', async () => {
    await using broker = await TestBroker.start({ brokers: 2, topics: { t: 3 } });
    const asked = encodeRequestFrame(Metadata, 12, {
      topics: null,
      allowAutoTopicCreation: false,
      includeClusterAuthorizedOperations: false,
      includeTopicAuthorizedOperations: false,
    });
    const answerBy = async (address: string): Promise<Buffer> => {
      const socket = await dial(address);
      socket.write(asked);
      const answer = await received(socket, 5);
      socket.destroy();
      return answer;
    };
    const direct = await answerBy(broker.bootstrap);
    const rewriting = await proxyFor(broker.bootstrap);
    await using _ = rewriting.proxy;
    const leaving = await proxyFor(broker.bootstrap, { rewrites: false });
    await using __ = leaving.proxy;
    expect(await answerBy(leaving.address)).toEqual(direct);
    const real = decodeResponseFrame(Metadata, 12, direct).body;
    const ours = decodeResponseFrame(Metadata, 12, await answerBy(rewriting.address)).body;
    expect({ ...ours, brokers: [] }).toEqual({ ...real, brokers: [] });
    expect(ours.brokers.map(({ nodeId }) => nodeId)).toEqual(real.brokers.map(({ nodeId }) => nodeId));
    expect(`127.0.0.1:${ours.brokers[0]?.port}`).toBe(rewriting.address);
    expect(leaving.brokers).toEqual([broker.bootstrap]);
  });

  it('carries SASL', async () => {
    await using broker = await TestBroker.start({ topics: { t: 3 }, users: { alice: 'secret' } });
    const { proxy, events, address } = await proxyFor(broker.bootstrap);
    await using _ = proxy;
    const sasl = scramSha256({ username: 'alice', password: 'secret' });
    expect(await roundTrip(address, { sasl })).toEqual(all);
    expect(problems(events)).toEqual([]);
  });

  it('speaks TLS to the brokers, and plain with its clients', async () => {
    await using broker = await TestBroker.start({ brokers: 2, topics: { t: 3 }, tls: true });
    const { proxy, address } = await proxyFor(broker.bootstrap, { tls: { ca: broker.ca } });
    await using _ = proxy;
    expect(await roundTrip(address)).toEqual(all);
  });

  it('survives that the broker goes away and comes back', async () => {
    await using broker = await TestBroker.start({ topics: { t: 3 } });
    const { proxy, events, address } = await proxyFor(broker.bootstrap);
    await using _ = proxy;
    expect(await roundTrip(address)).toEqual(all);
    await broker.stop();
    const refused = await dial(address);
    await gone(refused);
    await broker.restart();
    expect(await roundTrip(address)).toContain('v0');
    const reasons = events.flatMap((event) => (event.kind === 'closed' && event.reason ? [event.reason] : []));
    expect(reasons.join()).toContain('ECONNREFUSED');
  });

  it('forwards what it cannot decode as it is, and says why', async () => {
    const echo = await serverWith((socket) => void socket.pipe(socket));
    const { proxy, events, address } = await proxyFor(echo.address);
    await using _ = proxy;
    const strange = Buffer.from('0000000c 03e7 0000 00000007 0001 61 ff'.replaceAll(' ', ''), 'hex');
    const socket = await dial(address);
    socket.write(strange);
    expect(await received(socket, strange.length)).toEqual(strange);
    expect(problems(events)).toEqual([
      'request with unknown API key 999 (v0); `apis` lists the known',
      expect.stringContaining('answers no request'),
    ]);
    socket.destroy();
    echo.server.close();
  });

  it('forwards streams that are not cut into frames, and a frame that never ends', async () => {
    const echo = await serverWith((socket) => void socket.pipe(socket));
    const { proxy, events, address } = await proxyFor(echo.address);
    await using _ = proxy;
    for (const text of ['GET / HTTP/1.1\r\n\r\n', '\0\0\0\x50cut']) {
      const socket = await dial(address);
      socket.end(text);
      expect(String(await received(socket, text.length))).toBe(text);
      await once(socket, 'end');
    }
    expect(events.filter(({ kind }) => kind === 'raw')).toHaveLength(4);
    echo.server.close();
  });

  it('matches the tokens of a login before KIP-152, and does not take them for requests', async () => {
    await using broker = await TestBroker.start({ users: { alice: 'secret' } });
    const { proxy, events, address } = await proxyFor(broker.bootstrap);
    await using _ = proxy;
    const socket = await dial(address);
    const handshake = '00000016 0011 0000 00000001 0001 61 0005 504c41494e'.replaceAll(' ', '');
    const sized = Buffer.from(handshake, 'hex');
    sized.writeInt32BE(sized.length - 4);
    socket.write(sized);
    await received(socket, 8);
    const token = Buffer.from('\0alice\0secret');
    const size = Buffer.alloc(4);
    size.writeInt32BE(token.length);
    socket.write(Buffer.concat([size, token]));
    expect(await received(socket, 4)).toEqual(Buffer.alloc(4));
    const tokens = frames(events).filter(({ seen }) => seen.isToken);
    expect(tokens.map(({ seen }) => seen.direction)).toEqual(['request', 'response']);
    expect(problems(events)).toEqual([]);
    socket.destroy();
  });

  it('an answer in the layout of v0 to a version of ApiVersions that the broker lacks is decoded', async () => {
    const refusal = { apiKeys: [], throttleTimeMs: 0, supportedFeatures: [], finalizedFeatures: [] };
    const broker = await serverWith((socket) => {
      const none = { ...refusal, finalizedFeaturesEpoch: -1n, zkMigrationReady: false, errorCode: 35 };
      socket.once('data', () => socket.write(encodeResponseFrame(ApiVersions, 0, none, 7)));
    });
    const { proxy, events, address } = await proxyFor(broker.address);
    await using _ = proxy;
    const socket = await dial(address);
    const request = { clientSoftwareName: 'x', clientSoftwareVersion: '1', clusterId: null, nodeId: -1 };
    const future = encodeRequestFrame(ApiVersions, 4, request, { correlationId: 7 });
    future.writeInt16BE(99, 6);
    socket.write(future);
    await received(socket, 8);
    expect(frames(events)[1]?.seen).toMatchObject({ version: 0, problem: null, body: { errorCode: 35 } });
    socket.destroy();
    broker.server.close();
  });

  it('keeps back-pressure: a client that does not read stops the broker, and gets every byte when it reads', async () => {
    const total = 64 * 1024 * 1024;
    const frame = Buffer.alloc(64 * 1024, 7);
    frame.writeInt32BE(frame.length - 4);
    let written = 0;
    let waits: (() => void) | null = null;
    const stuck = new Promise<void>((resolve) => {
      waits = resolve;
    });
    const broker = await serverWith((socket) => {
      const fill = (): void => {
        while (written < total) {
          written += frame.length;
          if (!socket.write(frame)) return void waits?.();
        }
        socket.end();
      };
      socket.on('drain', fill);
      fill();
    });
    const { proxy, address } = await proxyFor(broker.address);
    await using _ = proxy;
    const socket = (await dial(address)).pause();
    await stuck;
    const settled = await stable(() => written);
    expect(settled).toBeLessThan(total / 2);
    let length = 0;
    socket.on('data', (chunk: Buffer) => {
      length += chunk.length;
    });
    socket.resume();
    await once(socket, 'end');
    expect(length).toBe(total);
    broker.server.close();
  });

  it('close cuts what is open, in the middle of anything, and resolves', async () => {
    await using broker = await TestBroker.start({ topics: { t: 3 } });
    const { proxy, events, address } = await proxyFor(broker.bootstrap);
    const idle = await dial(address);
    const half = await dial(address);
    half.write(Buffer.from('000000ff0003', 'hex'));
    const cut = Promise.all([idle, half].map(gone));
    await proxy.close();
    await cut;
    expect(events.filter((event) => event.kind === 'closed').map(({ reason }) => reason)).toEqual([null, null]);
    const refused = connect(parseAddress(address) ?? { host: '', port: 0 });
    const [error] = await once(refused, 'error');
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  });
});

/** The value once it has not changed over many turns of the event loop. */
async function stable(value: () => number): Promise<number> {
  let last = value();
  for (let same = 0; same < 2000; same++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (value() !== last) same = 0;
    last = value();
  }
  return last;
}
