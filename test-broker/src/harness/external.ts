// A broker that runs already: address and credentials from the environment. Nothing is deleted that a test did not create.
import { readFileSync } from 'node:fs';
import { spawnJava } from './java.ts';
import { classPath } from './maven.ts';
import { isCached, KAFKA_MODERN, releaseFolder, TOOL_FLAGS } from './releases.ts';
import { type Capability, type Listener, type Target, TargetError } from './target.ts';

/** HOP_TEST_SASL=mechanism:user:password */
export interface ExternalCredential {
  readonly mechanism: string;
  readonly user: string;
  readonly password: string;
}

export function externalCredential(env: NodeJS.ProcessEnv = process.env): ExternalCredential | null {
  const text = env.HOP_TEST_SASL;
  if (!text) return null;
  const [mechanism, user, ...password] = text.split(':');
  if (!mechanism || !user || password.length === 0) {
    throw new TargetError('HOP_TEST_SASL must be mechanism:user:password, e.g. SCRAM-SHA-512:alice:secret');
  }
  return { mechanism, user, password: password.join(':') };
}

/** Java's tools are run against it out of the cached jars, if there are any. */
export async function externalTarget(env: NodeJS.ProcessEnv = process.env): Promise<Target> {
  const address = env.HOP_TEST_BOOTSTRAP;
  if (!address) throw new TargetError('HOP_TEST_BROKER=external needs HOP_TEST_BOOTSTRAP=host:port');
  const listener = externalListener(env);
  const folder = releaseFolder(KAFKA_MODERN);
  const jars = (await isCached(KAFKA_MODERN)) ? await classPath(folder) : null;
  const close = (): Promise<void> => Promise.resolve();
  return {
    kind: 'external',
    version: env.HOP_TEST_KAFKA_VERSION ?? 'unknown',
    capabilities: new Set((env.HOP_TEST_CAPS ?? '').split(/[ ,]+/).filter(Boolean) as Capability[]),
    certificates: certificatesOf(env),
    control: null,
    listener,
    bootstrap: (wanted: Listener = listener) => {
      if (wanted === listener) return address;
      throw new TargetError(`the external broker at ${address} is ${listener}, not ${wanted}`);
    },
    tool: (mainClass, args) => {
      if (jars === null) throw new TargetError(`${mainClass}: the jars of Kafka ${KAFKA_MODERN} are not cached`);
      return spawnJava({ folder, classPath: jars, flags: TOOL_FLAGS, mainClass, args });
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Which of the listeners it is, by what else the environment says. */
export function externalListener(env: NodeJS.ProcessEnv = process.env): Listener {
  if (env.HOP_TEST_SASL) return env.HOP_TEST_CA ? 'saslTls' : 'saslPlaintext';
  return env.HOP_TEST_CA ? 'tls' : 'plaintext';
}

function certificatesOf(env: NodeJS.ProcessEnv): Target['certificates'] {
  if (!env.HOP_TEST_CA) return null;
  const none = '';
  const ca = readFileSync(env.HOP_TEST_CA, 'utf8');
  return {
    ca,
    brokerCert: none,
    brokerKey: none,
    clientCert: none,
    clientKey: none,
    otherCa: none,
    otherClientCert: none,
    otherClientKey: none,
  };
}
