// Users and their passwords; SCRAM credentials are made when they are first asked for.
import { pbkdf2Sync, timingSafeEqual } from 'node:crypto';
import { credentialFromSalted, type ScramCredential, type ScramMechanism } from '@hopwire/protocol';
import { clock } from './clock.ts';

const ITERATIONS = 4096;
const SALT_BYTES = 16;
const HASHES = { 'SCRAM-SHA-256': ['sha256', 32], 'SCRAM-SHA-512': ['sha512', 64] } as const;

/** Who may log in. */
export class Users {
  readonly #passwords: ReadonlyMap<string, string>;
  readonly #credentials = new Map<string, ScramCredential>();

  constructor(users: Readonly<Record<string, string>>) {
    this.#passwords = new Map(Object.entries(users));
  }

  hasPassword(user: string, password: string): boolean {
    const known = Buffer.from(this.#passwords.get(user) ?? '');
    const given = Buffer.from(password);
    return this.#passwords.has(user) && known.length === given.length && timingSafeEqual(known, given);
  }

  credential(mechanism: ScramMechanism, user: string): ScramCredential | undefined {
    const password = this.#passwords.get(user);
    if (password === undefined) return undefined;
    const key = `${mechanism} ${user}`;
    const credential = this.#credentials.get(key) ?? newCredential(mechanism, password);
    this.#credentials.set(key, credential);
    return credential;
  }
}

function newCredential(mechanism: ScramMechanism, password: string): ScramCredential {
  const [hash, length] = HASHES[mechanism];
  // Letters and digits, as Kafka's are: some clients take a salt for text.
  const salt = Buffer.from(clock.randomBytes(SALT_BYTES).toString('base64url'));
  return credentialFromSalted(mechanism, pbkdf2Sync(password, salt, ITERATIONS, length, hash), salt, ITERATIONS);
}
