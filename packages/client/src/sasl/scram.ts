// SCRAM-SHA-256 and -512 (RFC 5802, 7677): the password never leaves the process, and the broker proves itself too.
import { type DeriveKey, ScramClient, type ScramMechanism } from '@hopwire/protocol';
import { bool } from '../util/check-options.ts';
import { checkLogin, reveal } from './credential.ts';
import type { Credential, SaslMechanism } from './mechanism.ts';

export interface ScramOptions {
  username: Credential;
  password: Credential;
  /** Username and password are id and HMAC of a delegation token (KIP-48). Default false. */
  delegationToken?: boolean | undefined;
}

/** `sasl: scramSha256({ username, password })` */
export function scramSha256(options: ScramOptions): SaslMechanism {
  return scram('SCRAM-SHA-256', options);
}

/** `sasl: scramSha512({ username, password })` */
export function scramSha512(options: ScramOptions): SaslMechanism {
  return scram('SCRAM-SHA-512', options);
}

function scram(name: ScramMechanism, options: ScramOptions): SaslMechanism {
  checkLogin(name, options, ['delegationToken']);
  const { username, password } = options;
  const delegationToken = bool(`${name}: delegationToken`, options.delegationToken, false);
  const derive = rememberingKeys();
  return {
    name,
    async authenticate(exchange) {
      const nonce = crypto().randomBytes(24).toString('base64url');
      const user = await reveal(name, 'username', username);
      const credentials = { username: user, password: await reveal(name, 'password', password) };
      const client = new ScramClient(name, { ...credentials, nonce, tokenAuth: delegationToken }, derive);
      const serverFirst = await exchange.send(client.firstMessage());
      const serverFinal = await exchange.send(await client.finalMessage(serverFirst));
      client.verify(serverFinal);
    },
  };
}

/** Off the event loop, and ten times as fast as in JavaScript. */
const native: DeriveKey = (hash, password, salt, iterations, length) =>
  new Promise((resolve, reject) => {
    crypto().pbkdf2(password, salt, iterations, length, hash, (error, key) => (error ? reject(error) : resolve(key)));
  });

/**
 * Salting takes milliseconds and gives the same for the same password, salt and count: a client with many connections
 * does it once. Only the last key is kept, so that a changed password leaves nothing behind.
 */
function rememberingKeys(): DeriveKey {
  let last: { id: string; key: Promise<Buffer> } | null = null;
  return (hash, password, salt, iterations, length) => {
    const id = [hash, iterations, length, salt.toString('base64'), password.toString('base64')].join(' ');
    if (last?.id !== id) last = { id, key: native(hash, password, salt, iterations, length) };
    return last.key;
  };
}

/** Loaded when somebody logs in so: it is the larger part of what importing the client would take. */
function crypto(): typeof import('node:crypto') {
  return process.getBuiltinModule('node:crypto');
}
