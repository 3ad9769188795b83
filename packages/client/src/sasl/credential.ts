// Credentials that may be functions, asked for anew at each login.
import { SaslError } from '@hopwire/protocol';
import type { Credential } from './mechanism.ts';

export type CredentialName = 'username' | 'password';

/** The user's function threw: no refusal by the broker, and worth another try. Never leaves the client. */
export class CredentialFailure extends Error {
  override readonly name = 'CredentialFailure';
  readonly credential: CredentialName;

  constructor(credential: CredentialName, cause: unknown) {
    super(`the function that gives the ${credential} failed`, { cause });
    this.credential = credential;
  }
}

/** @throws {TypeError} at the call that sets it, when it can be none */
export function checkCredential(mechanism: string, name: CredentialName, credential: unknown): void {
  if (typeof credential === 'string' || typeof credential === 'function') return;
  throw new TypeError(`${mechanism}: ${name} must be a string, or a function that gives one, not ${typeof credential}`);
}

/** @throws {CredentialFailure} what the function threw; {SaslError} when it gave no string */
export async function reveal(mechanism: string, name: CredentialName, credential: Credential): Promise<string> {
  const value: unknown = typeof credential === 'function' ? await call(name, credential) : credential;
  if (typeof value === 'string') return value;
  throw new SaslError(mechanism, `the function that gives the ${name} must give a string, not ${typeof value}`);
}

async function call(name: CredentialName, credential: () => string | Promise<string>): Promise<string> {
  try {
    return await credential();
  } catch (error) {
    throw new CredentialFailure(name, error);
  }
}
