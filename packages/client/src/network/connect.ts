// From an address to a connection that is ready, within one deadline: TCP, TLS, ApiVersions, SASL.
import { ApiVersions } from '@hopwire/protocol';
import { AuthenticationError, ConnectionError, isKafkaError, TimeoutError } from '../errors.ts';
import type { KafkaEvent } from '../events.ts';
import type { HostPort, ResolvedKafkaOptions } from '../options.ts';
import { onAbort } from '../util/abort.ts';
import { clampDelay, Deadline } from '../util/timers.ts';
import { Connection } from './connection.ts';
import { addressText, dialError, hungUpOnApiVersions } from './failures.ts';
import { authenticate, demandsSasl, negotiate } from './handshake.ts';
import { openSocket } from './socket.ts';
import type { BrokerVersions } from './versions.ts';

/** What is learnt about a broker and kept over its connections. */
export interface BrokerMemory {
  /** The ApiVersions that worked, or is to be tried next. */
  apiVersionsVersion: number;
  /** Have these options ever led to an answer from the cluster? Then a refusal may pass. */
  trusted: boolean;
}

/** A connection and what its broker takes. */
export interface ReadyConnection {
  readonly connection: Connection;
  readonly versions: BrokerVersions;
  /** On the monotonic clock, when it has to be replaced (KIP-368); Infinity: never */
  readonly retireAt: number;
}

export interface Dialer {
  readonly options: ResolvedKafkaOptions;
  readonly emit: ((event: KafkaEvent) => void) | undefined;
}

/** Who hangs up on a version gets the next lower one of these (KoP does on v4+, others on all flexible ones). */
const STEPS_DOWN = [3, 0];
/** Part of a session's life after which the connection is replaced. */
const LIFETIME_SHARE = 0.85;

/** The version of ApiVersions to begin with. */
export const NEWEST_API_VERSIONS: number = ApiVersions.versions[1];

/**
 * @param signal the client's own end
 * @throws {ConnectionError | AuthenticationError | TimeoutError} that names the peer, the cause and the remedy
 */
export async function connect(
  dialer: Dialer,
  address: HostPort,
  memory: BrokerMemory,
  signal: AbortSignal,
): Promise<ReadyConnection> {
  const deadline = new Deadline(dialer.options.connectTimeoutMs);
  const broker = addressText(address.host, address.port);
  for (;;) {
    const connection = await dial(dialer, address, memory, deadline, signal);
    const limit = failLate(connection, broker, dialer.options.connectTimeoutMs, deadline);
    try {
      return await makeReady(dialer, connection, address, memory);
    } catch (error) {
      connection.fail(error instanceof Error ? error : new ConnectionError(broker, String(error)));
      if (!(error instanceof HungUp)) throw error;
      const lower = STEPS_DOWN.find((step) => step < memory.apiVersionsVersion);
      if (lower === undefined) {
        memory.apiVersionsVersion = NEWEST_API_VERSIONS;
        throw hungUpOnApiVersions(broker, dialer.options.tls !== undefined, memory.trusted, error.cause);
      }
      memory.apiVersionsVersion = lower;
    } finally {
      clearTimeout(limit);
    }
  }
}

/** The connection was closed while ApiVersions waited. Never leaves this file. */
class HungUp extends Error {}

async function dial(
  { options, emit }: Dialer,
  address: HostPort,
  { trusted }: BrokerMemory,
  deadline: Deadline,
  signal: AbortSignal,
): Promise<Connection> {
  const broker = addressText(address.host, address.port);
  const attempt = new AbortController();
  const stop = (): void => attempt.abort(signal.reason);
  const late = new TimeoutError(`${broker}: connecting`, options.connectTimeoutMs, {
    remedy: 'check address and firewall',
  });
  const timer = setTimeout(() => attempt.abort(late), clampDelay(deadline.remainingMs));
  const stopListening = onAbort(signal, stop);
  try {
    if (signal.aborted) throw signal.reason;
    const socket = await openSocket(address, options, attempt.signal);
    return new Connection(socket, { ...options, broker, tls: options.tls !== undefined, emit });
  } catch (error) {
    throw signal.aborted ? signal.reason : dialError(broker, error, trusted);
  } finally {
    clearTimeout(timer);
    stopListening();
  }
}

/** Ends a handshake that takes too long; everything it waits for fails with it. */
function failLate(
  connection: Connection,
  broker: string,
  connectTimeoutMs: number,
  deadline: Deadline,
): NodeJS.Timeout {
  const remedy = 'the peer accepts connections but does not answer; is the port a Kafka listener?';
  const expire = (): void => connection.fail(new TimeoutError(`${broker}: handshake`, connectTimeoutMs, { remedy }));
  return setTimeout(expire, clampDelay(deadline.remainingMs));
}

async function makeReady(
  { options }: Dialer,
  connection: Connection,
  address: HostPort,
  memory: BrokerMemory,
): Promise<ReadyConnection> {
  const { versions, worked } = await negotiate(connection, memory.apiVersionsVersion).catch((error: unknown) => {
    throw wasHangUp(error) ? new HungUp('ApiVersions', { cause: error }) : error;
  });
  memory.apiVersionsVersion = worked;
  let lifetimeMs = 0;
  if (options.sasl) {
    const text = addressText(address.host, address.port);
    lifetimeMs = await authenticate(connection, versions, options.sasl, { ...address, text });
    memory.trusted = true;
  }
  connection.becomeReady();
  const retireAt = lifetimeMs > 0 ? performance.now() + lifetimeMs * LIFETIME_SHARE : Infinity;
  return { connection, versions, retireAt };
}

/** Not every failure of a connection: a TLS alert or a timeout is an answer of its own. */
function wasHangUp(error: unknown): boolean {
  return isKafkaError(error) && error.code === 'CONNECTION' && 'sent' in error && error.sent === true;
}

/**
 * A broker hung up on the first request after the handshake, and no SASL mechanism is set: asks a new connection why.
 *
 * @returns the error to report instead, or null when SASL is not the reason
 */
export async function explainHangUp(
  dialer: Dialer,
  address: HostPort,
  memory: BrokerMemory,
  signal: AbortSignal,
): Promise<AuthenticationError | null> {
  const { connection, versions } = await connect(dialer, address, memory, signal);
  try {
    const mechanisms = await demandsSasl(connection, versions);
    if (!mechanisms) return null;
    const remedy = `the listener demands SASL and no mechanism is set; set sasl to one of ${mechanisms.join(', ')}`;
    return new AuthenticationError(null, `${addressText(address.host, address.port)}: ${remedy}`);
  } finally {
    connection.close();
  }
}
