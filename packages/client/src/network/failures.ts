// What went wrong with a socket, in words that name the peer, the cause and the remedy.
import { AuthenticationError, ConnectionError, type KafkaError } from '../errors.ts';
import { isError, messageOf } from '../thrown.ts';
import { DialFailure } from './dial-failure.ts';

const TCP: Readonly<Record<string, string>> = {
  ENOTFOUND: 'unknown host; check the name in brokers (and advertised.listeners of the broker)',
  EAI_AGAIN: 'the host name could not be resolved now; check the name and DNS',
  ECONNREFUSED: 'connection refused; nothing listens on that port: check host and port, and that the broker runs',
  ETIMEDOUT: 'the host does not answer; check address and firewall',
  TIMEOUT: 'no answer to connecting within connectTimeoutMs; check address and firewall',
  EHOSTUNREACH: 'the host cannot be reached; check address and network',
  ENETUNREACH: 'the network cannot be reached; check address and network',
  ECONNRESET: 'the connection was reset while it opened; check that the port is a Kafka listener',
};

const CERTIFICATE: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "the broker's certificate has expired; renew it",
  CERT_NOT_YET_VALID: "the broker's certificate is not valid yet; check the clocks",
  ERR_TLS_CERT_ALTNAME_INVALID:
    "the broker's certificate is for another host; use a name that it lists, or set tls.checkServerIdentity",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the broker's certificate is self-signed; give it as tls.ca",
  SELF_SIGNED_CERT_IN_CHAIN: "the authority of the broker's certificate is unknown; give it as tls.ca",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the authority of the broker's certificate is unknown; give it as tls.ca",
  UNABLE_TO_GET_ISSUER_CERT: "the authority of the broker's certificate is unknown; give it as tls.ca",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the authority of the broker's certificate is unknown; give it as tls.ca",
  CERT_SIGNATURE_FAILURE: "the signature of the broker's certificate is wrong; check tls.ca",
};

const NO_TLS = 'the port does not speak TLS: leave tls out, or use the TLS port';
/** Of a peer that has answered before. */
const STARTING = 'the broker may be starting or stopping';
const SPEAKS_TLS = 'the port speaks TLS: set tls, or use the plain port';

/** Of an address that came from the cluster and has never been reached. */
const ADVERTISED = 'the cluster advertises this address (advertised.listeners); can it be reached from here?';

/** An address at which nothing can be, so that nobody is asked. It may be another one when metadata is new. */
export function noAddress(broker: string, problem: string, isAdvertised: boolean): ConnectionError {
  const whose = isAdvertised ? 'the cluster advertises this address (advertised.listeners)' : 'it is in brokers';
  return new ConnectionError(broker, `${problem}; ${whose}`);
}

/**
 * Who hangs up or does not answer may be about to start, or a proxy without a backend: only a definite answer is final.
 *
 * @param trusted have these options worked before? Then they are not the reason.
 */
export function dialError(
  broker: string,
  failure: unknown,
  { trusted, isAdvertised }: { trusted: boolean; isAdvertised: boolean },
): KafkaError {
  if (!(failure instanceof DialFailure)) return socketError(broker, failure, 'the connection failed');
  const { cause, stage } = failure;
  if (stage === 'tls') return tlsError(broker, cause, trusted);
  if (stage === 'dialer') return dialerError(broker, cause);
  if (stage === 'stream') {
    const reason = `openSocket has to resolve with a connected stream (a Duplex): ${failure.message}`;
    return new ConnectionError(broker, reason, { retriable: false, cause });
  }
  const reason = TCP[codeOf(cause)] ?? `cannot connect: ${failure.message}`;
  return new ConnectionError(broker, isAdvertised ? `${reason}; ${ADVERTISED}` : reason, { cause });
}

/** What the user's function says is its own affair, and may be secret: it is the cause. */
function dialerError(broker: string, cause: unknown): ConnectionError {
  const code = codeOf(cause);
  const reason = code === 'TIMEOUT' ? 'openSocket has not settled within connectTimeoutMs' : TCP[code];
  return new ConnectionError(broker, reason ?? 'openSocket failed; its error is the cause of this one', { cause });
}

function tlsError(broker: string, cause: unknown, trusted: boolean): KafkaError {
  const code = codeOf(cause);
  const refused = certificateError(broker, cause);
  if (refused) return refused;
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG' || code === 'EPROTO') {
    return new ConnectionError(broker, NO_TLS, { retriable: false, cause });
  }
  const guess = trusted ? STARTING : `perhaps ${NO_TLS}`;
  if (code === 'ECONNRESET' || code === 'EPIPE') {
    return new ConnectionError(broker, `closed during the TLS handshake; ${guess}`, { cause });
  }
  if (code === 'TIMEOUT') {
    return new ConnectionError(broker, `no answer to the TLS handshake; ${guess}`, { cause });
  }
  return new AuthenticationError('TLS', `${broker}: TLS failed: ${messageOf(cause)}; check the tls options`, { cause });
}

/** Refusals by certificate, ours or theirs; they also arrive after the handshake (TLS 1.3). */
function certificateError(broker: string, cause: unknown): AuthenticationError | null {
  const code = codeOf(cause);
  const known = CERTIFICATE[code];
  if (known) return new AuthenticationError('TLS', `${broker}: ${known} (${messageOf(cause)})`, { cause });
  if (/CERTIFICATE_REQUIRED|ALERT_HANDSHAKE_FAILURE|ALERT_BAD_CERTIFICATE/.test(code)) {
    const remedy = 'the broker demands a client certificate; give tls.cert and tls.key';
    return new AuthenticationError('TLS', `${broker}: ${remedy} (${messageOf(cause)})`, { cause });
  }
  if (/ALERT_(CERTIFICATE|UNKNOWN_CA|UNSUPPORTED_CERT|ACCESS_DENIED|DECRYPT)/.test(code)) {
    const remedy = 'the broker refuses our client certificate; check tls.cert and tls.key';
    return new AuthenticationError('TLS', `${broker}: ${remedy} (${messageOf(cause)})`, { cause });
  }
  return null;
}

const CLOSED_BY_PEER: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);

/** A socket that was open and failed. */
export function socketError(broker: string, cause: unknown, doing: string): KafkaError {
  const refused = certificateError(broker, cause);
  if (refused) return refused;
  const detail = cause ? ` (${messageOf(cause)})` : '';
  const byPeer = !cause || CLOSED_BY_PEER.has(codeOf(cause));
  return new ConnectionError(broker, `${doing}${detail}`, { sent: true, byPeer, cause: cause ?? undefined });
}

/** Bytes of a TLS alert or handshake where a frame's size should be. */
function looksLikeTls(chunk: Buffer): boolean {
  return (chunk[0] === 0x15 || chunk[0] === 0x16) && chunk[1] === 0x03;
}

/** What the first bytes show to be no Kafka listener; null: they may be Kafka's. */
export function strangerError(broker: string, chunk: Buffer): ConnectionError | null {
  if (looksLikeTls(chunk)) return new ConnectionError(broker, SPEAKS_TLS, { retriable: false });
  if (chunk.toString('latin1', 0, 5) !== 'HTTP/') return null;
  return new ConnectionError(broker, 'the port speaks HTTP: it is no Kafka listener; check host and port', {
    retriable: false,
  });
}

/** What came first is the beginning of no Kafka answer, whatever it is. */
export function noKafka(broker: string): ConnectionError {
  const reason = 'what the port says is not Kafka (Redis, SSH, a database?): check host and port';
  return new ConnectionError(broker, reason, { retriable: false });
}

/** Every version of ApiVersions was answered by hanging up. */
export function hungUpOnApiVersions(broker: string, tls: boolean, trusted: boolean, cause: unknown): ConnectionError {
  const guess = tls ? 'check that the port is a Kafka listener' : `perhaps ${SPEAKS_TLS}; or it is no Kafka listener`;
  const reason = `closed without an answer to ApiVersions; ${trusted ? STARTING : guess}`;
  return new ConnectionError(broker, reason, { sent: true, cause });
}

function codeOf(error: unknown): string {
  try {
    return isError(error) && 'code' in error ? String(error.code) : '';
  } catch {
    return ''; // of the user's dialer, and not to be read
  }
}
