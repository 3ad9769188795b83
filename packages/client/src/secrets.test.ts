// A secret that was given to the client is nowhere to be seen afterwards: not in what it throws, logs, tells or prints.
import { inspect } from 'node:util';
import { TestBroker } from '@hopwire/test-broker';
import { describe, expect, it } from 'vitest';
import {
  type Credential,
  createClient,
  type Kafka,
  type KafkaEvent,
  type KafkaOptions,
  plain,
  type SaslMechanism,
  scramSha256,
  scramSha512,
} from './index.ts';
import { startPeer } from './network/scripted-peer.ts';

const SECRET = 'xyzzy-Plugh-4711';

/** As text, and as what bytes look like where they are shown. */
const FORMS: readonly string[] = [
  SECRET,
  Buffer.from(SECRET).toString('hex').slice(0, 20),
  [...Buffer.from(SECRET)].map((byte) => byte.toString(16)).join(' '),
  [...Buffer.from(SECRET)].join(','),
  ...[0, 1, 2].map((shift) =>
    Buffer.from(`${'.'.repeat(shift)}${SECRET}`)
      .toString('base64')
      .slice(4, 16),
  ),
];

/** Everything that somebody may see of it. */
function seen(thing: unknown): string {
  const json = JSON.stringify(thing, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
  const message = thing instanceof Error ? `${thing}\n${thing.stack}` : '';
  return `${inspect(thing, { depth: 20, showHidden: true, maxStringLength: null })}\n${json}\n${message}`;
}

function expectNoSecret(...things: readonly unknown[]): void {
  const text = things.map(seen).join('\n');
  expect(
    FORMS.filter((form) => text.includes(form)).map((form) =>
      text.slice(Math.max(0, text.indexOf(form) - 200)).slice(0, 240),
    ),
  ).toEqual([]);
}

/** What a client says while something is done with it. */
interface Witness {
  readonly told: unknown[];
  readonly options: Pick<KafkaOptions, 'onEvent' | 'logger'>;
}

function witness(): Witness {
  const told: unknown[] = [];
  const say = (message: string, fields?: object): void => void told.push(message, fields);
  const logger = { debug: say, info: say, warn: say, error: say };
  return { told, options: { onEvent: (event: KafkaEvent) => void told.push(event), logger } };
}

/** Makes a client, uses it in each way for a moment, and collects all it says. */
async function use(options: KafkaOptions): Promise<unknown[]> {
  const { told, options: watching } = witness();
  const kafka = createClient({
    connectTimeoutMs: 300,
    requestTimeoutMs: 200,
    retryBackoffMs: 10,
    ...watching,
    ...options,
  });
  const failed = await Promise.allSettled(uses(kafka));
  told.push(kafka, options.sasl, ...failed);
  await kafka.close({ timeoutMs: 100 }).catch((error: unknown) => told.push(error));
  return told;
}

function uses(kafka: Kafka): Promise<unknown>[] {
  const producer = kafka.producer({ deliveryTimeoutMs: 300 });
  const consumer = kafka.consumer({ groupId: 'g', topics: ['t'], unreachableTimeoutMs: 300 });
  return [
    kafka.connect({ timeoutMs: 300 }),
    producer.send({ topic: 't', value: 'v' }),
    kafka.admin().listTopics({ timeoutMs: 300 }),
    consumer[Symbol.asyncIterator]().next(),
  ];
}

const credentials: [string, Credential][] = [
  ['a text', SECRET],
  ['a function', () => SECRET],
  ['a promise', () => Promise.resolve(SECRET)],
];
const username = 'alice';
const mechanisms: [string, (password: Credential) => SaslMechanism][] = [
  ['PLAIN', (password) => plain({ username, password })],
  ['SCRAM-SHA-256', (password) => scramSha256({ username, password })],
  ['SCRAM-SHA-512', (password) => scramSha512({ username, password })],
];
const logins = mechanisms.flatMap(([name, sasl]) =>
  credentials.map(([form, password]): [string, SaslMechanism] => [`${name} with ${form}`, sasl(password)]),
);

describe.each(logins)('a password is shown nowhere: %s', (_, sasl) => {
  it('when it is wrong', async () => {
    await using broker = await TestBroker.start({ topics: { t: 1 }, users: { alice: 'another' } });
    const told = await use({ brokers: broker.bootstrap, sasl });
    expect(seen(told)).toContain('AuthenticationError');
    expectNoSecret(...told, broker);
  });

  it('when it is right, and every request fails afterwards', async () => {
    await using broker = await TestBroker.start({ topics: { t: 1 }, users: { alice: SECRET } });
    const { told, options } = witness();
    await using kafka = createClient({ brokers: broker.bootstrap, sasl, requestTimeoutMs: 100, ...options });
    await kafka.connect();
    await broker.stop();
    told.push(kafka, ...(await Promise.allSettled(uses(kafka))));
    expectNoSecret(...told, broker);
  });

  it('when nobody listens, hangs up, says nothing or nonsense', async () => {
    await using closing = await startPeer((socket) => socket.destroy());
    await using silent = await startPeer(() => undefined);
    await using http = await startPeer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const peers = ['127.0.0.1:1', closing.bootstrap, silent.bootstrap, http.bootstrap];
    expectNoSecret(...(await Promise.all(peers.map((brokers) => use({ brokers, sasl })))));
  });

  it('when the listener has no SASL, or no TLS', async () => {
    await using broker = await TestBroker.start({ topics: { t: 1 } });
    expectNoSecret(...(await use({ brokers: broker.bootstrap, sasl })));
    expectNoSecret(...(await use({ brokers: broker.bootstrap, sasl, tls: true })));
  });
});

it.each<[string, KafkaOptions['tls']]>([
  ['key', { key: SECRET, cert: SECRET }],
  [
    'passphrase',
    { key: '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----', passphrase: SECRET },
  ],
  ['pfx', { pfx: SECRET, passphrase: SECRET }],
  ['pem objects', { key: [{ pem: SECRET, passphrase: SECRET }] }],
  ['secureContext', JSON.parse(`{ "secureContext": "${SECRET}" }`)],
  ['passphrase of the wrong type', JSON.parse(`{ "key": "k", "passphrase": ["${SECRET}"] }`)],
  ['ticketKeys of the wrong type', JSON.parse(`{ "ticketKeys": "${SECRET}" }`)],
  ['privateKeyEngine', JSON.parse(`{ "privateKeyIdentifier": "${SECRET}", "privateKeyEngine": 5 }`)],
  ['session of the wrong type', JSON.parse(`{ "session": "${SECRET}" }`)],
])('what the TLS options hold is shown nowhere: %s', async (_, tls) => {
  await using broker = await TestBroker.start({ topics: { t: 1 }, tls: true });
  expectNoSecret(...(await use({ brokers: broker.bootstrap, tls })));
});

/** A value as JavaScript may give it, whatever TypeScript wants there. */
function given<T>(json: string): T {
  return JSON.parse(json.replaceAll('SECRET', SECRET));
}

it.each<[string, () => unknown]>([
  ['an address', () => createClient({ brokers: [`kafka://alice:${SECRET}@h:9092`] })],
  ['an address without scheme', () => createClient({ brokers: `alice:${SECRET}@h:9092` })],
  ['an address with a path', () => createClient({ brokers: [`SASL_SSL://alice:${SECRET}@h:9092/x`] })],
  ['an address with a comma in the password', () => createClient({ brokers: `kafka://alice:${SECRET},1@h:9092` })],
  ['an address with @ in the password', () => createClient({ brokers: `kafka://alice:${SECRET}@1@h` })],
  ['a query', () => createClient({ brokers: `h:9092?password=${SECRET}` })],
  ['a query with @ in the password', () => createClient({ brokers: `h:9092?password=1@${SECRET}` })],
  ['an address with ? in the password', () => createClient({ brokers: [`kafka://alice:1?${SECRET}@h`] })],
  ['a setting behind the address', () => createClient({ brokers: `h:9092;password=${SECRET}` })],
  ['an object as address', () => createClient({ brokers: given('[{ "host": "h", "password": "SECRET" }]') })],
  ['an array as address', () => createClient({ brokers: given('[["alice:SECRET@h"]]') })],
  ['no mechanism', () => createClient({ brokers: 'h', sasl: given('{ "username": "a", "password": "SECRET" }') })],
  ['a text as mechanism', () => createClient({ brokers: 'h', sasl: given('"PLAIN:alice:SECRET"') })],
  ['a text as TLS', () => createClient({ brokers: 'h', tls: given('"SECRET"') })],
  ['an unknown option', () => createClient(given('{ "brokers": "h", "password": "SECRET" }'))],
  ['a text as client id and more', () => createClient({ brokers: 'h', clientId: given('{ "a": "SECRET" }') })],
  ['an array as password', () => plain({ username, password: given('["SECRET"]') })],
  ['an object as password', () => scramSha512({ username, password: given('{ "password": "SECRET" }') })],
])('no refused option tells what it held: %s', (_, make) => {
  expect.assertions(2);
  try {
    make();
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    expectNoSecret(error);
  }
});

it.each<[string, Credential]>([
  ['NUL in it', `${SECRET}\0`],
  ['a function that gives something else', () => given('["SECRET"]')],
])('a password that cannot be one is not told either: %s', async (_, password) => {
  await using broker = await TestBroker.start({ topics: { t: 1 }, users: { alice: 'a' } });
  for (const [, sasl] of mechanisms)
    expectNoSecret(...(await use({ brokers: broker.bootstrap, sasl: sasl(password) })));
});
