// Where hop keeps its files.
import { join } from 'node:path';
import { ConfigError } from '../errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The folder of auth.toml and config.toml. An empty variable counts as unset. */
export function configFolder(env: Environment, platform: NodeJS.Platform = process.platform): string {
  if (env.XDG_CONFIG_HOME) return join(env.XDG_CONFIG_HOME, 'hop');
  if (env.HOME) return join(env.HOME, '.config', 'hop');
  if (platform === 'win32' && env.APPDATA) return join(env.APPDATA, 'hop');
  const names = platform === 'win32' ? 'XDG_CONFIG_HOME, HOME and APPDATA' : 'XDG_CONFIG_HOME and HOME';
  throw new ConfigError(`cannot tell where hop keeps its files: ${names} are not set`, { hint: 'set one of them' });
}

/** Path of auth.toml or config.toml, existing or not. */
export function configPath(type: 'auth' | 'general', env: Environment): string {
  if (type === 'auth' && env.HOP_AUTH_FILE) return env.HOP_AUTH_FILE;
  return join(configFolder(env), type === 'auth' ? 'auth.toml' : 'config.toml');
}
