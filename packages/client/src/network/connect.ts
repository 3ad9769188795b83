// From an address to a connection that is ready, within one deadline: TCP, TLS, ApiVersions, SASL.
import { ApiVersions } from '@hopwire/protocol';
import { AuthenticationError, asError, isKafkaError, TimeoutError } from '../errors.ts';
import type { KafkaEvent } from '../events.ts';
import type { HostPort, ResolvedKafkaOptions } from '../options.ts';
import { onAbort } from '../util/abort.ts';
import { clock } from '../util/clock.ts';
import { addressProblem, addressText } from './address.ts';
import { Attempt } from './attempt.ts';
import { Connection } from './connection.ts';
import { dialError, hungUpOnApiVersions, noAddress } from './failures.ts';
import { authenticate, demandsSasl, negotiate } from './handshake.ts';
import { warnOfPassword } from './in-the-clear.ts';
import type { PauseNews } from './pause-news.ts';
import { openSocket } from './socket.ts';
import type { BrokerVersions, FinalizedFeatures } from './versions.ts';

/** What is learnt about a broker and kept over its connections. */
export interface BrokerMemory {
  /** The ApiVersions that is to be tried next. */
  apiVersionsVersion: number;
  /** Have these options ever led to an answer from the cluster? Then they are not why it refuses. */
  trusted: boolean;
  /** The cluster gave this address, and it could not be reached yet. */
  isAdvertised: boolean;
  readonly pauses: PauseNews;
}

/** A connection and what its broker takes. */
export interface ReadyConnection {
  readonly connection: Connection;
  readonly versions: BrokerVersions;
  readonly features: FinalizedFeatures;
  /** On the monotonic clock, when it has to be replaced (KIP-368); Infinity: never */
  readonly retireAt: number;
  /** When the broker would close it; Infinity: never */
  readonly endsAt: number;
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
 * All of it within `connectTimeoutMs`, the user's own functions included: their dialer, what gives credentials.
 *
 * @param signal ends the attempt at once, with its reason
 * @throws {ConnectionError | AuthenticationError | TimeoutError} that names the peer, the cause and the remedy
 */
export async function connect(
  dialer: Dialer,
  address: HostPort,
  memory: BrokerMemory,
  signal: AbortSignal,
): Promise<ReadyConnection> {
  const { connectTimeoutMs, tls } = dialer.options;
  const broker = addressText(address.host, address.port);
  const remedy = 'check address and firewall';
  const late = (): TimeoutError => new TimeoutError(`${broker}: connecting`, connectTimeoutMs, { remedy });
  const attempt = new Attempt(connectTimeoutMs, signal, late);
  try {
    for (;;) {
      const ready = await connectOnce(dialer, address, memory, attempt);
      if ('connection' in ready) return ready;
      const lower = STEPS_DOWN.find((step) => step < memory.apiVersionsVersion);
      memory.apiVersionsVersion = lower ?? NEWEST_API_VERSIONS;
      if (lower === undefined) throw hungUpOnApiVersions(broker, tls !== undefined, memory.trusted, ready.hungUp);
    }
  } finally {
    attempt.end();
  }
}

/** @returns or why the peer hung up on ApiVersions */
async function connectOnce(
  dialer: Dialer,
  address: HostPort,
  memory: BrokerMemory,
  attempt: Attempt,
): Promise<ReadyConnection | { hungUp: Error }> {
  const connection = await dial(dialer, address, memory, attempt.signal);
  const { signal } = attempt;
  const stopListening = onAbort(signal, () => connection.fail(asError(signal.reason)));
  try {
    return await makeReady(dialer, connection, address, memory, attempt);
  } catch (error) {
    connection.fail(asError(error));
    // Its end says more than what came of it.
    if (signal.aborted) throw signal.reason;
    if (error instanceof HungUp) return { hungUp: error.because };
    throw error;
  } finally {
    stopListening();
  }
}

/** The connection was closed while ApiVersions waited. Never leaves this file. */
class HungUp extends Error {
  readonly because: Error;

  constructor(because: Error) {
    super('ApiVersions');
    this.because = because;
  }
}

async function dial(
  { options, emit }: Dialer,
  address: HostPort,
  memory: BrokerMemory,
  signal: AbortSignal,
): Promise<Connection> {
  const broker = addressText(address.host, address.port);
  // What a dialer of the user's can reach is for it to say.
  const problem = options.openSocket ? null : addressProblem(address);
  if (problem !== null) throw noAddress(broker, problem, memory.isAdvertised);
  try {
    signal.throwIfAborted();
    const socket = await openSocket(address, options, signal);
    return new Connection(socket, { ...options, broker, emit, news: memory.pauses });
  } catch (error) {
    // The limit has different remedies in different stages; the client's own end has its reason.
    throw signal.aborted && !(signal.reason instanceof TimeoutError) ? signal.reason : dialError(broker, error, memory);
  }
}

async function makeReady(
  { options }: Dialer,
  connection: Connection,
  address: HostPort,
  memory: BrokerMemory,
  attempt: Attempt,
): Promise<ReadyConnection> {
  const { connectTimeoutMs, sasl } = options;
  const text = addressText(address.host, address.port);
  const remedy = 'the peer accepts connections but does not answer; is the port a Kafka listener?';
  attempt.late = () => new TimeoutError(`${text}: handshake`, connectTimeoutMs, { remedy });
  const { versions, features, next } = await negotiate(connection, memory.apiVersionsVersion).catch(
    (error: unknown) => {
      throw wasHangUp(error) ? new HungUp(asError(error)) : error;
    },
  );
  memory.apiVersionsVersion = next;
  let lifetimeMs = 0;
  if (sasl) {
    warnOfPassword(options, address.host, text);
    attempt.late = () => lateLogin(connection, `${text}: ${sasl.name} login`, connectTimeoutMs);
    lifetimeMs = await authenticate(connection, versions, sasl, { ...address, text });
    memory.trusted = true;
  }
  connection.becomeReady();
  const lives = (share: number): number => (lifetimeMs > 0 ? clock.now() + lifetimeMs * share : Infinity);
  return { connection, versions, features, retireAt: lives(LIFETIME_SHARE), endsAt: lives(1) };
}

function lateLogin({ inFlight }: Connection, what: string, connectTimeoutMs: number): TimeoutError {
  const remedy =
    inFlight > 0
      ? 'the broker does not answer; or raise connectTimeoutMs'
      : 'the functions that give the credentials have not settled; or raise connectTimeoutMs';
  return new TimeoutError(what, connectTimeoutMs, { remedy });
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
    const limits = { signal, answerTimeoutMs: dialer.options.connectTimeoutMs };
    const mechanisms = await demandsSasl(connection, versions, limits);
    if (!mechanisms) return null;
    const remedy = `the listener demands SASL and no mechanism is set; set sasl to one of ${mechanisms.join(', ')}`;
    return new AuthenticationError(null, `${addressText(address.host, address.port)}: ${remedy}`);
  } finally {
    connection.close();
  }
}
