// auth.toml: reading with its permission check, and writing that loses nothing.
import { copyFile, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parse, stringify, TomlError } from 'smol-toml';
import { configPath, type Environment } from '../config/paths.ts';
import { CredentialError, NoCredentialsError, reasonOf, UnsafePermissionsError } from '../errors.ts';
import { Auth } from './credential.ts';
import { authFromTable, type Table, tableFromAuth } from './table.ts';

// Anything for group and others, and the set-id and sticky bits.
const UNSAFE_BITS = 0o7077;
const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

/** The stored credentials, or the one the environment gives. Throws CredentialError. */
export async function loadAuth(env: Environment, path?: string): Promise<Auth[]> {
  if (env.HOP_USERNAME) return [await authFromEnvironment(env, env.HOP_USERNAME)];
  return readAuthFile(path ?? configPath('auth', env));
}

/** Reads one credentials file. */
export async function readAuthFile(path: string): Promise<Auth[]> {
  const document = await readDocument(path);
  if (!Object.hasOwn(document, 'auth')) {
    throw new CredentialError(`${path} has no auth section`, { hint: 'add a credential with `hop auth add`' });
  }
  const section: unknown = document.auth;
  const entries: unknown[] = Array.isArray(section) ? section : [section];
  return entries.map((entry, index) => {
    const place = `${path}, credential ${index + 1}`;
    if (!isTable(entry)) throw new CredentialError(`${place}: a table is expected`);
    return authFromTable(entry, place);
  });
}

/** As readAuthFile, and empty when there is no file yet. */
export async function loadAuthFileIfAny(path: string): Promise<Auth[]> {
  return readAuthFile(path).catch((error: unknown) => {
    if (error instanceof NoCredentialsError) return [];
    throw error;
  });
}

/** Replaces the credentials of a file: written beside it, synced, renamed; the old content stays in `auth.toml~`. */
export async function writeAuthFile(path: string, auths: readonly Auth[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: PRIVATE_FOLDER });
  const exists = await isThere(path);
  const kept = exists ? await readDocument(path) : {};
  const text = stringify({ ...kept, auth: auths.map(tableFromAuth) });
  if (exists) await backUp(path);
  const temporary = `${path}.${process.pid}.new`;
  try {
    await writePrivately(temporary, `${text.trimEnd()}\n`);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new CredentialError(`cannot write ${path}: ${reasonOf(error)}`, { cause: error });
  }
}

/** The entry with the same user name and hostname text, which a new one would replace. */
export function indexOfSame(auths: readonly Auth[], wanted: Auth): number {
  return auths.findIndex((auth) => auth.username === wanted.username && auth.hostname === wanted.hostname);
}

/** The entries `hop auth remove NAME` means: `user`, or `user@host` split at the last `@`. */
export function authsNamed(auths: readonly Auth[], name: string): Auth[] {
  const at = name.lastIndexOf('@');
  const byUser = auths.filter((auth) => auth.username === name);
  if (at < 0) return byUser;
  const [user, host] = [name.slice(0, at), name.slice(at + 1)];
  const byBoth = auths.filter((auth) => auth.username === user && auth.hostname === host);
  return byBoth.length > 0 ? byBoth : byUser;
}

async function readDocument(path: string): Promise<Record<string, unknown>> {
  await checkPermissions(path);
  try {
    return parse(await readFile(path, 'utf8'));
  } catch (error) {
    // Only the first line: the rest of a TomlError quotes the file, passwords included.
    const where = error instanceof TomlError ? `, line ${error.line}` : '';
    throw new CredentialError(`${path}${where}: ${reasonOf(error).split('\n')[0]}`);
  }
}

async function checkPermissions(path: string): Promise<void> {
  const { mode } = await stat(path).catch((cause: unknown) => {
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    if (!isMissing) throw new CredentialError(`cannot read ${path}: ${reasonOf(cause)}`, { cause });
    throw new NoCredentialsError(`no credentials: ${path} does not exist`, { cause, hint: 'run `hop auth add`' });
  });
  if (process.platform === 'win32' || (mode & UNSAFE_BITS) === 0) return;
  throw new UnsafePermissionsError(`${path} has unsafe permissions: ${mode.toString(8)}`, {
    hint: `they should be 0600: chmod 600 ${path}`,
  });
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function backUp(path: string): Promise<void> {
  const backup = `${path}~`;
  await copyFile(path, backup);
  const handle = await open(backup, 'r+');
  try {
    await handle.chmod(PRIVATE_FILE);
  } finally {
    await handle.close();
  }
}

async function writePrivately(path: string, text: string): Promise<void> {
  const handle = await open(path, 'w', PRIVATE_FILE);
  try {
    await handle.writeFile(text, 'utf8');
    await handle.chmod(PRIVATE_FILE);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function authFromEnvironment(env: Environment, user: string): Promise<Auth> {
  const file = env.HOP_PASSWORD_FILE;
  const fromFile = file ? (await readFile(file, 'utf8').catch(unreadable(file))).replace(/\r?\n$/, '') : undefined;
  const password = env.HOP_PASSWORD ?? fromFile;
  if (!password) throw new CredentialError('HOP_USERNAME is set without HOP_PASSWORD or HOP_PASSWORD_FILE');
  return new Auth({
    user,
    password,
    host: env.HOP_HOSTNAME ?? '',
    method: env.HOP_MECHANISM ?? '',
    tokenEndpoint: env.HOP_TOKEN_ENDPOINT ?? '',
  });
}

function unreadable(path: string): (cause: unknown) => never {
  return (cause) => {
    throw new CredentialError(`HOP_PASSWORD_FILE: cannot read ${path}: ${reasonOf(cause)}`, { cause });
  };
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
