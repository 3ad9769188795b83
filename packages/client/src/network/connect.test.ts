// Connecting: one limit for all of it, whatever the peer and the user's functions do; and what is learnt by it.
import { getEventListeners } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { ApiVersions, encodeResponseFrame, SaslHandshake } from '@hopwire/protocol';
import { TestBroker } from '@hopwire/test-broker';
import { afterEach, describe, expect, it } from 'vitest';
import { type KafkaOptions, type OpenSocket, resolveKafkaOptions } from '../options.ts';
import type { SaslMechanism } from '../sasl/mechanism.ts';
import { plain } from '../sasl/plain.ts';
import { scramSha256 } from '../sasl/scram.ts';
import { type BrokerMemory, connect, NEWEST_API_VERSIONS, type ReadyConnection } from './connect.ts';
import { block } from './conversation.ts';
import { PauseNews } from './pause-news.ts';
import { onRequests, startPeer } from './scripted-peer.ts';
import { TimerWatch } from './timer-watch.ts';

const never = (): Promise<never> => new Promise(() => undefined);
const fresh = (): BrokerMemory => ({
  apiVersionsVersion: NEWEST_API_VERSIONS,
  trusted: false,
  isAdvertised: false,
  pauses,
});
const opened: ReadyConnection[] = [];

interface Given extends Partial<KafkaOptions> {
  memory?: BrokerMemory;
  signal?: AbortSignal;
}

async function connectTo(port: number, given: Given = {}): Promise<ReadyConnection> {
  const { memory = fresh(), signal = new AbortController().signal, ...others } = given;
  const options = resolveKafkaOptions({ brokers: `127.0.0.1:${port}`, connectTimeoutMs: 400, ...others });
  const ready = await connect({ options, emit: undefined }, { host: '127.0.0.1', port }, memory, signal);
  opened.push(ready);
  return ready;
}

const pauses = new PauseNews({ warn: () => undefined });

function portOf({ bootstrap }: TestBroker): number {
  return Number(bootstrap.split(':')[1]);
}

/** Resolves when the peer sees the connection end. */
function ended(socket: Socket | undefined): Promise<void> {
  if (!socket || socket.destroyed) return Promise.resolve();
  return new Promise((resolve) => socket.once('close', () => resolve()).resume());
}

function dialTcp(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp(port, '127.0.0.1', () => resolve(socket)).once('error', reject);
  });
}

afterEach(() => {
  for (const { connection } of opened.splice(0)) connection.close();
});

describe('a dialer of the user', () => {
  const secret = 'http://proxy:s3cret@inside';
  const failures: [string, () => Promise<never>, unknown][] = [
    [
      'throws',
      () => {
        throw new RangeError(secret);
      },
      expect.any(RangeError),
    ],
    ['rejects with an Error', () => Promise.reject(new RangeError(secret)), expect.any(RangeError)],
    ['rejects with a string', () => Promise.reject(secret), secret],
    ['rejects with nothing', () => Promise.reject(undefined), undefined],
  ];

  it.each(failures)(
    'that %s may work later: its error is the cause, and not in the message',
    async (_, openSocket, cause) => {
      const failed = connectTo(1, { openSocket });
      await expect(failed).rejects.toMatchObject({ code: 'CONNECTION', retriable: true, sent: false });
      await expect(failed).rejects.toThrow(/openSocket failed/);
      const error: unknown = await failed.catch((e: unknown) => e);
      expect(error).toHaveProperty('message', expect.not.stringContaining('s3cret'));
      expect(error instanceof Error && error.cause).toEqual(cause);
    },
  );

  it('that fails as node does is explained as node is', async () => {
    const failed = connectTo(1, { openSocket: ({ port }) => dialTcp(port) });
    await expect(failed).rejects.toThrow(/connection refused; nothing listens on that port/);
  });

  it.each([undefined, null, 'a socket', 7, {}, []])(
    'that resolves with %o is named at once, and not tried again',
    async (value) => {
      const openSocket = (() => Promise.resolve(value)) as unknown as OpenSocket; // what plain JavaScript may pass
      const failed = connectTo(1, { openSocket, connectTimeoutMs: 60_000 });
      await expect(failed).rejects.toMatchObject({ code: 'CONNECTION', retriable: false });
      await expect(failed).rejects.toThrow(/openSocket has to resolve with a connected stream/);
    },
  );

  it('that resolves with a stream that is closed already may work later', async () => {
    const stream = new Duplex({ read() {} });
    stream.destroy();
    const failed = connectTo(1, { openSocket: () => Promise.resolve(stream), connectTimeoutMs: 60_000 });
    await expect(failed).rejects.toMatchObject({ code: 'CONNECTION', retriable: true });
  });

  it('that never settles fails the attempt at its limit, and the next one works', async () => {
    await using broker = await TestBroker.start();
    const dials = [never, () => dialTcp(portOf(broker))];
    const openSocket = (): Promise<Duplex> => (dials.shift() ?? never)();
    const failed = connectTo(portOf(broker), { openSocket, connectTimeoutMs: 50 });
    await expect(failed).rejects.toMatchObject({ code: 'CONNECTION', retriable: true });
    await expect(failed).rejects.toThrow(/openSocket has not settled within connectTimeoutMs/);
    expect((await connectTo(portOf(broker), { openSocket })).connection.isOpen).toBe(true);
  });

  it('that settles too late has its stream destroyed', async () => {
    await using peer = await startPeer(() => undefined);
    let settle: (socket: Duplex) => void = () => undefined;
    const openSocket = (): Promise<Duplex> =>
      new Promise((resolve) => {
        settle = resolve;
      });
    await expect(connectTo(peer.port, { openSocket, connectTimeoutMs: 30 })).rejects.toThrow(/not settled/);
    const late = await dialTcp(peer.port);
    const closed = new Promise((resolve) => late.once('close', resolve));
    settle(late);
    await closed;
  });

  it('whose stream throws when it is written to fails the attempt', async () => {
    const stream = new Duplex({ read() {} });
    stream.write = () => {
      throw new RangeError('no');
    };
    const failed = connectTo(1, { openSocket: () => Promise.resolve(stream) });
    await expect(failed).rejects.toMatchObject({ code: 'CONNECTION', retriable: true });
    expect(stream.destroyed).toBe(true);
  });
});

describe('credentials', () => {
  const users = { alice: 'alice-secret' };
  const alice = { username: 'alice', password: 'alice-secret' };

  it.each([plain, scramSha256])('functions of them that fail once may work later (%o)', async (mechanism) => {
    await using broker = await TestBroker.start({ users });
    const outcomes: (() => string | Promise<string>)[] = [
      () => {
        throw new RangeError('alice-secret');
      },
      () => Promise.reject('alice-secret'),
      () => Promise.reject(undefined),
      () => 'alice-secret',
    ];
    const sasl = mechanism({ ...alice, password: () => outcomes.shift()?.() ?? never() });
    for (let i = 0; i < 3; i++) {
      const error: unknown = await connectTo(portOf(broker), { sasl }).catch((e: unknown) => e);
      expect(error).toMatchObject({ code: 'CONNECTION', retriable: true, sent: false });
      expect(String(error)).toMatch(/login: the function that gives the password failed/);
      expect(String(error)).not.toContain('alice-secret');
    }
    expect((await connectTo(portOf(broker), { sasl })).connection.isOpen).toBe(true);
  });

  it.each(['username', 'password'])(
    'functions of the %s that never settle fail the attempt at its limit',
    async (name) => {
      await using broker = await TestBroker.start({ users });
      let hangs = true;
      const sasl = scramSha256({ ...alice, [name]: () => (hangs ? never() : alice[name as keyof typeof alice]) });
      const failed = connectTo(portOf(broker), { sasl, connectTimeoutMs: 50 });
      await expect(failed).rejects.toMatchObject({ code: 'TIMEOUT', retriable: true, afterMs: 50 });
      await expect(failed).rejects.toThrow(/functions that give the credentials have not settled/);
      hangs = false;
      expect((await connectTo(portOf(broker), { sasl })).connection.isOpen).toBe(true);
    },
  );

  it('functions that give no string are named at once, and not tried again', async () => {
    await using broker = await TestBroker.start({ users });
    for (const value of [undefined, null, 5, {}]) {
      const password = (() => value) as unknown as () => string; // what plain JavaScript may pass
      const failed = connectTo(portOf(broker), { sasl: plain({ ...alice, password }), connectTimeoutMs: 60_000 });
      await expect(failed).rejects.toMatchObject({ code: 'AUTHENTICATION', retriable: false });
      await expect(failed).rejects.toThrow(/gives the password must give a string/);
    }
  });

  it('that can be none are refused where they are set', () => {
    for (const wrong of [undefined, null, 5, {}]) {
      const password = wrong as unknown as string; // what plain JavaScript may pass
      expect(() => plain({ ...alice, password })).toThrow(/PLAIN: password must be a string, or a function/);
      expect(() => scramSha256({ ...alice, password })).toThrow(TypeError);
    }
  });

  it('that the broker refuses are final', async () => {
    await using broker = await TestBroker.start({ users });
    const failed = connectTo(portOf(broker), { sasl: plain({ ...alice, password: 'guess' }) });
    await expect(failed).rejects.toMatchObject({ code: 'AUTHENTICATION', retriable: false });
  });
});

describe('a mechanism of the user', () => {
  const users = { alice: 'alice-secret' };
  const named = (authenticate: SaslMechanism['authenticate']): SaslMechanism => ({ name: 'PLAIN', authenticate });

  it('that throws, rejects or hangs may work later', async () => {
    await using broker = await TestBroker.start({ users });
    const broken: SaslMechanism['authenticate'][] = [
      () => {
        throw new RangeError('own');
      },
      () => Promise.reject('own'),
      never,
    ];
    for (const authenticate of broken) {
      const failed = connectTo(portOf(broker), { sasl: named(authenticate), connectTimeoutMs: 60 });
      await expect(failed).rejects.toMatchObject({ retriable: true, message: expect.stringContaining('PLAIN login') });
    }
  });

  it('cannot make a refusal of the broker into something else', async () => {
    await using broker = await TestBroker.start({ users });
    const token = Buffer.from('\0alice\0guess');
    const swallowing = named(async ({ send }) => void (await send(token).catch(() => undefined)));
    const renaming = named(({ send }) =>
      send(token).then(
        () => undefined,
        () => Promise.reject(new RangeError('own')),
      ),
    );
    for (const sasl of [swallowing, renaming]) {
      await expect(connectTo(portOf(broker), { sasl })).rejects.toMatchObject({ code: 'AUTHENTICATION' });
    }
  });
});

describe('the end of the client', () => {
  const reason = new RangeError('the end');

  /** Where an attempt may stand when it comes. */
  const stages: Record<string, { given: Given; answers: boolean }> = {
    'the answer to ApiVersions': { given: {}, answers: false },
    TLS: { given: { tls: true }, answers: false },
    'a credential': { given: { sasl: plain({ username: 'a', password: never }) }, answers: true },
    'a mechanism': { given: { sasl: { name: 'PLAIN', authenticate: never } }, answers: true },
  };

  it.each(Object.keys(stages))(
    'ends an attempt that waits for %s at once, and its socket, and leaves nothing',
    async (stage) => {
      const { given = {}, answers = false } = stages[stage] ?? {};
      const asked: number[] = [];
      await using peer = await startPeer((socket) => {
        socket.on('data', () => asked.push(1));
        if (answers) onRequests(socket, (frame) => void socket.write(saslBroker(frame)));
      });
      using timers = new TimerWatch();
      const controller = new AbortController();
      const failed = connectTo(peer.port, { ...given, signal: controller.signal, connectTimeoutMs: 60_000 });
      failed.catch(() => undefined);
      while (asked.length < (answers ? 2 : 1)) await new Promise((resolve) => setImmediate(resolve));
      const closed = ended(peer.accepted[0]);
      await new Promise((resolve) => setImmediate(resolve));
      controller.abort(reason);
      await expect(failed).rejects.toBe(reason);
      await closed;
      expect(timers.count).toBe(0);
      expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    },
  );

  it('before the attempt dials nothing', async () => {
    await using peer = await startPeer(() => undefined);
    await expect(connectTo(peer.port, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(peer.accepted).toHaveLength(0);
  });
});

describe('the limit of an attempt', () => {
  it.each([{ tls: true }, {}])('ends its socket when the peer accepts and says nothing: %o', async (given) => {
    await using peer = await startPeer(() => undefined);
    const failed = connectTo(peer.port, { ...given, connectTimeoutMs: 50 });
    await expect(failed).rejects.toMatchObject({ retriable: true });
    await ended(peer.accepted[0]);
  });

  it('is not reached because the event loop was blocked', async () => {
    await using peer = await startPeer((socket) => {
      onRequests(socket, (frame) => {
        socket.write(saslBroker(frame));
        block(300);
      });
    });
    expect((await connectTo(peer.port, { connectTimeoutMs: 200 })).connection.isOpen).toBe(true);
  });
});

describe('a peer', () => {
  it.each([{}, { tls: true }])('that accepts and hangs up may come back: %o', async (given) => {
    await using peer = await startPeer((socket) => void socket.on('data', () => socket.destroy()));
    await expect(connectTo(peer.port, given)).rejects.toMatchObject({ code: 'CONNECTION', retriable: true });
    const trusted = { apiVersionsVersion: NEWEST_API_VERSIONS, trusted: true, isAdvertised: false, pauses };
    // Options that have worked are not the reason.
    await expect(connectTo(peer.port, { ...given, memory: trusted })).rejects.toThrow(/may be starting or stopping/);
  });

  it('that is an HTTP server is named', async () => {
    await using peer = await startPeer((socket) => {
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    });
    const failed = connectTo(peer.port);
    await expect(failed).rejects.toMatchObject({ code: 'CONNECTION', retriable: false });
    await expect(failed).rejects.toThrow(/speaks HTTP/);
  });

  it.each(['-ERR unknown command\r\n', 'SSH-2.0-OpenSSH_9.6\r\n', '220 mail ESMTP\r\n', 'E\0\0\0\x8fSFATAL'])(
    'that is no Kafka at all is named as that (%j)',
    async (greeting) => {
      await using peer = await startPeer((socket) => socket.write(greeting));
      const failed = connectTo(peer.port);
      await expect(failed).rejects.toMatchObject({ code: 'CONNECTION', retriable: false });
      await expect(failed).rejects.toThrow(/not Kafka.*check host and port/);
    },
  );

  it('that hung up once is asked for its newest ApiVersions by the next connection', async () => {
    let hangUps = 1;
    const asked: number[] = [];
    await using peer = await startPeer((socket) => {
      onRequests(socket, (frame) => {
        asked.push(frame.readInt16BE(2));
        if (hangUps-- > 0) socket.destroy();
        else socket.write(saslBroker(frame));
      });
    });
    const memory = fresh();
    await connectTo(peer.port, { memory });
    await connectTo(peer.port, { memory });
    expect(asked).toEqual([NEWEST_API_VERSIONS, 3, NEWEST_API_VERSIONS]);
  });

  it('tells the features that its cluster has finalized: kept with the connection', async () => {
    await using peer = await startPeer((socket) => onRequests(socket, (frame) => void socket.write(saslBroker(frame))));
    const { features } = await connectTo(peer.port);
    expect(features.epoch).toBe(12n);
    expect(features.levels).toEqual(new Map([['transaction.version', 2]]));
    const old = await connectTo(peer.port, {
      memory: { apiVersionsVersion: 2, trusted: false, isAdvertised: false, pauses },
    });
    expect(old.features).toEqual({ epoch: -1n, levels: new Map() });
  });
});

/** Answers ApiVersions, and takes any mechanism. */
function saslBroker(frame: Buffer): Buffer {
  const [key, version, id] = [frame.readInt16BE(0), frame.readInt16BE(2), frame.readInt32BE(4)];
  if (key === ApiVersions.key) {
    return encodeResponseFrame(
      ApiVersions,
      version,
      {
        errorCode: 0,
        apiKeys: [
          { apiKey: 17, minVersion: 0, maxVersion: 1 },
          { apiKey: 18, minVersion: 0, maxVersion: NEWEST_API_VERSIONS },
          { apiKey: 36, minVersion: 0, maxVersion: 2 },
        ],
        throttleTimeMs: 0,
        supportedFeatures: [],
        finalizedFeaturesEpoch: 12n,
        finalizedFeatures: [{ name: 'transaction.version', minVersionLevel: 1, maxVersionLevel: 2 }],
        zkMigrationReady: false,
      },
      id,
    );
  }
  return encodeResponseFrame(SaslHandshake, 1, { errorCode: 0, mechanisms: ['PLAIN'] }, id);
}
