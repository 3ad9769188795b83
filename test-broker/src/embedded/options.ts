// Options of the embedded broker, and what they are when not given.
import type { Denials } from './access.ts';
import { MOST_NODES } from './bounds.ts';
import type { Exchange } from './exchange.ts';
import type { ListenerName } from './listener.ts';
import type { Append, StoredCommit } from './stored.ts';

export interface TestBrokerOptions {
  /** Number of nodes, each with ports of its own; 1 to 100, default 1. */
  readonly brokers?: number;
  /** Topics that exist from the start, with their numbers of partitions. */
  readonly topics?: Readonly<Record<string, number>>;
  /** Passwords by user, for PLAIN and SCRAM. */
  readonly users?: Readonly<Record<string, string>>;
  /** The listener requires SASL; default: when there are users. */
  readonly sasl?: boolean;
  /** The listener speaks TLS; `mtls` requires a client certificate. */
  readonly tls?: boolean | 'mtls';
  /** Several listeners at once, instead of the one that `sasl` and `tls` choose; the first one is the bootstrap. */
  readonly listeners?: readonly ListenerName[];
  /** Of the first listener; further nodes take the ports after it. Default 0: the kernel chooses. */
  readonly port?: number;
  /** Where to listen, and what is advertised; default 127.0.0.1. */
  readonly host?: string;
  /**
   * Kafka's `auto.create.topics.enable`: a topic that is asked for is created, if the client allows it. hopwire's clients
   * do so with `allowAutoTopicCreation: true` only; others get the topics that they need by `topics`. Default true.
   */
  readonly autoCreateTopics?: boolean;
  /** Of topics created without a number; default 1. */
  readonly defaultPartitions?: number;
  /** Highest version to offer by the API's name; -1 takes the API away. */
  readonly maxVersions?: Readonly<Record<string, number>>;
  /** Topics that are denied (error 29): to everybody, or by user. */
  readonly denyTopics?: Denials;
  /** Groups that are denied (error 30): to everybody, or by user. */
  readonly denyGroups?: Denials;
  /** Logins last so long, then they have to be renewed (KIP-368); default 0: as long as the connection. */
  readonly reauthenticateMs?: number;
  /** `group.min.session.timeout.ms`; default 10, where Kafka has 6000: tests need not wait. */
  readonly minSessionTimeoutMs?: number;
  /** `group.max.session.timeout.ms`; default 1800000. */
  readonly maxSessionTimeoutMs?: number;
  /** Sees every request with its answer, as bytes, before the answer is sent; must not throw. */
  readonly onExchange?: ((exchange: Exchange) => void) | null;
  /** Sees every batch that is stored; must not throw and must not keep the bytes. */
  readonly onAppend?: ((append: Append) => void) | null;
  /** Sees every offset that a group stores; must not throw. */
  readonly onCommit?: ((commit: StoredCommit) => void) | null;
}

export type ResolvedTestBrokerOptions = Required<TestBrokerOptions>;

const KNOWN: readonly (keyof TestBrokerOptions)[] = [
  'brokers',
  'topics',
  'users',
  'sasl',
  'tls',
  'listeners',
  'port',
  'host',
  'autoCreateTopics',
  'defaultPartitions',
  'maxVersions',
  'denyTopics',
  'denyGroups',
  'reauthenticateMs',
  'minSessionTimeoutMs',
  'maxSessionTimeoutMs',
  'onExchange',
  'onAppend',
  'onCommit',
];

/** @throws {TypeError} for an unknown option; {RangeError} for a number that cannot be */
export function resolveOptions(options: TestBrokerOptions): ResolvedTestBrokerOptions {
  for (const name of Object.keys(options)) {
    if (!KNOWN.some((known) => known === name)) throw new TypeError(`TestBroker has no option "${name}"`);
  }
  const users = options.users ?? {};
  const sasl = options.sasl ?? Object.keys(users).length > 0;
  const tls = options.tls ?? false;
  const brokers = options.brokers ?? 1;
  if (!Number.isInteger(brokers) || brokers < 1 || brokers > MOST_NODES) {
    throw new RangeError(`brokers must be an integer from 1 to ${MOST_NODES}, not ${brokers}`);
  }
  const listeners = options.listeners ?? [listenerFor(sasl, tls)];
  if (listeners.length === 0) throw new RangeError('listeners must name at least one');
  return {
    brokers,
    topics: options.topics ?? {},
    users,
    sasl,
    tls,
    listeners,
    port: options.port ?? 0,
    host: options.host ?? '127.0.0.1',
    autoCreateTopics: options.autoCreateTopics ?? true,
    defaultPartitions: options.defaultPartitions ?? 1,
    maxVersions: options.maxVersions ?? {},
    denyTopics: options.denyTopics ?? [],
    denyGroups: options.denyGroups ?? [],
    reauthenticateMs: options.reauthenticateMs ?? 0,
    minSessionTimeoutMs: options.minSessionTimeoutMs ?? 10,
    maxSessionTimeoutMs: options.maxSessionTimeoutMs ?? 1_800_000,
    onExchange: options.onExchange ?? null,
    onAppend: options.onAppend ?? null,
    onCommit: options.onCommit ?? null,
  };
}

function listenerFor(sasl: boolean, tls: boolean | 'mtls'): ListenerName {
  if (tls === 'mtls') {
    if (sasl) throw new TypeError('tls: "mtls" and SASL do not go together; choose one, or give `listeners`');
    return 'mtls';
  }
  if (sasl) return tls ? 'saslTls' : 'saslPlaintext';
  return tls ? 'tls' : 'plaintext';
}
