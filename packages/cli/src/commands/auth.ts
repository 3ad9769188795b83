// `hop auth`: the stored credentials.
import { readFile } from 'node:fs/promises';
import type { Auth } from '@hopwire/hop';
import type { Command } from 'commander';
import type { CommandDefinition, Context, SharedOptions } from '../command.ts';
import { CommandFailure, Exit, UsageFailure } from '../failure.ts';

interface AddOptions extends SharedOptions {
  force?: boolean;
}

export const auth: CommandDefinition = {
  name: 'auth',
  description: 'Manage credentials',
  original: ['--quiet', '--verbose', '--force'],
  define(command, run) {
    command.usage('<command>').action(() => {
      throw new UsageFailure('the following arguments are required: <command>');
    });
    const sub = (name: string, description: string): Command => command.command(name).description(description);
    run(sub('locate', 'print where credentials are kept'), locate);
    run(sub('list', 'list the stored credentials'), list);
    const add = sub('add', 'store the credential of a CSV file').argument(
      '<CSV>',
      'file as issued; - for standard input',
    );
    run<AddOptions>(add.option('--force', 'replace one of the same name and host'), addCredential);
    run(sub('remove', 'forget a credential').argument('<NAME>', 'user or user@host'), remove);
  },
};

async function locate({ io }: Context): Promise<number> {
  const { configPath } = await import('@hopwire/hop');
  io.stdout.write(`${configPath('auth', io.env)}\n`);
  return Exit.ok;
}

async function list({ io }: Context): Promise<number> {
  const { loadAuth } = await import('@hopwire/hop');
  const auths = await asFailure(loadAuth(io.env));
  if (auths.length === 0 && io.stdout.isTTY) io.stdout.write('No credentials configured\n');
  const width = Math.max(0, ...auths.map((auth) => auth.username.length));
  for (const { username, hostname } of auths) {
    io.stdout.write(hostname ? `${username.padEnd(width)} for ${hostname}\n` : `${username}\n`);
  }
  return Exit.ok;
}

async function addCredential(
  { io, log }: Context,
  options: AddOptions,
  [file = '']: readonly string[],
): Promise<number> {
  const { authFromCsv, changeAuthFile, configPath, indexOfSame } = await import('@hopwire/hop');
  const text = await readFile(file === '-' ? '/dev/stdin' : file, 'utf8').catch((error: Error) => {
    throw new CommandFailure(`cannot read ${file}: ${error.message}`);
  });
  const path = configPath('auth', io.env);
  const { auth: added, warnings } = await asFailure(Promise.resolve().then(() => authFromCsv(text, file)));
  for (const warning of warnings) log.warn(warning);
  const change = changeAuthFile(path, (stored) => {
    const same = indexOfSame(stored, added);
    if (same >= 0 && !options.force) throw new AlreadyStored();
    return same < 0 ? [...stored, added] : stored.with(same, added);
  });
  try {
    await asFailure(change);
  } catch (error) {
    if (!(error instanceof AlreadyStored)) throw error;
    log.error(`A credential for ${added.describe()} is stored already; --force replaces it`);
    return Exit.failure;
  }
  log.info(`Wrote configuration to: ${path}`);
  return Exit.ok;
}

/** Leaves the file as it is. */
class AlreadyStored extends Error {}

async function remove({ io, log }: Context, _options: SharedOptions, [name = '']: readonly string[]): Promise<number> {
  const { authsNamed, changeAuthFile, configPath } = await import('@hopwire/hop');
  const path = configPath('auth', io.env);
  const change = changeAuthFile(path, (stored) => {
    const found = theOne(authsNamed(stored, name), name);
    return stored.filter((auth) => auth !== found);
  });
  await asFailure(change);
  log.info(`Wrote configuration to: ${path}`);
  return Exit.ok;
}

function theOne([found, ...others]: readonly Auth[], name: string): Auth {
  if (!found) {
    const hint = 'see `hop auth list`; NAME is user or user@host';
    throw new CommandFailure(`no credential matches ${name}`, Exit.failure, hint);
  }
  if (others.length === 0) return found;
  const names = [found, ...others].map((auth) => `${auth.username}@${auth.hostname}`).join(', ');
  const hint = 'name one of them as user@host';
  throw new CommandFailure(`several credentials match ${name}: ${names}`, Exit.failure, hint);
}

/** `auth` ends with 0, 1 or 2 only: 3 is for commands that meet a broker. */
async function asFailure<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    if (error instanceof AlreadyStored || error instanceof CommandFailure) throw error;
    const hint = error instanceof Error && 'hint' in error && typeof error.hint === 'string' ? error.hint : undefined;
    throw new CommandFailure(error instanceof Error ? error.message : String(error), Exit.failure, hint);
  });
}
