// Credentials that may be functions, asked for anew at each login.
import type { Credential } from './mechanism.ts';

export async function reveal(credential: Credential): Promise<string> {
  const value = typeof credential === 'function' ? await credential() : credential;
  if (typeof value !== 'string')
    throw new TypeError('username and password must be strings, or functions that give one');
  return value;
}
