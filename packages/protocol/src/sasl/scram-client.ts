// SCRAM from the client's side: three calls, in order.
import { SaslError, saslText } from './sasl-error.ts';
import {
  attributesOf,
  type DeriveKey,
  escapeName,
  fromBase64,
  isSame,
  MAX_ITERATIONS,
  MIN_ITERATIONS,
  type ScramHash,
  type ScramMechanism,
  scramHash,
  xor,
} from './scram.ts';

/** Who logs in. */
export interface ScramClientOptions {
  readonly username: string;
  readonly password: string;
  /** Printable ASCII without commas, new and unpredictable each time. */
  readonly nonce: string;
  /** Username and password are id and HMAC of a delegation token (KIP-48). */
  readonly tokenAuth?: boolean;
}

interface ServerFirst {
  readonly nonce: string;
  readonly salt: Buffer;
  readonly iterations: number;
}

/**
 * One exchange: `firstMessage`, `finalMessage`, `verify`.
 *
 * @example
 * const client = new ScramClient('SCRAM-SHA-256', { username: 'alice', password: 'secret', nonce }, deriveKeySlowly);
 * const serverFirst = await authenticate(client.firstMessage()); // sends SaslAuthenticate
 * client.verify(await authenticate(await client.finalMessage(serverFirst)));
 */
export class ScramClient {
  readonly mechanism: ScramMechanism;
  readonly #hash: ScramHash;
  readonly #options: ScramClientOptions;
  readonly #deriveKey: DeriveKey;
  #expected: Buffer | null = null;

  constructor(mechanism: ScramMechanism, options: ScramClientOptions, deriveKey: DeriveKey) {
    this.mechanism = mechanism;
    this.#hash = scramHash(mechanism);
    this.#options = options;
    this.#deriveKey = deriveKey;
    if (options.username === '') throw this.#error('the username is empty; set sasl.username');
    if (!/^[\x21-\x2b\x2d-\x7e]+$/.test(options.nonce))
      throw this.#error('the nonce must be printable, without commas');
  }

  /** Who logs in, and our part of the nonce. */
  firstMessage(): Buffer {
    return Buffer.from(`n,,${this.#firstBare()}`);
  }

  /**
   * The proof of the password.
   *
   * @throws {SaslError} when the server's message is malformed, or not an answer to ours
   */
  async finalMessage(serverFirst: Uint8Array): Promise<Buffer> {
    const text = saslText(this.mechanism, serverFirst);
    const { nonce, salt, iterations } = this.#readServerFirst(text);
    const password = Buffer.from(this.#options.password);
    const salted = await this.#deriveKey(this.#hash.name, password, salt, iterations, this.#hash.length);
    const withoutProof = `c=biws,r=${nonce}`; // biws: base64 of "n,,"
    const authMessage = `${this.#firstBare()},${text},${withoutProof}`;
    const clientKey = this.#hash.hmac(salted, 'Client Key');
    const proof = xor(clientKey, this.#hash.hmac(this.#hash.digest(clientKey), authMessage));
    this.#expected = this.#hash.hmac(this.#hash.hmac(salted, 'Server Key'), authMessage);
    return Buffer.from(`${withoutProof},p=${proof.toString('base64')}`);
  }

  /** @throws {SaslError} unless the server has shown that it knows the password too */
  verify(serverFinal: Uint8Array): void {
    if (!this.#expected) throw this.#error('the server was done before the password was proven');
    const attributes = attributesOf(
      this.mechanism,
      "the server's final message",
      saslText(this.mechanism, serverFinal),
    );
    const refusal = attributes.get('e');
    if (refusal !== undefined) throw this.#error(`the server refused: ${refusal}; check user and password`);
    const signature = fromBase64(this.mechanism, "the server's signature", attributes.get('v'));
    if (!isSame(signature, this.#expected)) {
      throw this.#error(
        "the server's signature is wrong: it does not know this user's password; is it the right server?",
      );
    }
  }

  #firstBare(): string {
    const { username, nonce, tokenAuth } = this.#options;
    return `n=${escapeName(username)},r=${nonce}${tokenAuth ? ',tokenauth=true' : ''}`;
  }

  #readServerFirst(text: string): ServerFirst {
    const attributes = attributesOf(this.mechanism, "the server's first message", text);
    const refusal = attributes.get('e');
    if (refusal !== undefined) throw this.#error(`the server refused: ${refusal}; check user and password`);
    if (attributes.has('m')) throw this.#error('the server demands an extension that is unknown here');
    const nonce = attributes.get('r') ?? '';
    const isAnswer = nonce.startsWith(this.#options.nonce) && nonce.length > this.#options.nonce.length;
    if (!isAnswer) throw this.#error("the server's nonce does not continue ours: this is no answer to our message");
    const salt = fromBase64(this.mechanism, 'the salt', attributes.get('s'));
    return { nonce, salt, iterations: this.#iterations(attributes.get('i') ?? '') };
  }

  #iterations(text: string): number {
    const iterations = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (iterations >= MIN_ITERATIONS && iterations <= MAX_ITERATIONS) return iterations;
    throw this.#error(
      `the server asks for ${text || 'no'} iterations; ${MIN_ITERATIONS} to ${MAX_ITERATIONS} are accepted`,
    );
  }

  #error(reason: string): SaslError {
    return new SaslError(this.mechanism, reason);
  }
}
