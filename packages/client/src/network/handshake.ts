// What makes a connection ready: ApiVersions, then SASL. A straight function, because here we drive.
import {
  type Api,
  ApiVersions,
  type ApiVersionsRequest,
  type ApiVersionsResponse,
  decodeApiVersionsRefusal,
  Errors,
  type Reader,
  SaslAuthenticate,
  SaslHandshake,
  UnsupportedVersionError,
} from '@hopwire/protocol';
import { AuthenticationError, brokerError, ConnectionError, isKafkaError } from '../errors.ts';
import type { HostPort } from '../options.ts';
import type { SaslMechanism } from '../sasl/mechanism.ts';
import { version } from '../version.ts';
import type { Connection } from './connection.ts';
import { type BrokerVersions, versionFor, versionsOf } from './versions.ts';

/** Name and version that ApiVersions 3+ carries (KIP-511). */
const SOFTWARE = { clientSoftwareName: 'hopwire', clientSoftwareVersion: version };
const ILLEGAL_STAGE: number = Errors.ILLEGAL_SASL_STATE;

/** Broker answers of the wrong version are read in the layout of v0, whatever follows the error code. */
const ApiVersionsOrRefusal: Api<ApiVersionsRequest, ApiVersionsResponse> = {
  ...ApiVersions,
  response: { ...ApiVersions.response, decode: decodeVersionsOrRefusal },
};

function decodeVersionsOrRefusal(r: Reader, v: number): ApiVersionsResponse {
  const body = r.buffer.subarray(r.position, r.end);
  if (body.length < 2 || body.readInt16BE(0) !== Errors.UNSUPPORTED_VERSION) return ApiVersions.response.decode(r, v);
  r.take(r.remaining);
  const nothing = { throttleTimeMs: 0, supportedFeatures: [], finalizedFeaturesEpoch: -1n, finalizedFeatures: [] };
  return { ...nothing, zkMigrationReady: false, ...decodeApiVersionsRefusal(body) };
}

/**
 * Asks for the versions; a refused version is followed by the best the broker offered, or v0.
 *
 * @param version where to begin
 * @returns the versions, and which ApiVersions worked
 */
export async function negotiate(
  connection: Connection,
  version: number,
): Promise<{ versions: BrokerVersions; worked: number }> {
  const request = { ...SOFTWARE, clusterId: null, nodeId: -1 };
  const response = await connection.send(ApiVersionsOrRefusal, version, request);
  if (response.errorCode === Errors.UNSUPPORTED_VERSION && version > 0) {
    const offered = response.apiKeys.find(({ apiKey }) => apiKey === ApiVersions.key)?.maxVersion ?? 0;
    return negotiate(connection, Math.max(0, Math.min(offered, version - 1)));
  }
  if (response.errorCode !== 0) throw brokerError(response.errorCode, 'ApiVersions');
  return { versions: versionsOf(response), worked: version };
}

/** @returns milliseconds after which the broker wants to hear it again (KIP-368); 0: never */
export async function authenticate(
  connection: Connection,
  versions: BrokerVersions,
  mechanism: SaslMechanism,
  address: HostPort & { text: string },
): Promise<number> {
  await offerMechanism(connection, versions, mechanism, address.text);
  const version = versionFor(SaslAuthenticate, versions);
  let lifetimeMs = 0;
  const send = async (token: Buffer): Promise<Buffer> => {
    const response = await connection.send(SaslAuthenticate, version, { authBytes: token });
    if (response.errorCode !== 0)
      throw refusal(mechanism.name, address.text, response.errorCode, response.errorMessage);
    lifetimeMs = Number(response.sessionLifetimeMs);
    return response.authBytes;
  };
  await mechanism.authenticate({ host: address.host, port: address.port, send }).catch((error: unknown) => {
    throw clarify(error, mechanism.name, address.text);
  });
  return lifetimeMs;
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

function handshakeRefusal(
  name: string,
  broker: string,
  errorCode: number,
  mechanisms: readonly string[],
): AuthenticationError {
  const cause = brokerError(errorCode, 'SaslHandshake');
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

function refusal(name: string, broker: string, errorCode: number, brokerMessage: string | null): AuthenticationError {
  const cause = brokerError(errorCode, 'SaslAuthenticate', { message: brokerMessage });
  const said = brokerMessage || cause.errorName;
  return new AuthenticationError(name, `${broker}: ${name} failed: ${said}; check user and password`, {
    brokerMessage,
    cause,
  });
}

/** A mechanism's own refusal (a wrong server signature, say) is an AuthenticationError as well. */
function clarify(error: unknown, name: string, broker: string): unknown {
  if (!isKafkaError(error)) return error;
  if (error.code === 'SASL') return new AuthenticationError(name, `${broker}: ${error.message}`, { cause: error });
  if (error.code !== 'CONNECTION') return error;
  const reason = `closed while waiting for SaslAuthenticate (${name}); check user and password`;
  return new ConnectionError(broker, reason, { sent: true, cause: error });
}

/** Does this listener demand SASL? Only such a one answers a handshake with anything but 34. */
export async function demandsSasl(connection: Connection, versions: BrokerVersions): Promise<string[] | null> {
  if ((versions.get(SaslHandshake.key)?.[1] ?? 0) < 1) return null;
  const { errorCode, mechanisms } = await connection.send(SaslHandshake, 1, { mechanism: 'NONE' });
  return errorCode === Errors.UNSUPPORTED_SASL_MECHANISM ? mechanisms : null;
}
