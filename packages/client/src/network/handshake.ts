// What makes a connection ready: ApiVersions, then SASL. A straight function, because here we drive.
import { ApiVersions, Errors, SaslAuthenticate, SaslHandshake, UnsupportedVersionError } from '@hopwire/protocol';
import { AuthenticationError, brokerError, ConnectionError, isKafkaError } from '../errors.ts';
import type { HostPort } from '../options.ts';
import { CredentialFailure } from '../sasl/credential.ts';
import type { SaslMechanism } from '../sasl/mechanism.ts';
import { isError } from '../thrown.ts';
import { kindOf } from '../util/kind-of.ts';
import { version } from '../version.ts';
import type { Connection } from './connection.ts';
import type { RequestOptions } from './pending.ts';
import { unlessClosed } from './race.ts';
import { type BrokerVersions, type FinalizedFeatures, featuresOf, versionFor, versionsOf } from './versions.ts';

/** Name and version that ApiVersions 3+ carries (KIP-511). */
const SOFTWARE = { clientSoftwareName: 'hopwire', clientSoftwareVersion: version };
const ILLEGAL_STAGE: number = Errors.ILLEGAL_SASL_STATE;

/** What ApiVersions told. */
interface Negotiated {
  readonly versions: BrokerVersions;
  readonly features: FinalizedFeatures;
  /** The ApiVersions for the next connection: one that the broker says it has, should a lower one have worked. */
  readonly next: number;
}

/**
 * Asks for the versions; a refused version is followed by the best the broker offered, or v0.
 *
 * @param version where to begin
 */
export async function negotiate(connection: Connection, version: number): Promise<Negotiated> {
  const request = { ...SOFTWARE, clusterId: null, nodeId: -1 };
  const response = await connection.send(ApiVersions, version, request);
  const offered = response.apiKeys.find(({ apiKey }) => apiKey === ApiVersions.key)?.maxVersion ?? 0;
  if (response.errorCode === Errors.UNSUPPORTED_VERSION && version > 0) {
    return negotiate(connection, Math.max(0, Math.min(offered, version - 1)));
  }
  if (response.errorCode !== 0) throw brokerError(response.errorCode, 'ApiVersions');
  const next = Math.max(version, Math.min(offered, ApiVersions.versions[1]));
  return { versions: versionsOf(response), features: featuresOf(response), next };
}

/**
 * The mechanism may be the user's own, and so are the functions that give credentials: what they throw is no refusal by
 * the broker, and if they never settle the connection's end is theirs.
 *
 * @returns milliseconds after which the broker wants to hear it again (KIP-368); 0: never
 */
export async function authenticate(
  connection: Connection,
  versions: BrokerVersions,
  mechanism: SaslMechanism,
  address: HostPort & { text: string },
): Promise<number> {
  await offerMechanism(connection, versions, mechanism, address.text);
  const login = new Login(connection, versionFor(SaslAuthenticate, versions), mechanism.name, address.text);
  const exchange = { host: address.host, port: address.port, send: (token: Buffer) => login.take(token) };
  const work = Promise.resolve().then(() => mechanism.authenticate(exchange));
  await unlessClosed(work, connection).catch((error: unknown) => {
    throw login.refusal ?? clarify(error, mechanism.name, address.text);
  });
  if (login.refusal) throw login.refusal;
  if (login.answers === 0) throw ownFunctionFailed(new Error(UNFINISHED), mechanism.name, address.text);
  return login.lifetimeMs;
}

/** One exchange of tokens. */
class Login {
  readonly #connection: Connection;
  readonly #version: number;
  readonly #mechanism: string;
  readonly #broker: string;
  lifetimeMs = 0;
  /** Tokens that the broker has answered. */
  answers = 0;
  /** It stands, whatever the mechanism makes of it. */
  refusal: Error | null = null;

  constructor(connection: Connection, version: number, mechanism: string, broker: string) {
    this.#connection = connection;
    this.#version = version;
    this.#mechanism = mechanism;
    this.#broker = broker;
  }

  /** A mechanism that does not await what it sends must not end the process with what that rejects with. */
  take(token: Buffer): Promise<Buffer> {
    const answered = this.#send(token);
    answered.catch(() => undefined);
    return answered;
  }

  async #send(token: unknown): Promise<Buffer> {
    // No message holds the token: it may be a secret.
    if (!(token instanceof Uint8Array)) throw new TypeError(`a SASL token must be a Uint8Array, not ${kindOf(token)}`);
    const response = await this.#connection.send(SaslAuthenticate, this.#version, { authBytes: asBuffer(token) });
    this.answers++;
    this.lifetimeMs = Number(response.sessionLifetimeMs);
    if (response.errorCode === 0) return response.authBytes;
    this.refusal = refusal(this.#mechanism, this.#broker, response.errorCode, response.errorMessage);
    throw this.refusal;
  }
}

const UNFINISHED = 'authenticate resolved before the broker has answered a token; it must await exchange.send(token)';

function asBuffer(token: Uint8Array): Buffer {
  return Buffer.from(token.buffer, token.byteOffset, token.byteLength);
}

/** SaslHandshake v1: the tokens travel inside SaslAuthenticate. */
async function offerMechanism(
  connection: Connection,
  versions: BrokerVersions,
  { name }: SaslMechanism,
  broker: string,
): Promise<void> {
  const theirs = versions.get(SaslHandshake.key);
  if (!theirs) throw new AuthenticationError(name, `${broker}: the broker does not know SASL; leave sasl out`);
  if (theirs[1] < 1) throw new UnsupportedVersionError('SaslHandshake', [1, 1], theirs);
  const { errorCode, mechanisms } = await connection.send(SaslHandshake, 1, { mechanism: name });
  if (errorCode === 0) return;
  throw handshakeRefusal(name, broker, errorCode, mechanisms);
}

function handshakeRefusal(name: string, broker: string, errorCode: number, mechanisms: readonly string[]): Error {
  const cause = brokerError(errorCode, 'SaslHandshake');
  if (cause.retriable) return cause;
  if (errorCode === Errors.UNSUPPORTED_SASL_MECHANISM) {
    const offered = mechanisms.length > 0 ? mechanisms.join(', ') : 'none';
    return new AuthenticationError(name, `${broker}: ${name} is not offered; the broker has ${offered}`, { cause });
  }
  const remedy =
    errorCode === ILLEGAL_STAGE
      ? 'this listener does not use SASL; leave sasl out, or use its SASL port'
      : cause.message;
  return new AuthenticationError(name, `${broker}: ${remedy}`, { cause });
}

/** Codes that pass (the broker is just starting) are no refusals. */
function refusal(name: string, broker: string, errorCode: number, brokerMessage: string | null): Error {
  const cause = brokerError(errorCode, 'SaslAuthenticate', { message: brokerMessage });
  if (cause.retriable) return cause;
  const said = brokerMessage || cause.errorName;
  return new AuthenticationError(name, `${broker}: ${name} failed: ${said}; check user and password`, {
    brokerMessage,
    cause,
  });
}

/** A mechanism's own refusal (a wrong server signature, say) is an AuthenticationError as well. */
function clarify(error: unknown, name: string, broker: string): unknown {
  if (!isKafkaError(error)) return ownFunctionFailed(error, name, broker);
  if (error.code === 'SASL') return new AuthenticationError(name, `${broker}: ${error.message}`, { cause: error });
  if (error.code !== 'CONNECTION') return error;
  const reason = `closed during the login (${name}); check user and password`;
  return new ConnectionError(broker, reason, { sent: true, cause: error });
}

/** What the user's functions say may hold secrets: it is the cause, and not in the message. */
function ownFunctionFailed(error: unknown, name: string, broker: string): ConnectionError {
  const isCredential = isError(error) && error instanceof CredentialFailure;
  const what = isCredential ? `the function that gives the ${error.credential}` : 'its mechanism';
  const reason = `${name} login: ${what} failed; its error is the cause of this one`;
  return new ConnectionError(broker, reason, { cause: isCredential ? error.cause : error });
}

/** Does this listener demand SASL? Only such a one answers a handshake with anything but 34. */
export async function demandsSasl(
  connection: Connection,
  versions: BrokerVersions,
  limits: RequestOptions,
): Promise<string[] | null> {
  if ((versions.get(SaslHandshake.key)?.[1] ?? 0) < 1) return null;
  const { errorCode, mechanisms } = await connection.send(SaslHandshake, 1, { mechanism: 'NONE' }, limits);
  return errorCode === Errors.UNSUPPORTED_SASL_MECHANISM ? mechanisms : null;
}
