// One view of everything that can be a broker under test.
import type { ChildProcess } from 'node:child_process';
import type { Certificates } from './certificates.ts';

/** Kafka's security protocols, and TLS with a client certificate. */
export type Listener = 'plaintext' | 'tls' | 'mtls' | 'saslPlaintext' | 'saslTls';

/** What a test may need of its broker. */
export type Capability = 'tls' | 'sasl' | 'scram' | 'acl' | 'messageSets' | 'restart' | 'tools';

/** The users every target with `sasl` knows. `admin` may do everything, `alice` nothing until she is allowed to. */
export const users = { admin: 'admin-secret', alice: 'alice-secret' } as const;

/** Starting and stopping the broker under its clients. */
export interface Control {
  /** SIGTERM, or the nearest thing: a polite end. */
  stop(): Promise<void>;
  /** SIGKILL: a crash. */
  kill(): Promise<void>;
  /** Again, on the same ports and the same data. */
  start(): Promise<void>;
}

/** A running broker. Dispose of it by `close()` or `await using`. */
export interface Target extends AsyncDisposable {
  readonly kind: TargetKind;
  /** Kafka's release, or the embedded broker's own word. */
  readonly version: string;
  readonly capabilities: ReadonlySet<Capability>;
  /** PEM texts; null when the target has no TLS of ours. */
  readonly certificates: Certificates | null;
  readonly control: Control | null;
  /** What `bootstrap()` gives when no listener is named. */
  readonly listener: Listener;
  /** `host:port` of a listener. Throws a TargetError when the target does not have it. */
  bootstrap(listener?: Listener): string;
  /** Runs a class of Kafka's own jars (only with `tools`), e.g. `org.apache.kafka.tools.VerifiableConsumer`. */
  tool(mainClass: string, args: readonly string[]): ChildProcess;
  close(): Promise<void>;
}

export type TargetKind = 'embedded' | 'jvm' | 'docker' | 'external';

/** A broker under test could not be had, or does not have what was asked. */
export class TargetError extends Error {
  override readonly name = 'TargetError';
}
