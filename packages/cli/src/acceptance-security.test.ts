// Scenarios of hop's specification about credentials, on an embedded broker that wants a login.
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestBroker } from '@hopwire/test-broker';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hop, type Outcome } from './testing/terminal.ts';

const PASSWORD = 'pa\\x41ss';
let broker: TestBroker;
let folder = '';
let env: NodeJS.ProcessEnv = {};
let url = '';

beforeAll(async () => {
  broker = await TestBroker.start({ topics: { t1: 1, secret: 1 }, users: { alice: PASSWORD }, denyTopics: ['secret'] });
  url = `kafka://${broker.bootstrap}/t1`;
});
afterAll(() => broker.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hop-cli-'));
  env = { XDG_CONFIG_HOME: folder };
  return () => rm(folder, { recursive: true, force: true });
});

const run = (...args: string[]): Promise<Outcome> => hop(args, { env });
const authPath = (): string => join(folder, 'hop', 'auth.toml');

async function csv(...rows: string[]): Promise<string> {
  const path = join(folder, 'f.csv');
  await writeFile(path, `${rows.join('\n')}\n`);
  return path;
}

async function add(user: string, password: string, host: string, ...options: string[]): Promise<Outcome> {
  return run(
    'auth',
    'add',
    await csv('username,password,hostname,protocol', `${user},${password},${host},SASL_PLAINTEXT`),
    ...options,
  );
}

describe('stored credentials', () => {
  it('HOP-071: lie where the environment says', async () => {
    expect(await hop(['auth', 'locate'], { env: { XDG_CONFIG_HOME: '/x' } })).toMatchObject({
      code: 0,
      out: '/x/hop/auth.toml\n',
    });
    expect(await hop(['auth', 'locate'], { env: { XDG_CONFIG_HOME: '', HOME: '/h' } })).toMatchObject({
      out: '/h/.config/hop/auth.toml\n',
    });
  });

  it('HOP-072: are private, not replaced without --force, and keep any password', async () => {
    expect(await add('alice', PASSWORD, 'h:9092')).toMatchObject({ code: 0 });
    expect((await stat(authPath())).mode & 0o777).toBe(0o600);
    const before = await readFile(authPath(), 'utf8');
    expect(before).toContain(String.raw`password = "pa\\x41ss"`);
    expect(await add('alice', 'other', 'h:9092')).toMatchObject({ code: 1, err: expect.stringContaining('ERROR') });
    expect(await readFile(authPath(), 'utf8')).toBe(before);
    expect(await add('alice', 'other', 'h:9092', '--force')).toMatchObject({ code: 0 });
  });

  it('HOP-076, HOP-081: are listed and removed', async () => {
    await add('al', 'p', 'h1');
    await add('bobby', 'p', '');
    expect(await run('auth', 'list')).toMatchObject({ code: 0, out: 'al    for h1\nbobby\n' });
    await add('al', 'p', 'h2');
    expect(await run('auth', 'remove', 'al')).toMatchObject({ code: 1, err: expect.stringMatching(/al@h1, al@h2/) });
    expect(await run('auth', 'remove', 'al@h1')).toMatchObject({ code: 0 });
    expect(await run('auth', 'remove', 'al')).toMatchObject({ code: 0 });
    expect(await run('auth', 'remove', 'nobody')).toMatchObject({ code: 1, err: expect.stringContaining('nobody') });
    expect(await run('auth', 'remove', 'bobby')).toMatchObject({ code: 0 });
    expect(await run('auth', 'list')).toMatchObject({ code: 0, out: '' });
  });

  it('a missing one is exit 3 before anything is connected', async () => {
    expect(await run('subscribe', '-q', url)).toMatchObject({
      code: 3,
      err: expect.stringMatching(/^hop: no credentials.*\n {2}hint: .*hop auth add/),
    });
  });

  it('HOP-084: an ambiguous choice asks for the user name', async () => {
    await add('alice', 'p', '127.0.0.1');
    await add('bob', 'p', '127.0.0.1');
    const { code, err } = await run('subscribe', '-q', 'kafka://127.0.0.1/t1');
    expect(code).toBe(3);
    expect(err).toContain('kafka://USER@127.0.0.1/t1');
  });
});

describe('a broker that wants a login', () => {
  it('HOP-086: knows the sender, and the generated group begins with the user name', async () => {
    await add('alice', PASSWORD, broker.bootstrap);
    expect(await hop(['publish', '-q', url], { env, stdin: 'x' })).toMatchObject({ code: 0, err: '' });
    expect(
      String(
        broker
          .records('t1')
          .at(-1)
          ?.headers.find(([name]) => name === '_sender')?.[1],
      ),
    ).toBe('alice');
    const { code, out, err } = await run('subscribe', '-e', '-s', 'EARLIEST', url);
    expect({ code, out }).toEqual({ code: 0, out: 'x\n' });
    expect(err).toMatch(/group.*alice-[A-Z0-9]{10}/);
  });

  it('HOP-085: a wrong password is told at once, with user and host', async () => {
    await add('alice', 'wrong', broker.bootstrap);
    const begun = Date.now();
    const { code, err } = await run('subscribe', '-q', url);
    expect(code).toBe(3);
    for (const word of ['rejected', 'alice', broker.bootstrap]) expect(err).toContain(word);
    expect(Date.now() - begun).toBeLessThan(3000);
  });

  it.each(['subscribe', 'publish'])('HOP-087: %s names the topic that is not allowed', async (command) => {
    await add('alice', PASSWORD, broker.bootstrap);
    const secret = `kafka://${broker.bootstrap}/secret`;
    const { code, err } = await hop([command, '-q', secret], { env, stdin: 'x' });
    expect(code).toBe(3);
    expect(err).toMatch(/^hop: .*not authorised.*secret/);
  });

  it('a login is missed when --no-auth leaves it out', async () => {
    const { code, err } = await run('list-topics', '-q', '--no-auth', '--connect-timeout', '2', url);
    expect([3, 4]).toContain(code);
    expect(err).toMatch(/^hop: /);
  });
});
