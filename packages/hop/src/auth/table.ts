// A credential as a table of auth.toml or a row of a CSV file, and back.
import { CredentialError, reasonOf } from '../errors.ts';
import { Auth } from './credential.ts';

export type Table = Readonly<Record<string, unknown>>;

const KEYS = [
  'username',
  'password',
  'protocol',
  'mechanism',
  'token_endpoint',
  'hostname',
  'ssl_ca_location',
  'name',
  'scope',
  'token_command',
] as const;
type Key = (typeof KEYS)[number];

/** Builds a credential; `place` (file and entry) opens every message. */
export function authFromTable(table: Table, place: string): Auth {
  const text = (key: Key): string => textOf(table, key, place);
  const user = text('username');
  if (!user) throw new CredentialError(`${place}: the key username is missing`);
  requirePassword(text, place);
  const others = Object.fromEntries(Object.entries(table).filter(([key]) => !KEYS.some((known) => known === key)));
  try {
    return new Auth({
      user,
      password: text('password'),
      host: text('hostname'),
      ssl: text('protocol') !== 'SASL_PLAINTEXT',
      method: text('mechanism'),
      tokenEndpoint: text('token_endpoint'),
      sslCaLocation: text('ssl_ca_location'),
      name: text('name'),
      scope: text('scope'),
      tokenCommand: text('token_command'),
      others,
    });
  } catch (error) {
    if (!(error instanceof CredentialError)) throw error;
    throw new CredentialError(`${place}: ${reasonOf(error)}`, { cause: error });
  }
}

/** The table of a credential, keys in the order hop writes them, absent ones left out. */
export function tableFromAuth(auth: Auth): Record<string, unknown> {
  const all: Record<string, unknown> = {
    username: auth.username,
    password: auth.password,
    protocol: auth.protocol,
    mechanism: auth.mechanism,
    token_endpoint: auth.tokenEndpoint,
    hostname: auth.hostname,
    ssl_ca_location: auth.sslCaLocation,
    name: auth.name,
    scope: auth.scope,
    token_command: auth.tokenCommand,
    ...auth.others,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function textOf(table: Table, key: Key, place: string): string {
  const value = Object.hasOwn(table, key) ? table[key] : undefined;
  if (value === undefined) return '';
  if (typeof value !== 'string') throw new CredentialError(`${place}: the value of ${key} is no text`);
  return value;
}

function requirePassword(text: (key: Key) => string, place: string): void {
  if (text('password') || text('token_command')) return;
  const ways = 'a password, a token_endpoint with a password, or a token_command is needed';
  throw new CredentialError(`${place}: the key password is missing; ${ways}`);
}
