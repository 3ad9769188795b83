// SCRAM (RFC 5802, 7677), what client and broker share: hashes, credentials, and the syntax of messages.
// Kafka does no SASLprep and no channel binding.
import { hmac } from '@noble/hashes/hmac.js';
import { pbkdf2Async } from '@noble/hashes/pbkdf2.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { SaslError } from './sasl-error.ts';

/** Names as SaslHandshake has them. */
export type ScramMechanism = 'SCRAM-SHA-256' | 'SCRAM-SHA-512';

/** PBKDF2 with HMAC. Handed in because the native one is far faster and off the event loop. */
export type DeriveKey = (
  hash: 'sha256' | 'sha512',
  password: Buffer,
  salt: Buffer,
  iterations: number,
  length: number,
) => Promise<Buffer>;

/** What a broker stores of a user: enough to check a password, not enough to log in with. */
export interface ScramCredential {
  readonly salt: Buffer;
  readonly iterations: number;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

/** Below this Kafka and RFC 7677 call it insecure. */
export const MIN_ITERATIONS = 4096;
/** Above this a server only wastes its client's time. */
export const MAX_ITERATIONS = 1_000_000;

const HASHES = {
  'SCRAM-SHA-256': { name: 'sha256', of: sha256 },
  'SCRAM-SHA-512': { name: 'sha512', of: sha512 },
} as const;

/** The arithmetic of one mechanism. */
export interface ScramHash {
  readonly name: 'sha256' | 'sha512';
  /** Bytes of a digest. */
  readonly length: number;
  digest(bytes: Uint8Array): Buffer;
  hmac(key: Uint8Array, text: string): Buffer;
}

export function scramHash(mechanism: ScramMechanism): ScramHash {
  if (!Object.hasOwn(HASHES, mechanism))
    throw new SaslError(mechanism, 'not a mechanism; there are SCRAM-SHA-256 and SCRAM-SHA-512');
  const { name, of } = HASHES[mechanism];
  return {
    name,
    length: of.outputLen,
    digest: (bytes) => Buffer.from(of(bytes)),
    hmac: (key, text) => Buffer.from(hmac(of, key, Buffer.from(text))),
  };
}

/** PBKDF2 in pure JavaScript: slow (17-80 ms for 4096 rounds), for places without a native one. */
export const deriveKeySlowly: DeriveKey = async (hash, password, salt, iterations, length) =>
  Buffer.from(await pbkdf2Async(hash === 'sha256' ? sha256 : sha512, password, salt, { c: iterations, dkLen: length }));

/**
 * What a broker stores for a new password.
 *
 * @example await scramCredential('SCRAM-SHA-256', 'secret', randomBytes(16))
 */
export async function scramCredential(
  mechanism: ScramMechanism,
  password: string,
  salt: Buffer,
  iterations: number = MIN_ITERATIONS,
  deriveKey: DeriveKey = deriveKeySlowly,
): Promise<ScramCredential> {
  const hash = scramHash(mechanism);
  const salted = await deriveKey(hash.name, Buffer.from(password), salt, iterations, hash.length);
  return credentialFromSalted(mechanism, salted, salt, iterations);
}

/** The same from a salted password, which is what AlterUserScramCredentials carries. */
export function credentialFromSalted(
  mechanism: ScramMechanism,
  saltedPassword: Buffer,
  salt: Buffer,
  iterations: number,
): ScramCredential {
  const hash = scramHash(mechanism);
  const storedKey = hash.digest(hash.hmac(saltedPassword, 'Client Key'));
  return { salt, iterations, storedKey, serverKey: hash.hmac(saltedPassword, 'Server Key') };
}

/** `key=value` pairs of a message, by key. */
export function attributesOf(mechanism: ScramMechanism, what: string, message: string): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const part of message.split(',')) {
    const equals = part.indexOf('=');
    if (equals < 1) throw new SaslError(mechanism, `${what} is malformed`);
    const key = part.slice(0, equals);
    if (attributes.has(key)) throw new SaslError(mechanism, `${what} has ${key} twice`);
    attributes.set(key, part.slice(equals + 1));
  }
  return attributes;
}

/** Strict: Buffer's own decoder skips what it does not know. */
export function fromBase64(mechanism: ScramMechanism, what: string, text: string | undefined): Buffer {
  const bytes = Buffer.from(text ?? '', 'base64');
  if (!text || bytes.toString('base64') !== text) throw new SaslError(mechanism, `${what} is missing or not base64`);
  return bytes;
}

/** In a name `,` and `=` have a meaning (RFC 5802, 5.1). */
export function escapeName(name: string): string {
  return name.replaceAll('=', '=3D').replaceAll(',', '=2C');
}

export function unescapeName(mechanism: ScramMechanism, escaped: string): string {
  if (/=(?!2C|3D)/.test(escaped)) throw new SaslError(mechanism, 'the username is wrongly escaped');
  return escaped.replaceAll('=2C', ',').replaceAll('=3D', '=');
}

/** Without telling by its duration where the difference is. */
export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}

export function xor(a: Uint8Array, b: Uint8Array): Buffer {
  return Buffer.from(a.map((byte, i) => byte ^ (b[i] as number)));
}
