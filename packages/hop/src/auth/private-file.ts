// Files that nobody else may read, replaced as a whole or not at all.
import { randomUUID } from 'node:crypto';
import { mkdir, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CredentialError, reasonOf } from '../errors.ts';

const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;
/** A lock whose owner has not said for so long that it lives is nobody's. */
const STALE_LOCK_MS = 5_000;
const LOCK_TRIES = { retries: 200, factor: 1, minTimeout: 25, maxTimeout: 75, randomize: true };

/** Whether something is there; a link counts as what it leads to. */
export async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** The file itself, where `path` is a link to it, so that the link stays. */
export async function fileBehind(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

/** Written beside it, synced, renamed: a link at `path` is replaced and not followed, and nothing is left on failure. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.new`;
  try {
    await writeNew(temporary, text);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new CredentialError(`cannot write ${path}: ${reasonOf(error)}`, { cause: error });
  }
}

/** Does the work while no other process does work on the same file. Makes its folder when there is none. */
export async function locked<T>(path: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true, mode: PRIVATE_FOLDER });
  const { lock } = (await import('proper-lockfile')).default;
  // Taken away by somebody who thought that we are gone: the work is short, and an exception out of a timer helps nobody.
  const onCompromised = (): void => undefined;
  const options = { realpath: false, stale: STALE_LOCK_MS, retries: LOCK_TRIES, onCompromised };
  const release = await lock(path, options).catch((cause: unknown) => {
    const hint = `if no other hop runs, remove ${path}.lock`;
    throw new CredentialError(`cannot lock ${path}: ${reasonOf(cause)}`, { cause, hint });
  });
  try {
    return await work();
  } finally {
    await release();
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx', PRIVATE_FILE);
  try {
    await handle.writeFile(text, 'utf8');
    await handle.chmod(PRIVATE_FILE);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
