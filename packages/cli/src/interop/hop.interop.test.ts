// The same `hop` command lines on every broker, and messages that cross both ways with Python's hop-client and Java.
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import {
  because,
  externalCredential,
  KAFKA_MODERN,
  KAFKA_NEWEST,
  KAFKA_OLD,
  type Listener,
  missing,
  type Place,
  placesFor,
  type Target,
  users,
} from '@hopwire/test-broker/harness';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hop } from '../testing/terminal.ts';
import { clientOf, createTopic, leave } from '../testing/topics.ts';

const run = promisify(execFile);
const noPython = await missing('python');

const [embedded] = await placesFor([], { HOP_TEST_BROKER: 'embedded' });
const real = await placesFor([KAFKA_MODERN, KAFKA_OLD, KAFKA_NEWEST]);
const places = real[0].kind === 'embedded' ? real : [embedded, ...real];

/** Who may log in: `admin`, unless the broker is not ours. */
function loginAt(place: Place): { user: string; password: string; mechanism: string | null } {
  const theirs = place.kind === 'external' ? externalCredential() : null;
  return theirs ?? { user: 'admin', password: users.admin, mechanism: null };
}

/** A configuration folder with one credential, and the environment that points at it. */
async function home(
  folder: string,
  place: Place,
  target: Target,
  listener: Listener,
  mechanism: string,
): Promise<NodeJS.ProcessEnv> {
  const ca = join(folder, 'ca.pem');
  await writeFile(ca, target.certificates?.ca ?? '');
  const protocol = listener === 'saslTls' ? 'SASL_SSL' : 'SASL_PLAINTEXT';
  const { user, password } = loginAt(place);
  const row = [user, password, target.bootstrap(listener), mechanism, protocol, listener === 'saslTls' ? ca : ''];
  const csv = join(folder, `${listener}-${mechanism}.csv`);
  await writeFile(csv, `username,password,hostname,mechanism,protocol,ssl_ca_location\n${row.join(',')}\n`);
  const env = { XDG_CONFIG_HOME: join(folder, `${listener}-${mechanism}`), HOME: folder, PATH: process.env.PATH };
  expect(await hop(['auth', 'add', csv], { env })).toMatchObject({ code: 0 });
  return env;
}

for (const place of places) {
  describe.skipIf(place.reason)(`hop on ${place.name}${because(place.reason)}`, () => {
    let target: Target;
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'hop-'));
      target = await place.start();
    });
    afterAll(async () => {
      await leave(target);
      await rm(folder, { recursive: true, force: true });
    });

    const published = '{"a": 1}\n{"b": 2.50}\n';
    const printed = '{"a": 1}\n{"b": 2.5}\n';

    const noPlaintext = place.lacks('plaintext');
    it.skipIf(noPlaintext)(`publishes and subscribes in the clear with --no-auth${because(noPlaintext)}`, async () => {
      const url = `kafka://${target.bootstrap('plaintext')}/${await createTopic(target, 'clear')}`;
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

    const theirs = place.kind === 'external' ? externalCredential()?.mechanism : undefined;
    for (const [listener, mechanism] of [
      ['saslTls', 'SCRAM-SHA-512'],
      ['saslTls', 'PLAIN'],
      ['saslPlaintext', 'SCRAM-SHA-256'],
    ] as const) {
      const isOther = theirs !== undefined && theirs !== mechanism ? `its credential is for ${theirs}` : null;
      const lack = place.lacks(listener) ?? isOther;
      it.skipIf(lack)(
        `publishes and subscribes over ${listener} with a stored ${mechanism} credential${because(lack)}`,
        async () => {
          const topic = await createTopic(target, `auth-${listener}-${mechanism}`);
          const env = await home(folder, place, target, listener, mechanism);
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
        },
      );
    }

    const noLogin = place.lacks('saslTls');
    it.skipIf(noLogin)(`a wrong password is one line that names the user, and exit 3${because(noLogin)}`, async () => {
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

const [strangers] = real;
const noPeers = strangers.lacks('plaintext') ?? noPython;
const noTools = strangers.lacks('tools');
describe.skipIf(noPeers)(`Strangers on ${strangers.name}${because(noPeers)}`, () => {
  let target: Target;
  let folder: string;
  const python = process.env.HOP_TEST_PYTHON ?? '';
  const theirs = join(dirname(python), 'hop');
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hop-'));
    target = await strangers.start();
  });
  afterAll(async () => {
    await leave(target);
    await rm(folder, { recursive: true, force: true });
  });

  const url = (topic: string): string => `kafka://${target.bootstrap()}/${topic}`;

  it("what we publish is read by Python's hop-client", async () => {
    const ours = await createTopic(target, 'ours');
    await hop(['publish', '-q', '--no-auth', '-f', 'JSON', url(ours)], { stdin: '{"from":"hopwire","n":[1,2.0]}\n' });
    const { stdout } = await run(theirs, ['subscribe', '-q', '--no-auth', '-s', 'EARLIEST', '-e', url(ours)], {
      env: { HOME: folder, PATH: process.env.PATH },
    });
    expect(stdout).toBe('{"from": "hopwire", "n": [1, 2.0]}\n');
  });

  it("what Python's hop-client publishes is read by us", async () => {
    const topic = await createTopic(target, 'python');
    const file = join(folder, 'circular.txt');
    await writeFile(file, 'TITLE:   GCN CIRCULAR\nNUMBER:  1\n\nbody of the circular\n');
    await run(theirs, ['publish', '-q', '--no-auth', '-f', 'CIRCULAR', url(topic), file], {
      env: { HOME: folder, PATH: process.env.PATH },
    });
    const { out, code } = await hop(['subscribe', '-q', '--no-auth', '-s', 'EARLIEST', '-e', url(topic)]);
    expect(out).toBe('TITLE:   GCN CIRCULAR\nNUMBER:  1\n\nbody of the circular\n');
    expect(code).toBe(0);
  });

  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])(
    'records that librdkafka compressed with %s are read intact',
    async (codec) => {
      const topic = await createTopic(target, `codec-${codec}`);
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
      await using kafka = clientOf(target);
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

  it.skipIf(noTools)(
    `what we produce, plain and with each codec, is read by Java's ConsoleConsumer${because(noTools)}`,
    async () => {
      const topic = await createTopic(target, 'java');
      await using kafka = clientOf(target);
      await using plainly = kafka.producer();
      await plainly.send({ topic, key: 'k1', value: 'plain', headers: [['h', 'x']] });
      for (const compression of ['gzip', 'snappy', 'lz4', 'zstd'] as const) {
        await using packed = kafka.producer({ compression });
        const messages = Array.from({ length: 50 }, (_, i) => ({ key: 'k2', value: `${compression} `.repeat(9) + i }));
        await packed.send({ topic, messages });
      }
      const java = target.tool('org.apache.kafka.tools.consumer.ConsoleConsumer', [
        ...['--bootstrap-server', target.bootstrap(), '--topic', topic, '--from-beginning', '--max-messages', '201'],
        ...['--property', 'print.key=true', '--property', 'print.headers=true'],
      ]);
      const lines: string[] = [];
      if (java.stdout) for await (const line of createInterface({ input: java.stdout })) lines.push(line);
      expect(lines.filter((line) => /\tk[12]\t/.test(line)).length).toBe(201);
      expect(lines).toContain('h:x\tk1\tplain');
      expect(lines).toContain(`NO_HEADERS\tk2\t${'zstd '.repeat(9)}49`);
    },
  );

  it('kill -9 of a publishing hop loses nothing that it acknowledged', async () => {
    const topic = await createTopic(target, 'killed');
    const main = new URL('../../dist/main.js', import.meta.url).pathname;
    const child = spawn(process.execPath, [main, 'publish', '-q', '--no-auth', '--ack', url(topic)], {
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
    const { out } = await hop(['subscribe', '-q', '--no-auth', '-j', '-s', 'EARLIEST', '-e', url(topic)]);
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
