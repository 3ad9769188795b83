// The embedded broker as a target, with every security listener.
import { TestBroker } from '../embedded/test-broker.ts';
import { listeners } from './properties.ts';
import { type Capability, type Listener, type Target, TargetError, users } from './target.ts';

/** Starts an embedded broker with the users and listeners that real ones get from the harness. */
export async function startEmbedded(): Promise<Target> {
  const broker = await TestBroker.start({ listeners, users });
  const certificates = broker.certificates ?? null;
  const capabilities = new Set<Capability>(['tls', 'sasl', 'scram', 'acl', 'restart', 'messageSets']);
  const control = { stop: () => broker.stop(), kill: () => broker.stop(), start: () => broker.restart() };
  const close = (): Promise<void> => broker.close();
  return {
    kind: 'embedded',
    version: 'embedded',
    capabilities,
    certificates,
    control,
    listener: 'plaintext',
    bootstrap: (listener: Listener = 'plaintext') => broker.listener(listener),
    tool: (mainClass) => {
      throw new TargetError(`${mainClass} is a class of Kafka's jars: only a jvm target runs it`);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
