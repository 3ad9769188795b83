// SCRAM from the broker's side: two calls, in order.
import { SaslError, saslText } from './sasl-error.ts';
import {
  attributesOf,
  fromBase64,
  isSame,
  type ScramCredential,
  type ScramHash,
  type ScramMechanism,
  scramHash,
  unescapeName,
  xor,
} from './scram.ts';

/** What is stored of a user; undefined: no such user. */
export type ScramLookup = (username: string, tokenAuth: boolean) => ScramCredential | undefined;

interface Exchange {
  readonly username: string;
  readonly credential: ScramCredential;
  readonly nonce: string;
  /** The header before the bare message, which the client repeats (no channel binding: `n,,`). */
  readonly gs2Header: string;
  /** Client-first-bare and server-first. */
  readonly messages: string;
}

/**
 * One exchange: `firstMessage`, then `finalMessage`.
 *
 * @example
 * const server = new ScramServer('SCRAM-SHA-256', (username) => stored.get(username), nonce);
 * await answer(server.firstMessage(clientFirst));
 * await answer(server.finalMessage(clientFinal));
 * console.log(`${server.username} is who she says`);
 */
export class ScramServer {
  readonly mechanism: ScramMechanism;
  readonly #hash: ScramHash;
  readonly #lookup: ScramLookup;
  readonly #nonce: string;
  #exchange: Exchange | null = null;
  #isAuthenticated = false;

  /** @param nonce the server's part: printable ASCII without commas, new and unpredictable each time */
  constructor(mechanism: ScramMechanism, lookup: ScramLookup, nonce: string) {
    this.mechanism = mechanism;
    this.#hash = scramHash(mechanism);
    this.#lookup = lookup;
    this.#nonce = nonce;
  }

  /** Who has proven to know the password; null before. */
  get username(): string | null {
    return this.#isAuthenticated ? (this.#exchange?.username ?? null) : null;
  }

  /**
   * Salt, iterations and the nonce of both.
   *
   * @throws {SaslError} when the user is unknown or the message malformed
   */
  firstMessage(clientFirst: Uint8Array): Buffer {
    const text = saslText(this.mechanism, clientFirst);
    const header = /^[ny],(?:a=[^,]*)?,/.exec(text)?.[0];
    if (header === undefined) throw this.#error("the client's first message is malformed, or wants channel binding");
    const bare = text.slice(header.length);
    const attributes = attributesOf(this.mechanism, "the client's first message", bare);
    const username = unescapeName(this.mechanism, attributes.get('n') ?? '');
    const clientNonce = attributes.get('r');
    if (username === '' || !clientNonce) throw this.#error("the client's first message lacks user or nonce");
    const credential = this.#lookup(username, attributes.get('tokenauth') === 'true');
    if (!credential) throw this.#refusal();
    const nonce = `${clientNonce}${this.#nonce}`;
    const answer = `r=${nonce},s=${credential.salt.toString('base64')},i=${credential.iterations}`;
    this.#exchange = { username, credential, nonce, gs2Header: header, messages: `${bare},${answer}` };
    return Buffer.from(answer);
  }

  /**
   * The proof that this side knows the password too.
   *
   * @throws {SaslError} when the password was wrong or the message malformed
   */
  finalMessage(clientFinal: Uint8Array): Buffer {
    const exchange = this.#exchange;
    if (!exchange) throw this.#error('the final message came first');
    const text = saslText(this.mechanism, clientFinal);
    const attributes = attributesOf(this.mechanism, "the client's final message", text);
    const binding = Buffer.from(exchange.gs2Header).toString('base64');
    if (attributes.get('c') !== binding) throw this.#error('channel binding differs from the first message');
    if (attributes.get('r') !== exchange.nonce) throw this.#error('the nonce is not the one of this exchange');
    const proof = fromBase64(this.mechanism, 'the proof', attributes.get('p'));
    const authMessage = `${exchange.messages},${text.slice(0, text.lastIndexOf(',p='))}`;
    const { storedKey, serverKey } = exchange.credential;
    const clientKey = xor(this.#hash.hmac(storedKey, authMessage), proof);
    if (proof.length !== storedKey.length || !isSame(this.#hash.digest(clientKey), storedKey)) throw this.#refusal();
    this.#isAuthenticated = true;
    return Buffer.from(`v=${this.#hash.hmac(serverKey, authMessage).toString('base64')}`);
  }

  /** Wrong user and wrong password must look alike. */
  #refusal(): SaslError {
    return this.#error('unknown user or wrong password');
  }

  #error(reason: string): SaslError {
    return new SaslError(this.mechanism, reason);
  }
}
