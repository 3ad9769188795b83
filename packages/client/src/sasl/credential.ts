// Credentials that may be functions, asked for anew at each login.
import { SaslError } from '@hopwire/protocol';
import { checkObject, checkText, refuseUnknown } from '../util/check-options.ts';
import { kindOf } from '../util/kind-of.ts';
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

/** @throws {TypeError | RangeError} at the call that makes the mechanism; no message holds a secret */
export function checkLogin(
  mechanism: string,
  options: { username: Credential; password: Credential },
  more: readonly string[],
): void {
  checkObject(mechanism, options);
  refuseUnknown(mechanism, options, ['username', 'password', ...more]);
  checkCredential(mechanism, 'username', options.username);
  checkCredential(mechanism, 'password', options.password);
}

function checkCredential(mechanism: string, name: CredentialName, credential: unknown): void {
  if (typeof credential === 'function') return;
  if (typeof credential !== 'string') {
    const what = `${mechanism}: ${name} must be a string, or a function that gives one`;
    throw new TypeError(`${what}, not ${kindOf(credential)}`);
  }
  checkText(`${mechanism}: ${name}`, credential);
}

/** @throws {CredentialFailure} what the function threw; {SaslError} when it gave no string */
export async function reveal(mechanism: string, name: CredentialName, credential: Credential): Promise<string> {
  const value: unknown = typeof credential === 'function' ? await call(name, credential) : credential;
  if (typeof value === 'string') return value;
  throw new SaslError(mechanism, `the function that gives the ${name} must give a string, not ${kindOf(value)}`);
}

async function call(name: CredentialName, credential: () => string | Promise<string>): Promise<string> {
  try {
    return await credential();
  } catch (error) {
    throw new CredentialFailure(name, error);
  }
}
