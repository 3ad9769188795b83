// The same `hop` command lines on every broker, and messages that cross both ways with Python's hop-client and Java.
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { createClient } from '@hopwire/client';
import {
  KAFKA_MODERN,
  KAFKA_NEWEST,
  KAFKA_OLD,
  type Listener,
  missing,
  startTarget,
  type Target,
  users,
} from '@hopwire/test-broker/harness';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hop } from '../testing/terminal.ts';

const run = promisify(execFile);
const noJvm = await missing('jvm');
const noPython = await missing('python');
const skipped = (reason: string | null): string => (reason ? ` [skipped: ${reason}]` : '');

const targets = [
  { name: 'the embedded broker', kind: 'embedded', kafkaVersion: '', reason: null },
  { name: `Kafka ${KAFKA_MODERN}`, kind: 'jvm', kafkaVersion: KAFKA_MODERN, reason: noJvm },
  { name: `Kafka ${KAFKA_OLD}`, kind: 'jvm', kafkaVersion: KAFKA_OLD, reason: noJvm },
  { name: `Kafka ${KAFKA_NEWEST}`, kind: 'jvm', kafkaVersion: KAFKA_NEWEST, reason: noJvm },
] as const;

/** A configuration folder with one credential, and the environment that points at it. */
async function home(folder: string, target: Target, listener: Listener, mechanism: string): Promise<NodeJS.ProcessEnv> {
  const ca = join(folder, 'ca.pem');
  await writeFile(ca, target.certificates?.ca ?? '');
  const protocol = listener === 'saslTls' ? 'SASL_SSL' : 'SASL_PLAINTEXT';
  const row = ['admin', users.admin, target.bootstrap(listener), mechanism, protocol, listener === 'saslTls' ? ca : ''];
  const csv = join(folder, `${listener}-${mechanism}.csv`);
  await writeFile(csv, `username,password,hostname,mechanism,protocol,ssl_ca_location\n${row.join(',')}\n`);
  const env = { XDG_CONFIG_HOME: join(folder, `${listener}-${mechanism}`), HOME: folder, PATH: process.env.PATH };
  expect(await hop(['auth', 'add', csv], { env })).toMatchObject({ code: 0 });
  return env;
}

async function createTopic(target: Target, topic: string, partitions = 1): Promise<void> {
  await using kafka = createClient({ brokers: [target.bootstrap()] });
  await kafka.admin().createTopics([{ topic, partitions }]);
}

for (const { name, kind, kafkaVersion, reason } of targets) {
  describe.skipIf(reason)(`hop on ${name}${skipped(reason)}`, () => {
    let target: Target;
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'hop-'));
      target = await startTarget({ kind, ...(kafkaVersion ? { kafkaVersion } : {}) });
    });
    afterAll(async () => {
      await target?.close();
      await rm(folder, { recursive: true, force: true });
    });

    const published = '{"a": 1}\n{"b": 2.50}\n';
    const printed = '{"a": 1}\n{"b": 2.5}\n';

    it('publishes and subscribes in the clear with --no-auth', async () => {
      await createTopic(target, 'clear');
      const url = `kafka://${target.bootstrap()}/clear`;
      expect(await hop(['publish', '-q', '--no-auth', '-f', 'JSON', url], { stdin: published })).toMatchObject({
        code: 0,
        err: '',
      });
      expect(await hop(['subscribe', '-q', '--no-auth', '-s', 'EARLIEST', '-e', url])).toMatchObject({
        code: 0,
        out: printed,
        err: '',
      });
    });

    it.each([
      ['saslTls', 'SCRAM-SHA-512'],
      ['saslTls', 'PLAIN'],
      ['saslPlaintext', 'SCRAM-SHA-256'],
    ] as const)('publishes and subscribes over %s with a stored %s credential', async (listener, mechanism) => {
      const topic = `auth-${listener}-${mechanism}`;
      await createTopic(target, topic);
      const env = await home(folder, target, listener, mechanism);
      const url = `kafka://${target.bootstrap(listener)}/${topic}`;
      expect(await hop(['publish', '-q', '-f', 'JSON', url], { stdin: published, env })).toMatchObject({
        code: 0,
        err: '',
      });
      expect(await hop(['subscribe', '-q', '-s', 'EARLIEST', '-e', url], { env })).toMatchObject({
        code: 0,
        out: printed,
        err: '',
      });
    });

    it('a wrong password is one line that names the user, and exit 3', async () => {
      const env = { HOP_USERNAME: 'alice', HOP_PASSWORD: 'wrong', HOME: folder };
      const ca = join(folder, 'only-ca.pem');
      await writeFile(ca, target.certificates?.ca ?? '');
      const outcome = await hop(['subscribe', '-q', '--ca', ca, `kafka://${target.bootstrap('saslTls')}/clear`], {
        env,
      });
      expect(outcome).toMatchObject({ code: 3, out: '' });
      expect(outcome.err).toMatch(/^hop: .*alice.*\n( {2}hint: .*\n)?$/);
    });
  });
}

const noPeers = noJvm ?? noPython;
describe.skipIf(noPeers)(`Strangers on Kafka ${KAFKA_MODERN}${skipped(noPeers)}`, () => {
  let target: Target;
  let folder: string;
  const python = process.env.HOP_TEST_PYTHON ?? '';
  const theirs = join(dirname(python), 'hop');
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hop-'));
    target = await startTarget({ kind: 'jvm', kafkaVersion: KAFKA_MODERN });
  });
  afterAll(async () => {
    await target?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const url = (topic: string): string => `kafka://${target.bootstrap()}/${topic}`;

  it("what we publish is read by Python's hop-client", async () => {
    await createTopic(target, 'ours');
    await hop(['publish', '-q', '--no-auth', '-f', 'JSON', url('ours')], { stdin: '{"from":"hopwire","n":[1,2.0]}\n' });
    const { stdout } = await run(theirs, ['subscribe', '-q', '--no-auth', '-s', 'EARLIEST', '-e', url('ours')], {
      env: { HOME: folder, PATH: process.env.PATH },
    });
    expect(stdout).toBe('{"from": "hopwire", "n": [1, 2.0]}\n');
  });

  it("what Python's hop-client publishes is read by us", async () => {
    await createTopic(target, 'python');
    const file = join(folder, 'circular.txt');
    await writeFile(file, 'TITLE:   GCN CIRCULAR\nNUMBER:  1\n\nbody of the circular\n');
    await run(theirs, ['publish', '-q', '--no-auth', '-f', 'CIRCULAR', url('python'), file], {
      env: { HOME: folder, PATH: process.env.PATH },
    });
    const { out, code } = await hop(['subscribe', '-q', '--no-auth', '-s', 'EARLIEST', '-e', url('python')]);
    expect(out).toBe('TITLE:   GCN CIRCULAR\nNUMBER:  1\n\nbody of the circular\n');
    expect(code).toBe(0);
  });

  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])(
    'records that librdkafka compressed with %s are read intact',
    async (codec) => {
      const topic = `codec-${codec}`;
      await createTopic(target, topic);
      const script = `
import confluent_kafka
p = confluent_kafka.Producer({'bootstrap.servers': '${target.bootstrap()}', 'compression.type': '${codec}', 'linger.ms': 50})
for i in range(200):
    p.produce('${topic}', key=b'k%d' % i, value=(b'value %d ' % i) * 40, headers=[('h', b'\\x00\\xff'), ('h', b''), ('n', None)])
p.produce('${topic}', key=None, value=None)
p.produce('${topic}', key=b'', value=bytes(range(256)) * 3900)
assert p.flush(30) == 0
`;
      await run(python, ['-c', script]);
      await using kafka = createClient({ brokers: [target.bootstrap()] });
      await using consumer = kafka.consumer({ topics: [topic], startAt: 'earliest', until: 'end' });
      const values: (string | null)[] = [];
      for await (const { key, value, headers } of consumer) {
        if (values.length < 200)
          expect(headers).toEqual([
            ['h', Buffer.from([0, 255])],
            ['h', Buffer.alloc(0)],
            ['n', null],
          ]);
        values.push(value?.toString('latin1') ?? null);
        if (values.length === 202) expect(key).toEqual(Buffer.alloc(0));
      }
      expect(values.length).toBe(202);
      expect(values[7]).toBe('value 7 '.repeat(40));
      expect(values[200]).toBeNull();
      expect(values[201]).toBe(
        Buffer.concat(Array(3900).fill(Buffer.from(Array.from({ length: 256 }, (_, i) => i)))).toString('latin1'),
      );
    },
  );

  it("what we produce, plain and with each codec, is read by Java's ConsoleConsumer", async () => {
    await createTopic(target, 'java');
    await using kafka = createClient({ brokers: [target.bootstrap()] });
    await using plainly = kafka.producer();
    await plainly.send({ topic: 'java', key: 'k1', value: 'plain', headers: [['h', 'x']] });
    for (const compression of ['gzip', 'snappy', 'lz4', 'zstd'] as const) {
      await using packed = kafka.producer({ compression });
      const messages = Array.from({ length: 50 }, (_, i) => ({ key: 'k2', value: `${compression} `.repeat(9) + i }));
      await packed.send({ topic: 'java', messages });
    }
    const java = target.tool('org.apache.kafka.tools.consumer.ConsoleConsumer', [
      ...['--bootstrap-server', target.bootstrap(), '--topic', 'java', '--from-beginning', '--max-messages', '201'],
      ...['--property', 'print.key=true', '--property', 'print.headers=true'],
    ]);
    const lines: string[] = [];
    if (java.stdout) for await (const line of createInterface({ input: java.stdout })) lines.push(line);
    expect(lines.filter((line) => /\tk[12]\t/.test(line)).length).toBe(201);
    expect(lines).toContain('h:x\tk1\tplain');
    expect(lines).toContain(`NO_HEADERS\tk2\t${'zstd '.repeat(9)}49`);
  });

  it('kill -9 of a publishing hop loses nothing that it acknowledged', async () => {
    await createTopic(target, 'killed');
    const main = new URL('../../dist/main.js', import.meta.url).pathname;
    const child = spawn(process.execPath, [main, 'publish', '-q', '--no-auth', '--ack', url('killed')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let fed = 0;
    const feed = (): void => {
      while (!child.killed && child.stdin.write(`message ${fed++}\n`));
    };
    child.stdin.on('drain', feed).on('error', () => {});
    feed();
    const acknowledged: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      const whole = line.endsWith('}');
      if (whole) acknowledged.push(JSON.parse(line).id);
      if (acknowledged.length === 2000) child.kill('SIGKILL');
    }
    const { out } = await hop(['subscribe', '-q', '--no-auth', '-j', '-s', 'EARLIEST', '-e', url('killed')]);
    const messages: { id: string; offset: number; content: string }[] = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const ids = messages.map(({ id }) => id);
    expect(acknowledged.length).toBeGreaterThanOrEqual(2000);
    expect(acknowledged.filter((id) => !ids.includes(id))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
    expect(messages.map(({ content }) => content)).toEqual(messages.map((_, i) => `message ${i}`));
  });
});
