// SASL PLAIN (RFC 4616): authorization id, user and password, with NUL between them.
import { SaslError, saslText } from './sasl-error.ts';

/** Who logs in. */
export interface PlainCredentials {
  readonly username: string;
  readonly password: string;
  /** Whom to act as; Kafka takes only '' and the user's own name. */
  readonly authorizationId?: string;
}

/**
 * The client's only message, for SaslAuthenticate.
 *
 * @throws {SaslError} when a part is empty that must not be, or holds NUL
 * @example plainToken({ username: 'alice', password: 'secret' })
 */
export function plainToken(credentials: PlainCredentials): Buffer {
  const { username, password, authorizationId = '' } = credentials;
  if (username === '') throw new SaslError('PLAIN', 'the username is empty; set sasl.username');
  for (const [name, text] of Object.entries({ username, password, authorizationId })) {
    if (text.includes('\0')) throw new SaslError('PLAIN', `the ${name} must not contain a NUL character`);
  }
  return Buffer.from(`${authorizationId}\0${username}\0${password}`);
}

/**
 * The broker's side.
 *
 * @throws {SaslError} when the token has not three parts, or is not UTF-8
 */
export function readPlainToken(token: Uint8Array): Required<PlainCredentials> {
  const parts = saslText('PLAIN', token).split('\0');
  const [authorizationId, username, password] = parts;
  if (parts.length !== 3 || authorizationId === undefined || username === undefined || password === undefined) {
    throw new SaslError('PLAIN', `a token has three parts, this one ${parts.length}`);
  }
  return { authorizationId, username, password };
}
