// User code throws anything, at any time: no process ends by it, no call hangs, somebody is told, and others go on.
import { Duplex } from 'node:stream';
import { TestBroker } from '@hopwire/test-broker';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { asError, isKafkaError } from './errors.ts';
import { createClient, type Kafka, type KafkaOptions, plain, type SaslMechanism } from './index.ts';
import { thrown, Uncaught } from './testing/hostile.ts';
import { quiet } from './testing/loop.ts';
import { isError } from './thrown.ts';

let broker: TestBroker;
let uncaught: Uncaught;

beforeEach(async () => {
  broker = await TestBroker.start({ topics: { t: 2 }, users: { alice: 'secret' }, sasl: false });
  uncaught = new Uncaught();
});

afterEach(async () => {
  expect(await uncaught.count()).toBe(0);
  uncaught[Symbol.dispose]();
  await broker.close();
});

function client(options: Partial<KafkaOptions> = {}): Kafka {
  return createClient({
    brokers: broker.bootstrap,
    retryBackoffMs: 5,
    retryBackoffMaxMs: 20,
    logger: quiet,
    ...options,
  });
}

/** A send, and what a loop over the topic reads. */
async function worksWith(kafka: Kafka, options: object = {}): Promise<string[]> {
  await kafka.producer().send({ topic: 't', partition: 0, value: 'sent' });
  const seen: string[] = [];
  const assign = [0, 1].map((partition) => ({ topic: 't', partition, offset: 'earliest' as const }));
  for await (const record of kafka.consumer({ assign, until: 'end', maxWaitMs: 20, ...options })) {
    seen.push(record.text() ?? '');
  }
  await kafka.close({ timeoutMs: 500 });
  return seen;
}

/** What a call rejected with, in an object: a promise would look at it. */
async function failure(call: () => Promise<unknown>): Promise<{ reason: unknown } | null> {
  return call().then(
    () => null,
    (reason: unknown) => ({ reason }),
  );
}

/** The same, where it has to be an Error of ours. */
async function kafkaError(call: () => Promise<unknown>): Promise<Error> {
  const reason = (await failure(call))?.reason;
  expect(isKafkaError(reason)).toBe(true);
  return asError(reason);
}

/** What a function does with a value: throw it, or reject with it. */
const ways = thrown.flatMap(([what, value]) => [
  {
    what: `throws ${what}`,
    fail: (): never => {
      throw value;
    },
  },
  { what: `rejects with ${what}`, fail: async (): Promise<never> => Promise.reject(value) },
]);

describe.each(ways)('a function that $what', ({ fail }) => {
  it('as an observer or a logger keeps nothing from working, and is told of', async () => {
    const logged: string[] = [];
    const note = (message: string): void => void logged.push(message);
    expect(await worksWith(client({ onEvent: fail, logger: { ...quiet, error: note } }))).toEqual(['sent']);
    expect(logged.join()).toMatch(/onEvent threw for a connection event/);

    const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const logger = { debug: fail, info: fail, warn: fail, error: fail };
    expect(await worksWith(client({ onEvent: fail, logger }))).toEqual(['sent', 'sent']);
    expect(printed.mock.calls.join()).toMatch(/the logger threw for: onEvent threw/);
    printed.mockRestore();
  });

  it('as an observer is told of by the console where there is no logger', async () => {
    const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    expect(await worksWith(client({ onEvent: fail, logger: undefined }))).toEqual(['sent']);
    expect(printed.mock.calls.map(String).join()).toMatch(/onEvent threw for a connection event/);
    printed.mockRestore();
  });

  it('as a deserialiser ends the loop with an UndecodableError, or leaves its record out', async () => {
    broker.append('t', [{ value: 'bad' }, { value: 'good' }]);
    const value = (bytes: Buffer | null): unknown => (String(bytes) === 'bad' ? fail() : bytes);
    const lost = await kafkaError(() => worksWith(client(), { value }));
    expect(lost).toMatchObject({
      name: 'UndecodableError',
      offset: 0n,
      message: expect.stringMatching(/the value at/),
    });
    expect(await worksWith(client(), { value, onUndecodable: 'skip' })).toEqual(['good', 'sent', 'sent']);
  });

  it('as onUndecodable ends the loop, and the record comes again', async () => {
    broker.append('t', [{ value: 'bad' }]);
    const value = (): never => {
      throw new Error('bad');
    };
    expect(await failure(() => worksWith(client(), { value, onUndecodable: fail }))).not.toBeNull();
    expect(await worksWith(client())).toEqual(['bad', 'sent', 'sent']);
  });

  it('as a dialer fails the call in time, and is told of', async () => {
    const told: string[] = [];
    const kafka = client({ openSocket: fail, logger: { ...quiet, warn: (line) => void told.push(line) } });
    await kafkaError(() => kafka.connect({ timeoutMs: 100 }));
    expect(told.join()).toMatch(/openSocket failed; its error is the cause/);
    await kafka.close({ timeoutMs: 100 });
  });

  it('as a credential or a mechanism fails the call in time, and is told of', async () => {
    const logins: SaslMechanism[] = [
      plain({ username: 'alice', password: fail }),
      { name: 'PLAIN', authenticate: fail },
    ];
    await using secured = await TestBroker.start({ users: { alice: 'secret' } });
    for (const sasl of logins) {
      const told: string[] = [];
      const logger = { ...quiet, warn: (line: string) => void told.push(line) };
      const kafka = client({ brokers: secured.bootstrap, sasl, logger });
      await kafkaError(() => kafka.connect({ timeoutMs: 300 }));
      expect(told.join()).toMatch(/PLAIN login: .* failed; its error is the cause of this one/);
      await kafka.close({ timeoutMs: 100 });
    }
  });

  it('as a partitioner fails its record alone', async () => {
    const kafka = client();
    const producer = kafka.producer({ partitioner: ({ key }) => (key ? (fail() as never) : 0) });
    const sends = [null, 'bad', null].map((key) => producer.send({ topic: 't', key, value: 'x' }));
    const results = await Promise.allSettled(sends);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    await kafka.close({ timeoutMs: 500 });
  });

  it.each(['onAssigned', 'onRevoked'] as const)(
    'as %s ends the loop or is logged, and the group is left',
    async (hook) => {
      const logged: string[] = [];
      const note = (message: string): void => void logged.push(message);
      const kafka = client({ logger: { ...quiet, warn: note, error: note } });
      await kafka.producer().send({ topic: 't', value: 'x' });
      const consumer = kafka.consumer({ groupId: 'g', topics: ['t'], startAt: 'earliest', limit: 1, [hook]: fail });
      const error = await failure(async () => {
        for await (const record of consumer) expect(record.text()).toBe('x');
      });
      await consumer.close();
      expect(error !== null || logged.length > 0).toBe(true);
      const next = kafka.consumer({ groupId: 'g', topics: ['t'], maxWaitMs: 20 });
      expect(await next.whenAssigned({ timeoutMs: 2_000 })).toHaveLength(2);
      await kafka.close({ timeoutMs: 500 });
    },
  );
});

describe.each(thrown)('a stream of a dialer that fails with %s', (_what, value) => {
  const idle = { read: (): void => undefined };
  const streams: [how: string, make: () => Duplex][] = [
    ['by throwing', () => new Duplex({ ...idle, write: () => thrower(value) })],
  ];
  // Node's own streams look at these errors, and do not survive it when that throws.
  if (isError(value)) {
    streams.push(['by an error', () => new Duplex({ ...idle, write: (_c, _e, done) => done(value) })]);
    streams.push(['when it is destroyed', () => new Duplex({ ...idle, write: (_c, _e, done) => done() })]);
  }

  it.each(streams)('%s fails the connection, and the call in time', async (how, make) => {
    const openSocket = async (): Promise<Duplex> => {
      const stream = make();
      if (how === 'when it is destroyed') setImmediate(() => stream.destroy(asError(value)));
      return stream;
    };
    const kafka = client({ openSocket });
    await kafkaError(() => kafka.connect({ timeoutMs: 100 }));
    await kafka.close({ timeoutMs: 100 });
  });
});

function thrower(value: unknown): never {
  throw value;
}

describe.each(thrown)('a signal that is aborted with %s', (_what, reason) => {
  it('rejects every call with just that, and the client goes on', async () => {
    const kafka = client();
    const producer = kafka.producer();
    const consumer = kafka.consumer({ groupId: 'g', topics: ['t'], maxWaitMs: 20 });
    await consumer.whenAssigned();
    await producer.send({ topic: 't', value: 'warm' });
    const calls: ((signal: AbortSignal) => Promise<unknown>)[] = [
      (signal) => kafka.connect({ signal }),
      (signal) => producer.send({ topic: 't', value: 'x' }, { signal }),
      (signal) => producer.partitionsFor('t', { signal }),
      (signal) => consumer.seek({ topic: 't', partition: 0, offset: 'latest' }, { signal }),
      (signal) => consumer.commit([{ topic: 't', partition: 0, offset: 0n }], { signal }),
      (signal) => consumer.committed([{ topic: 't', partition: 0 }], { signal }),
      (signal) => kafka.admin().listTopics({ signal }),
      (signal) => kafka.admin().listOffsets([{ topic: 't', partition: 0, at: 'latest' }], { signal }),
    ];
    for (const call of calls) {
      const stop = new AbortController();
      const work = failure(() => call(stop.signal));
      stop.abort(reason);
      expect(Object.is((await work)?.reason, stop.signal.reason)).toBe(true);
    }
    expect((await producer.send({ topic: 't', value: 'after' })).topic).toBe('t');
    await kafka.close({ timeoutMs: 500 });
  });
});

it('a mechanism that does not await its token, or gives none, is told of by name', async () => {
  await using secured = await TestBroker.start({ users: { alice: 'secret' } });
  const mechanisms: SaslMechanism['authenticate'][] = [
    async () => undefined,
    async (exchange) => void exchange.send(Buffer.from('\0alice\0wrong')),
    async (exchange) => void exchange.send('\0alice\0secret' as never),
    async (exchange) => void (await exchange.send('\0alice\0secret' as never)),
  ];
  for (const authenticate of mechanisms) {
    const kafka = client({ brokers: secured.bootstrap, sasl: { name: 'PLAIN', authenticate } });
    const error = await kafkaError(() => kafka.connect({ timeoutMs: 1_000 }));
    expect(error.message).toMatch(/PLAIN login: its mechanism failed; its error is the cause of this one/);
    expect(asError(error.cause).message).toMatch(/must await exchange.send|a SASL token must be a Uint8Array/);
    expect(`${error.message} ${asError(error.cause).message}`).not.toMatch(/secret/);
    await kafka.close({ timeoutMs: 100 });
  }
});
