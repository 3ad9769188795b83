// auth.toml: reading with its permission check, and writing that loses nothing.
import { readFile, rm, stat } from 'node:fs/promises';
import { parse, stringify, TomlError } from 'smol-toml';
import { configPath, type Environment } from '../config/paths.ts';
import { CredentialError, NoCredentialsError, reasonOf, UnsafePermissionsError } from '../errors.ts';
import { Auth } from './credential.ts';
import { fileBehind, isThere, locked, replaceFile } from './private-file.ts';
import { authFromTable, type Table, tableFromAuth } from './table.ts';

// Anything for group and others, and the set-id and sticky bits.
const UNSAFE_BITS = 0o7077;

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
  return authsOf(document, path);
}

function authsOf({ auth: section }: Table, path: string): Auth[] {
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

/**
 * Replaces the credentials of a file by what `change` makes of them, while no other process does. The file is written beside,
 * synced and renamed; where the path is a link, the file behind it. The old content stays in `auth.toml~` as long as all
 * that was in it is still there: what was removed or replaced is nowhere any more.
 *
 * @throws {CredentialError | ...} also what `change` throws; the file is as it was
 */
export async function changeAuthFile(path: string, change: (auths: readonly Auth[]) => readonly Auth[]): Promise<void> {
  const file = await fileBehind(path);
  await locked(file, async () => {
    const document = (await isThere(file)) ? await readDocument(file) : null;
    const before = document === null || !Object.hasOwn(document, 'auth') ? [] : authsOf(document, file);
    const after = change(before);
    const text = stringify({ ...document, auth: after.map(tableFromAuth) });
    const isAllKept = before.every((auth) => after.some((other) => other.equals(auth)));
    if (document !== null && isAllKept) await replaceFile(`${file}~`, await readFile(file, 'utf8'));
    await replaceFile(file, `${text.trimEnd()}\n`);
    if (!isAllKept) await rm(`${file}~`, { force: true });
  });
}

/** As changeAuthFile, whatever was there before. */
export async function writeAuthFile(path: string, auths: readonly Auth[]): Promise<void> {
  await changeAuthFile(path, () => auths);
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
