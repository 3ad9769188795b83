// The embedded broker as a process: what `hop broker` and this package's `serve` run.
import type { Writable } from 'node:stream';
import type { TestBrokerOptions } from './embedded/options.ts';
import { TestBroker } from './embedded/test-broker.ts';

/** Options of `serve`, as the command line gives them. */
export interface ServeOptions {
  /** `HOST:PORT`; port 0: the kernel chooses. Default `127.0.0.1:9092`. */
  readonly listen?: string;
  /** `NAME:PARTITIONS`, or `NAME` for one partition. */
  readonly topics?: readonly string[];
  /** `USER:PASSWORD`; the first colon ends the user. Any user makes SASL (PLAIN, SCRAM) required. */
  readonly users?: readonly string[];
  readonly tls?: boolean;
  /** Where the URL is printed when the broker is ready; default standard output. */
  readonly output?: Pick<Writable, 'write'>;
  /** Ends the broker; default: SIGTERM or SIGINT. */
  readonly signal?: AbortSignal;
}

export const SERVE_HELP = `Usage: serve [--listen HOST:PORT] [--topic NAME:PARTITIONS]... [--user USER:PASSWORD]... [--tls]

A Kafka broker for development, in memory: all data is gone when it ends (there is no --data option).

  --listen HOST:PORT        where to listen; default 127.0.0.1:9092, port 0: any free one
  --topic NAME:PARTITIONS   a topic that exists from the start; others are created on first use
  --user USER:PASSWORD      requires a login: SASL PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512
  --tls                     speaks TLS; the certificate of its authority is printed after the URL

Prints kafka://HOST:PORT when it is ready. SIGTERM ends it with exit code 0.
`;

const DEFAULT_LISTEN = '127.0.0.1:9092';

/** Runs a broker until it is told to end. */
export async function serve(options: ServeOptions = {}): Promise<void> {
  const output = options.output ?? process.stdout;
  const broker = await TestBroker.start(brokerOptions(options));
  output.write(`kafka://${broker.bootstrap}\n`);
  if (broker.ca) output.write(broker.ca.endsWith('\n') ? broker.ca : `${broker.ca}\n`);
  await (options.signal ? aborted(options.signal) : interrupted());
  await broker.close();
}

function brokerOptions(options: ServeOptions): TestBrokerOptions {
  return {
    ...parseListen(options.listen ?? DEFAULT_LISTEN),
    topics: Object.fromEntries((options.topics ?? []).map(parseTopic)),
    users: Object.fromEntries((options.users ?? []).map(parseUser)),
    tls: options.tls ?? false,
  };
}

/** @throws {TypeError} when it is not HOST:PORT */
export function parseListen(text: string): { host: string; port: number } {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:]*)):(\d+)$/.exec(text) ?? [];
  const port = Number(digits);
  // What stands before an @ may be a password.
  if (digits === undefined || port > 65535)
    throw new TypeError(`--listen ${text.replace(/^.*@/s, '***@')}: expected HOST:PORT, like ${DEFAULT_LISTEN}`);
  return { host: bracketed || plain || '127.0.0.1', port };
}

function parseTopic(text: string): [string, number] {
  const [, name, digits] = /^([a-zA-Z0-9._-]+)(?::(\d+))?$/.exec(text) ?? [];
  const partitions = Number(digits ?? 1);
  if (name === undefined || partitions < 1)
    throw new TypeError(`--topic ${text}: expected NAME:PARTITIONS, like orders:6`);
  return [name, partitions];
}

function parseUser(text: string): [string, string] {
  const colon = text.indexOf(':');
  // The text is not repeated: it may hold a password.
  if (colon < 1) throw new TypeError('--user: expected USER:PASSWORD');
  return [text.slice(0, colon), text.slice(colon + 1)];
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });
}
