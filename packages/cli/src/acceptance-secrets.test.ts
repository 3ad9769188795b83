// No output of `hop` tells a password, wherever it was written and whatever fails.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestBroker } from '@hopwire/test-broker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { hop, type Outcome } from './testing/terminal.ts';

const SECRET = 'xyzzy-Plugh-4711';
const LOUD = [['-v', '-d'], ['--json-errors']];
let broker: TestBroker;
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hop-cli-'));
  broker = await TestBroker.start({ topics: { t: 1 }, users: { alice: 'another' } });
});
afterAll(async () => {
  await broker.close();
  await rm(folder, { recursive: true, force: true });
});

/** In full or in part, as text or as base64 of some place in a token. */
function expectUntold({ out, err }: Outcome): void {
  expect(out + err).not.toMatch(/xyzzy|Plugh|4711|eHl6enk|h5enp5|eHl6en/);
}

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text, { mode: 0o600 });
  return path;
}

const urls = [
  `kafka://alice:${SECRET}@127.0.0.1:1/t`,
  `kafka://alice:${SECRET}@h:bad/t`,
  `kafka://alice:1@${SECRET}@127.0.0.1/t`,
  `kafka://alice:${SECRET}@/t`,
  `kafka://127.0.0.1:1/t?password=${SECRET}`,
  `kafka://h:bad/t?password=${SECRET}`,
  `http://alice:${SECRET}@h/t`,
  `alice:${SECRET}@h/t`,
];
const commands = urls.flatMap((url) =>
  ['subscribe', 'publish', 'list-topics'].map((command) => [command, url.replace(SECRET, 'SECRET'), url] as const),
);

it.each(commands)('an address that holds a password does not tell it: %s %s', async (command, _, url) => {
  for (const loud of LOUD) {
    const args = [command, url, '--connect-timeout', '0.2', ...loud];
    const login = { HOP_USERNAME: 'alice', HOP_PASSWORD: SECRET };
    for (const env of [{ XDG_CONFIG_HOME: folder }, { XDG_CONFIG_HOME: folder, ...login }]) {
      const ended = await hop(args, { env, stdin: 'x' });
      expect(ended.code).not.toBe(0);
      expectUntold(ended);
    }
  }
});

it.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER', 'NONSENSE'])(
  'a stored password is not told when the login by %s fails, with and without TLS',
  async (mechanism) => {
    for (const protocol of ['SASL_PLAINTEXT', 'SASL_SSL']) {
      const row = `alice,${SECRET},${broker.bootstrap},${mechanism},${protocol}\n`;
      const csv = await file('f.csv', `username,password,hostname,mechanism,protocol\n${row}`);
      const env = { XDG_CONFIG_HOME: folder };
      expectUntold(await hop(['auth', 'add', '--force', '-v', '-d', csv], { env }));
      expectUntold(await hop(['auth', 'list', '-v'], { env }));
      for (const loud of LOUD) {
        const url = `kafka://alice@${broker.bootstrap}/t`;
        const ended = await hop(['subscribe', url, '--connect-timeout', '0.5', ...loud], { env });
        expect(ended.code).not.toBe(0);
        expectUntold(ended);
      }
    }
  },
);

it.each([
  ['columns in another order', `username,hostname,password\nalice,alice:${SECRET}@h,p\n`],
  ['a quote that is not closed', `username,password\nalice,"${SECRET}\n`],
  ['no header', `alice,${SECRET}\n`],
  ['a header that is not known', `user,secret\nalice,${SECRET}\n`],
  ['text behind a quote', `username,password\nalice,"a"${SECRET}\n`],
])('a file of credentials that is refused is not quoted: %s', async (_, text) => {
  const csv = await file('odd.csv', text);
  for (const loud of LOUD) {
    const ended = await hop(['auth', 'add', ...loud, csv], { env: { XDG_CONFIG_HOME: join(folder, 'odd') } });
    expect(ended.code).not.toBe(0);
    expectUntold(ended);
  }
});

it.each([
  ['a broken line', `[[auth]]\nusername = "alice"\npassword = "${SECRET}\n`],
  ['a password without quotes', `[[auth]]\nusername = "alice"\npassword = ${SECRET}\n`],
  ['a password that is no text', `[[auth]]\nusername = "alice"\npassword = ["${SECRET}"]\n`],
  ['a key twice', `[[auth]]\nusername = "alice"\npassword = "${SECRET}"\npassword = "${SECRET}"\n`],
  ['a password as a key', `[[auth]]\nusername = "alice"\n"${SECRET}"."a" = 1\n"${SECRET}" = 2\n`],
  ['a hostname that is none', `[[auth]]\nusername = "alice"\npassword = "p"\nhostname = "alice:${SECRET}@h"\n`],
])('auth.toml that cannot be read is not quoted: %s', async (_, text) => {
  const home = await mkdtemp(join(folder, 'toml-'));
  const env = { XDG_CONFIG_HOME: home };
  await hop(['auth', 'add', await file('good.csv', 'username,password\nbob,p\n')], { env });
  await writeFile(join(home, 'hop/auth.toml'), text);
  for (const loud of LOUD) {
    for (const args of [
      ['auth', 'list'],
      ['subscribe', 'kafka://h/t'],
    ]) {
      const ended = await hop([...args, ...loud], { env });
      expect(ended.code).not.toBe(0);
      expectUntold(ended);
    }
  }
});

it.each([
  ['a user without a name', ['broker', '--user', `:${SECRET}`]],
  ['a password alone as user', ['broker', '--user', SECRET]],
  ['an address to listen at', ['broker', '--listen', `alice:${SECRET}@h:1`]],
  ['an address to follow', ['wire', '--follow', `kafka://alice:${SECRET}@h:1`]],
  ['a place for the proxy', ['wire', '--follow', 'h:1', '--listen', `alice:${SECRET}@h:1`]],
  ['an address as bytes', ['wire', `kafka://alice:${SECRET}@h:1`]],
  ['an address as command', [`kafka://alice:${SECRET}@h/t`]],
  ['an address that is one too many', ['list-topics', 'kafka://h', `kafka://alice:${SECRET}@h/t`]],
  ['an address as the value of an option', ['subscribe', 'kafka://h/t', '--timeout', `kafka://alice:${SECRET}@h/t`]],
  ['an address behind an option that is not known', ['subscribe', `--url=kafka://alice:${SECRET}@h/t`, 'kafka://h/t']],
])('what cannot be meant is not repeated with its password: %s', async (_, args) => {
  for (const loud of LOUD) {
    const ended = await hop([...args, ...loud], { env: { XDG_CONFIG_HOME: folder } });
    expect(ended.code).not.toBe(0);
    expectUntold(ended);
  }
});
