// `pnpm fixtures [NAME...]`: records frames of other people's clients against the embedded broker and real Kafka, and of
// ours against Kafka, as golden files for the protocol's contract tests. NAME is kafkajs, kafka-ts, platformatic,
// librdkafka, java or hopwire; without any, all are recorded.
//
// What is missing on this machine is left out, and what was recorded of it before stays: `npm install` in bench/ brings
// those written in JavaScript, HOP_TEST_PYTHON names a Python that has confluent_kafka, Kafka needs java and its jars (HOP_TEST_REQUIRE=jvm).
import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createClient, scramSha256 } from '@hopwire/client';
import { TestBroker } from '@hopwire/test-broker';
import { KAFKA_MODERN, KAFKA_OLD, missing, startTarget, type Target, users } from '@hopwire/test-broker/harness';
import { type CapturedFrame, capture } from './fixture-capture.ts';
import { writeFixtures } from './fixture-file.ts';
import { talkAsJava } from './fixture-java.ts';

/** Someone who talks to brokers. */
interface Client {
  /** With its version. */
  readonly title: string;
  /** Talks to the broker at this address, plain or with a login. */
  readonly talk: (address: string, login: Login | null) => Promise<void>;
}

interface Login {
  readonly username: string;
  readonly password: string;
}

/** Whoever is not done by then hangs. */
const MOST_MS = 60_000;

const admin: Login = { username: 'admin', password: users.admin };
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const modules = here('../bench/node_modules');
const python = process.env.HOP_TEST_PYTHON;

/** Runs to its end; what it says is shown. */
async function child(command: string, args: readonly string[], login: Login | null): Promise<void> {
  const all = login ? [...args, login.username, login.password] : args;
  const running = spawn(command, all, { stdio: ['ignore', 'inherit', 'inherit'], timeout: MOST_MS });
  const code = await new Promise<number | null>((resolve) => running.once('close', resolve));
  if (code !== 0) console.warn(`  ${command} ${args[0]} ended with ${code}`);
}

/** A client written in JavaScript. @param node runs it: one of them needs a newer Node than we do */
function javascript(name: string, script: string, node: readonly [string, ...string[]]): Client {
  const { version } = JSON.parse(readFileSync(`${modules}/${name}/package.json`, 'utf8')) as { version: string };
  const [command, ...args] = node;
  return {
    title: `${name} ${version}`,
    talk: (address, login) => child(command, [...args, here(script), address], login),
  };
}

async function librdkafka(command: string): Promise<Client> {
  const { stdout } = await promisify(execFile)(command, [
    '-c',
    'import confluent_kafka as c; print(c.libversion()[0])',
  ]);
  return {
    title: `librdkafka ${stdout.trim()}`,
    talk: (address, login) => child(command, [here('fixture-librdkafka.py'), address], login),
  };
}

const hopwire: Client = { title: 'hopwire', talk: talkAsOurselves };

async function talkAsOurselves(address: string, login: Login | null): Promise<void> {
  const topic = login ? 'hopwire-sasl' : 'hopwire';
  const sasl = login ? { sasl: scramSha256(login) } : {};
  await using kafka = createClient({
    brokers: [address],
    clientId: 'hopwire',
    ...sasl,
  });
  await kafka.admin().createTopics([{ topic, partitions: 2 }]);
  for (const compression of ['none', 'gzip'] as const) {
    await using producer = kafka.producer({ compression });
    await producer.send({ topic, key: 'k', value: 'value', headers: [['h', 'x']] });
    await producer.send({ topic, partition: 1, value: null });
  }
  const consumer = kafka.consumer({ groupId: `${topic}-group`, topics: [topic], startAt: 'earliest', limit: 4 });
  for await (const record of consumer) if (record.offset < 0n) throw new RangeError('an offset below zero');
  await kafka.admin().describeTopics([topic]);
  await kafka.admin().listTopics();
  await kafka.admin().deleteTopics([topic]);
}

/** Plain, and again with a login. */
async function both(client: Client, plainAddress: string, loginAddress: string): Promise<CapturedFrame[]> {
  const open = await capture(plainAddress, (address) => client.talk(address, null));
  const authenticated = await capture(loginAddress, (address) => client.talk(address, admin));
  const known = new Set(open.map(keyOf));
  return [...open, ...authenticated.filter((frame) => !known.has(keyOf(frame)))].sort((a, b) => a.key - b.key);
}

function keyOf({ api, version, direction }: CapturedFrame): string {
  return `${api} ${version} ${direction}`;
}

async function recordEmbedded(name: string, client: Client): Promise<void> {
  console.log(`${client.title} and the embedded broker`);
  await using broker = await TestBroker.start({
    listeners: ['plaintext', 'saslPlaintext'],
    users,
    autoCreateTopics: false,
  });
  const frames = await both(client, broker.listener('plaintext'), broker.listener('saslPlaintext'));
  await writeFixtures(`${name}-embedded`, `${client.title} and the embedded broker`, frames);
}

async function recordKafka(name: string, client: Client, target: Target): Promise<void> {
  const title = `${client.title} and Kafka ${target.version}`;
  console.log(title);
  const frames = await both(client, target.bootstrap(), target.bootstrap('saslPlaintext'));
  await writeFixtures(`${name}-kafka-${target.version}`, title, frames);
}

async function recordJava(target: Target): Promise<void> {
  const title = `Java's tools of Kafka ${target.version}`;
  console.log(title);
  await using broker = await TestBroker.start();
  const embedded = await capture(broker.bootstrap, (address) => talkAsJava(target, address, false));
  await writeFixtures('java-embedded', `${title} and the embedded broker`, embedded);
  const real = await capture(target.bootstrap(), (address) => talkAsJava(target, address, true));
  await writeFixtures(`java-kafka-${target.version}`, `${title} and Kafka ${target.version}`, real);
}

const names = process.argv.slice(2);
const KNOWN = ['kafkajs', 'kafka-ts', 'platformatic', 'librdkafka', 'java', 'hopwire'];
const unknown = names.find((name) => !KNOWN.includes(name));
if (unknown !== undefined) {
  console.error(`fixtures: no client ${unknown}; there are ${KNOWN.join(', ')}; without a name all are recorded`);
  process.exit(2);
}
const isWanted = (name: string): boolean => names.length === 0 || names.includes(name);
const noJvm = await missing('jvm');
const strangers: [string, Client][] = [];
const scripts = [
  ['kafkajs', 'kafkajs', 'fixture-kafkajs.mjs', [process.execPath]],
  ['kafka-ts', 'kafka-ts', 'fixture-kafka-ts.mjs', [process.execPath]],
  ['platformatic', '@platformatic/kafka', 'fixture-platformatic.mjs', ['npx', '-y', 'node@24']],
] as const;
for (const [name, module, script, node] of scripts) {
  if (!isWanted(name)) continue;
  if (!existsSync(`${modules}/${module}`)) console.warn(`${module} is left out: run npm install in bench/`);
  else strangers.push([name, javascript(module, script, node)]);
}
if (isWanted('librdkafka')) {
  if (python) strangers.push(['librdkafka', await librdkafka(python)]);
  else console.warn('librdkafka is left out: HOP_TEST_PYTHON names no Python');
}

for (const [name, client] of strangers) await recordEmbedded(name, client);
if (noJvm) console.warn(`Kafka is left out: ${noJvm}`);
else {
  await using modern = await startTarget({ kind: 'jvm', kafkaVersion: KAFKA_MODERN });
  for (const [name, client] of strangers) await recordKafka(name, client, modern);
  if (isWanted('hopwire')) await recordKafka('hopwire', hopwire, modern);
  if (isWanted('java')) await recordJava(modern);
}
if (!noJvm && isWanted('hopwire')) {
  await using old = await startTarget({ kind: 'jvm', kafkaVersion: KAFKA_OLD });
  await recordKafka('hopwire', hopwire, old);
}
