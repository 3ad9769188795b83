// Topics for tests of the commands, on whatever broker they run.
import { createClient, type Kafka, plain, type SaslMechanism, scramSha256, scramSha512 } from '@hopwire/client';
import { externalCredential, type Target } from '@hopwire/test-broker/harness';

const mechanisms: Readonly<Record<string, (login: { username: string; password: string }) => SaslMechanism>> = {
  PLAIN: plain,
  'SCRAM-SHA-256': scramSha256,
  'SCRAM-SHA-512': scramSha512,
};
/** Nobody else uses these names on a broker that lives longer than the tests. */
const SUFFIX = Date.now().toString(36);

/** A client by the target's own listener, with the credential of an external one. */
export function clientOf(target: Target): Kafka {
  const login = target.kind === 'external' ? externalCredential() : null;
  const sasl = login && mechanisms[login.mechanism]?.({ username: login.user, password: login.password });
  const isEncrypted = target.kind === 'external' && target.certificates !== null;
  return createClient({
    brokers: [target.bootstrap()],
    tls: isEncrypted ? { ca: target.certificates?.ca } : false,
    ...(sasl ? { sasl } : {}),
  });
}

export function freshName(base: string): string {
  return `${base}-${SUFFIX}`;
}

/** Makes a topic of one partition. @returns its whole name */
export async function createTopic(target: Target, base: string): Promise<string> {
  await using kafka = clientOf(target);
  const topic = freshName(base);
  const outcome = (await kafka.admin().createTopics([{ topic, partitions: 1 }])).get(topic);
  if (outcome && 'error' in outcome) throw outcome.error;
  made.push(topic);
  return topic;
}

const made: string[] = [];

/** Closes the target; an external one keeps nothing of what was made there. */
export async function leave(target: Target | undefined): Promise<void> {
  const topics = made.splice(0);
  if (target?.kind === 'external' && topics.length > 0) {
    await using kafka = clientOf(target);
    await kafka.admin().deleteTopics(topics);
  }
  await target?.close();
}
