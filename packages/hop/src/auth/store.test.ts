import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';
import { beforeEach, describe, expect, it } from 'vitest';
import { configPath } from '../config/paths.ts';
import { Auth } from './credential.ts';
import { authFromCsv } from './csv.ts';
import { changeAuthFile, loadAuth, readAuthFile, writeAuthFile } from './store.ts';

let path = '';
beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'hop-auth-')), 'hop', 'auth.toml');
});

async function stored(text: string, mode = 0o600): Promise<string> {
  await writeAuthFile(path, []);
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
}

describe('auth.toml', () => {
  it('lies where XDG_CONFIG_HOME or HOME say, an empty variable being unset (HOP-071)', () => {
    expect(configPath('auth', { XDG_CONFIG_HOME: '/x', HOME: '/h' })).toBe('/x/hop/auth.toml');
    expect(configPath('auth', { XDG_CONFIG_HOME: '', HOME: '/h' })).toBe('/h/.config/hop/auth.toml');
    expect(() => configPath('auth', {})).toThrow(/XDG_CONFIG_HOME and HOME/);
  });

  it('round-trips any password, private to its owner', async () => {
    const auths = ['pa\\x41ss', '"\\"\'', 'é😀', '\\u0041\\', ' # = [a]'].map(
      (password, index) => new Auth({ user: `u${index}`, password }),
    );
    await writeAuthFile(path, auths);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await readAuthFile(path)).map((auth) => auth.password)).toEqual(auths.map((auth) => auth.password));
  });

  it('writes keys in order and keeps those it does not know, and the old file beside it', async () => {
    await stored(
      'other = 1\n[[auth]]\nzeta = "z"\nhostname = "h"\npassword = "p"\nusername = "u"\nmechanism = "scram_sha_256"\n',
    );
    await writeAuthFile(path, await readAuthFile(path));
    const text = await readFile(path, 'utf8');
    const order = ['username', 'password', 'protocol', 'mechanism = "SCRAM-SHA-256"', 'hostname', 'zeta'].map((key) =>
      text.indexOf(key),
    );
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(text).toContain('other = 1');
    expect(await readFile(`${path}~`, 'utf8')).toContain('scram_sha_256');
  });

  it.skipIf(process.platform === 'win32').each([0o644, 0o640, 0o604, 0o601, 0o1600, 0o2600, 0o4600])(
    'refuses mode %o before reading (HOP-077)',
    async (mode) => {
      await stored('garbage', mode);
      const octal = (0o100000 | mode).toString(8);
      await expect(readAuthFile(path)).rejects.toThrow(`unsafe permissions: ${octal}`);
    },
  );

  it.each([
    ['x = ', 'line 1'],
    ['a = 1', 'no auth section'],
    ['auth = [{username = "u"}]', 'password is missing'],
    ['auth = [{password = "u"}]', 'username is missing'],
    ['auth = [1]', 'a table is expected'],
    ['auth = [{username = "u", password = 1}]', 'password is no text'],
    ['auth = [{username = "u", password = "p", mechanism = "plain-ish"}]', 'plain-ish'],
  ])('%s is an error with path and place (HOP-078)', async (text, reason) => {
    await stored(text);
    const error = expect.objectContaining({ code: 'CREDENTIAL', message: expect.stringContaining(reason) });
    await expect(readAuthFile(path)).rejects.toEqual(error);
    await expect(readAuthFile(path)).rejects.toThrow(path);
  });

  it('accepts a single table (HOP-079) and an empty list', async () => {
    await stored('[auth]\nusername = "u"\npassword = "p"\nprotocol = "SASL_PLAINTEXT"\ntoken_endpoint = "https://t"\n');
    expect(await readAuthFile(path)).toMatchObject([{ username: 'u', ssl: false, mechanism: 'OAUTHBEARER' }]);
    await stored('auth = []\n');
    expect(await readAuthFile(path)).toEqual([]);
  });

  it('says when there is no file', async () => {
    await expect(readAuthFile(path)).rejects.toMatchObject({ code: 'NO_CREDENTIALS' });
  });

  it('gives way to the environment (HOP-092)', async () => {
    const file = await stored('secret\n');
    const env = { HOP_USERNAME: 'u', HOP_PASSWORD_FILE: file, HOP_HOSTNAME: 'h' };
    expect(await loadAuth(env)).toMatchObject([{ username: 'u', password: 'secret', hostname: 'h' }]);
  });

  it('hides the password when inspected', () => {
    expect(inspect(new Auth({ user: 'u', password: 'secret' }))).not.toContain('secret');
  });
});

describe('a change of auth.toml', () => {
  const named = (user: string, password = 'p'): Auth => new Auth({ user, password });
  const without = (user: string) => (auths: readonly Auth[]) => auths.filter(({ username }) => username !== user);
  const backup = (): Promise<string> => readFile(`${path}~`, 'utf8').catch(() => '');

  it('loses none of many at once', async () => {
    const users = Array.from({ length: 20 }, (_, i) => `u${i}`);
    await Promise.all(users.map((user) => changeAuthFile(path, (auths) => [...auths, named(user)])));
    const stored = await readAuthFile(path);
    expect(stored.map(({ username }) => username).sort()).toEqual([...users].sort());
  });

  it('that adds keeps the old content beside it', async () => {
    await writeAuthFile(path, [named('a', 'first')]);
    await changeAuthFile(path, (auths) => [...auths, named('b', 'second')]);
    expect(await backup()).toContain('first');
    expect(await backup()).not.toContain('second');
    expect((await stat(`${path}~`)).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['removes', without('b')],
    ['replaces', (auths: readonly Auth[]) => [...without('b')(auths), named('b', 'new')]],
  ])('that %s a credential leaves its password nowhere', async (_what, change) => {
    await writeAuthFile(path, [named('a')]);
    await changeAuthFile(path, (auths) => [...auths, named('b', 'old secret')]);
    await changeAuthFile(path, (auths) => [...auths, named('c')]);
    expect(await backup()).toContain('old secret');
    await changeAuthFile(path, change);
    for (const file of await readdir(dirname(path))) {
      expect(await readFile(join(dirname(path), file), 'utf8')).not.toContain('old secret');
    }
  });

  it('that fails leaves the file as it is, and nothing beside it', async () => {
    await writeAuthFile(path, [named('a')]);
    const before = await readFile(path, 'utf8');
    const refuse = (): never => {
      throw new RangeError('refused');
    };
    await expect(changeAuthFile(path, refuse)).rejects.toThrow('refused');
    expect(await readFile(path, 'utf8')).toBe(before);
    expect(await readdir(dirname(path))).toEqual(['auth.toml']);
  });

  it('changes the file behind a link, and the link stays', async () => {
    await writeAuthFile(path, [named('a')]);
    const link = join(dirname(path), 'link.toml');
    await symlink(path, link);
    await changeAuthFile(link, (auths) => [...auths, named('b')]);
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect(await readAuthFile(path)).toHaveLength(2);
  });

  it('does not write through a link in place of the backup', async () => {
    await writeAuthFile(path, [named('a', 'secret')]);
    const victim = join(dirname(path), 'victim');
    await writeFile(victim, 'theirs');
    await symlink(victim, `${path}~`);
    await changeAuthFile(path, (auths) => [...auths, named('b')]);
    expect(await readFile(victim, 'utf8')).toBe('theirs');
    expect(await backup()).toContain('secret');
  });

  it('waits for no lock of a process that is gone', async () => {
    await writeAuthFile(path, [named('a')]);
    await mkdir(`${path}.lock`);
    const longAgo = new Date(Date.now() - 60_000);
    await utimes(`${path}.lock`, longAgo, longAgo);
    await changeAuthFile(path, (auths) => [...auths, named('b')]);
    expect(await readdir(dirname(path))).toEqual(['auth.toml', 'auth.toml~']);
  });
});

describe('authFromCsv (HOP-074)', () => {
  it('tolerates a byte order mark, blanks, other case, empty cells and further columns', () => {
    const { auth } = authFromCsv('\ufeff Username ,PASSWORD,token_endpoint,x\r\nal,"a,""b""",,1\r\n', 'f.csv');
    expect(auth).toMatchObject({ username: 'al', password: 'a,"b"', mechanism: 'SCRAM-SHA-512', hostname: undefined });
  });

  it.each([
    ['username\nal\n', /password missing.*columns are username/],
    ['username,password\n', /data row/],
    ['username,password,mechanism\na,b,FOO\n', /FOO/],
    ['username,password\n"a,b\n', /quote/],
  ])('refuses %j', (text, reason) => {
    expect(() => authFromCsv(text, 'f.csv')).toThrow(reason);
  });

  it('warns of further rows', () => {
    expect(authFromCsv('username,password\na,b\nc,d\n', 'f.csv').warnings).toHaveLength(1);
  });
});
