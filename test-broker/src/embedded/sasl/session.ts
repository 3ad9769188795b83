// The stages of SASL on one connection: ApiVersions (once) -> SaslHandshake -> tokens -> everything else.
//
// Out of order closes the connection, as Kafka does; the texts of refusals are Kafka's.
import {
  type AnyApi,
  ApiVersions,
  Errors,
  ProtocolError,
  SaslAuthenticate,
  type SaslAuthenticateResponse,
  SaslError,
  SaslHandshake,
  type SaslHandshakeResponse,
} from '@hopwire/protocol';
import { clock } from '../clock.ts';
import type { Users } from '../users.ts';
import { type Exchange, isMechanism, MECHANISMS, type Mechanism, newExchange } from './exchanges.ts';

/** `tokens`: in SaslAuthenticate; `raw`: bare, after SaslHandshake 0. */
export type SaslStage = 'start' | 'tokens' | 'raw' | 'done' | 'failed';

/** Login of one connection, and its renewal (KIP-368). */
export class SaslSession {
  readonly #users: Users;
  readonly #lifetimeMs: number;
  #stage: SaslStage = 'start';
  #hasVersions = false;
  #mechanism: Mechanism = 'PLAIN';
  #exchange: Exchange | null = null;
  #user: string | null = null;
  #expiresAt = Number.POSITIVE_INFINITY;

  /** @param lifetimeMs 0: a login lasts as long as its connection */
  constructor(users: Users, lifetimeMs: number) {
    this.#users = users;
    this.#lifetimeMs = lifetimeMs;
  }

  get stage(): SaslStage {
    return this.#stage;
  }

  get user(): string {
    return this.#user ?? 'ANONYMOUS';
  }

  /** @throws {ProtocolError} when the API is not allowed at this stage: the connection is then closed */
  check(api: AnyApi): void {
    if (this.#isAllowed(api.key)) return;
    throw new ProtocolError(`${api.name} at SASL stage "${this.#stage}"; log in first`);
  }

  handshake(name: string, version: number): SaslHandshakeResponse {
    const mechanisms = [...MECHANISMS];
    if (this.#stage === 'done' && this.#lifetimeMs === 0) return { errorCode: Errors.ILLEGAL_SASL_STATE, mechanisms };
    if (!isMechanism(name)) return this.#refuseMechanism(mechanisms);
    if (this.#stage === 'done' && name !== this.#mechanism) return { errorCode: Errors.ILLEGAL_SASL_STATE, mechanisms };
    this.#mechanism = name;
    this.#exchange = newExchange(name, this.#users);
    this.#stage = version === 0 ? 'raw' : 'tokens';
    return { errorCode: 0, mechanisms };
  }

  token(token: Buffer): SaslAuthenticateResponse {
    try {
      const step = this.#exchange?.(token) ?? null;
      if (!step) return this.#refuse('Authentication failed: Invalid username or password');
      if (step.user !== null) return this.#accept(step.user, step.answer);
      return answerOf(step.answer, 0n);
    } catch (error) {
      if (!(error instanceof SaslError)) throw error;
      // The reason stays here: Kafka does not tell a stranger whether the user or the password was wrong.
      return this.#refuse(
        `Authentication failed during authentication due to invalid credentials with SASL mechanism ${this.#mechanism}`,
      );
    }
  }

  #isAllowed(key: number): boolean {
    if (this.#stage === 'tokens') return key === SaslAuthenticate.key;
    if (this.#stage === 'done') return key === SaslHandshake.key || clock.wallNow() < this.#expiresAt;
    if (this.#stage !== 'start') return false;
    if (key !== ApiVersions.key || this.#hasVersions) return key === SaslHandshake.key;
    this.#hasVersions = true;
    return true;
  }

  #accept(user: string, answer: Buffer): SaslAuthenticateResponse {
    if (this.#user !== null && this.#user !== user)
      return this.#refuse('Authentication failed: Cannot change principals');
    this.#user = user;
    this.#stage = 'done';
    this.#exchange = null;
    if (this.#lifetimeMs > 0) this.#expiresAt = clock.wallNow() + this.#lifetimeMs;
    return answerOf(answer, BigInt(this.#lifetimeMs));
  }

  #refuse(errorMessage: string): SaslAuthenticateResponse {
    this.#stage = 'failed';
    return { ...answerOf(Buffer.alloc(0), 0n), errorCode: Errors.SASL_AUTHENTICATION_FAILED, errorMessage };
  }

  #refuseMechanism(mechanisms: string[]): SaslHandshakeResponse {
    this.#stage = 'failed';
    return { errorCode: Errors.UNSUPPORTED_SASL_MECHANISM, mechanisms };
  }
}

function answerOf(authBytes: Buffer, sessionLifetimeMs: bigint): SaslAuthenticateResponse {
  return { errorCode: 0, errorMessage: null, authBytes, sessionLifetimeMs };
}
