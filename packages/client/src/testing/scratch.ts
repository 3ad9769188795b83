// Clients and topics of an interop test, on whatever broker it runs: with the credentials of an external one, under
// names that nobody has used there, and removed from there afterwards.
import { randomBytes } from 'node:crypto';
import { externalCredential, type Listener, type Target } from '@hopwire/test-broker/harness';
import {
  createClient,
  type Kafka,
  type KafkaOptions,
  plain,
  type SaslMechanism,
  scramSha256,
  scramSha512,
} from '../index.ts';

const mechanisms: Readonly<Record<string, (login: { username: string; password: string }) => SaslMechanism>> = {
  PLAIN: plain,
  'SCRAM-SHA-256': scramSha256,
  'SCRAM-SHA-512': scramSha512,
};

export class Scratch implements AsyncDisposable {
  readonly target: Target;
  readonly #suffix = randomBytes(4).toString('hex');
  readonly #made: string[] = [];

  constructor(target: Target) {
    this.target = target;
  }

  /** What a client needs to get in by this listener, and as this user; default: those of the target. */
  options(
    listener: Listener = this.target.listener,
    sasl: SaslMechanism | undefined = ownLogin(this.target),
  ): KafkaOptions {
    return {
      brokers: [this.target.bootstrap(listener)],
      tls: tlsOf(this.target, listener),
      ...(sasl ? { sasl } : {}),
    };
  }

  client(options: KafkaOptions = this.options()): Kafka {
    return createClient(options);
  }

  /** A name that nobody uses. */
  name(base: string): string {
    return `${base}-${this.#suffix}`;
  }

  /** Makes a topic; its name begins with `base`. */
  async topic(base: string, partitions = 1): Promise<string> {
    const topic = this.name(base);
    await using kafka = this.client();
    const outcome = (await kafka.admin().createTopics([{ topic, partitions }])).get(topic);
    if (outcome && 'error' in outcome) throw outcome.error;
    this.#made.push(topic);
    return topic;
  }

  /** What an external broker keeps is what it had. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.target.kind === 'external' && this.#made.length > 0) {
      await using kafka = this.client();
      await kafka.admin().deleteTopics(this.#made);
    }
    await this.target.close();
  }
}

/** Targets that the tests start let anybody in by their plaintext listener. */
function ownLogin(target: Target): SaslMechanism | undefined {
  const login = target.kind === 'external' ? externalCredential() : null;
  if (!login) return undefined;
  const make = mechanisms[login.mechanism];
  if (!make) throw new TypeError(`HOP_TEST_SASL: ${login.mechanism} is none of ${Object.keys(mechanisms).join(', ')}`);
  return make({ username: login.user, password: login.password });
}

function tlsOf({ certificates }: Target, listener: Listener): KafkaOptions['tls'] {
  if (!certificates || listener === 'plaintext' || listener === 'saslPlaintext') return false;
  const { ca, clientCert: cert, clientKey: key } = certificates;
  return listener === 'mtls' ? { ca, cert, key } : { ca };
}
