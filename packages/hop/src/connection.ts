// A Kafka client for an address and a credential, opened within the deadline.
import { readFile } from 'node:fs/promises';
import { rootCertificates } from 'node:tls';
import { createClient, type Kafka, plain, type SaslMechanism, scramSha256, scramSha512 } from '@hopwire/client';
import type { Auth } from './auth/credential.ts';
import { type Attempt, hopErrorFrom } from './client-errors.ts';
import { CredentialError, reasonOf } from './errors.ts';
import { brokerAddress, type KafkaUrl } from './kafka-url.ts';
import type { Logger } from './logger.ts';

export interface ConnectionOptions {
  auth: Auth | undefined;
  logger: Logger;
  /** Milliseconds; 0: for ever. */
  connectTimeout: number;
  /** PEM file of a further certificate authority. */
  ca: string | undefined;
  signal: AbortSignal | undefined;
  /** May writing to a topic create it, where the broker does that? Reading never may. */
  mayCreateTopics: boolean;
}

/** A connected client, and what its errors are about. */
export interface Connection {
  kafka: Kafka;
  attempt: Attempt;
}

/** Connects. Throws ConnectError, AuthenticationError or CredentialError; nothing is left open then. */
export async function connect(url: Pick<KafkaUrl, 'host' | 'port'>, options: ConnectionOptions): Promise<Connection> {
  const address = brokerAddress(url);
  const { auth, connectTimeout, logger, signal } = options;
  const kafka = createClient({
    brokers: [address],
    clientId: 'hop',
    allowAutoTopicCreation: options.mayCreateTopics,
    tls: auth?.ssl ? await tlsOptions(auth.sslCaLocation, options.ca) : false,
    sasl: auth && saslOf(auth),
    ...(connectTimeout > 0 ? { connectTimeoutMs: connectTimeout } : {}),
    logger: {
      debug: (text) => logger.debug(text),
      info: (text) => logger.debug(text),
      warn: (text) => logger.warn(text),
      error: (text) => logger.error(text),
    },
  });
  const attempt = { address, username: auth?.username };
  try {
    await kafka.connect({ ...(connectTimeout > 0 ? { timeoutMs: connectTimeout } : {}), signal });
    return { kafka, attempt };
  } catch (error) {
    await kafka.close({ timeoutMs: 0 });
    throw hopErrorFrom(error, attempt);
  }
}

function saslOf(auth: Auth): SaslMechanism {
  const { username, password, mechanism } = auth;
  if (mechanism === 'PLAIN') return plain({ username, password });
  if (mechanism === 'SCRAM-SHA-256') return scramSha256({ username, password });
  if (mechanism === 'SCRAM-SHA-512') return scramSha512({ username, password });
  throw new CredentialError(`${auth.describe()}: this release cannot log in with ${mechanism}`, {
    hint: 'use a SCRAM credential',
  });
}

async function tlsOptions(...files: (string | undefined)[]): Promise<true | { ca: string[] }> {
  const named = files.filter((file) => file !== undefined);
  if (named.length === 0) return true;
  const read = (file: string): Promise<string> =>
    readFile(file, 'utf8').catch((cause: unknown) => {
      throw new CredentialError(`cannot read the certificate authority ${file}: ${reasonOf(cause)}`, { cause });
    });
  return { ca: [...rootCertificates, ...(await Promise.all(named.map(read)))] };
}
