// A Kafka client for an address and a credential, opened within the deadline.
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { rootCertificates } from 'node:tls';
import {
  createClient,
  isKafkaError,
  type Kafka,
  plain,
  type SaslMechanism,
  scramSha256,
  scramSha512,
} from '@hopwire/client';
import type { Auth } from './auth/credential.ts';
import { type Attempt, hopErrorFrom } from './client-errors.ts';
import { ConnectError, CredentialError, reasonOf } from './errors.ts';
import { brokerAddress, type KafkaUrl } from './kafka-url.ts';
import type { Logger } from './logger.ts';

const RETRY_MS = 100;
const LONGEST_TRY_MS = 60_000;

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
  const { auth, connectTimeout, logger } = options;
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
    await reach(kafka, attempt, options);
    return { kafka, attempt };
  } catch (error) {
    await kafka.close({ timeoutMs: 0 });
    throw error;
  }
}

/** Tries until a broker answers, says no for good, or the time is up: it may be starting just now. */
async function reach(kafka: Kafka, attempt: Attempt, { connectTimeout, signal }: ConnectionOptions): Promise<void> {
  const deadline = connectTimeout > 0 ? Date.now() + connectTimeout : Number.POSITIVE_INFINITY;
  let reason: unknown;
  for (;;) {
    const timeoutMs = Math.min(Math.max(1, deadline - Date.now()), LONGEST_TRY_MS);
    try {
      return await kafka.connect({ timeoutMs, signal });
    } catch (error) {
      const known = hopErrorFrom(error, attempt);
      // A last try of a few milliseconds only says that time is up; what the tries before it said is worth more.
      if (reason === undefined || !isMereTimeout(error)) reason = known;
      const isOver = Date.now() >= deadline || !(known instanceof ConnectError) || !known.retriable;
      if (isOver) throw reason;
    }
    await sleep(Math.min(RETRY_MS, Math.max(1, deadline - Date.now())), undefined, signal ? { signal } : {});
  }
}

function isMereTimeout(error: unknown): boolean {
  return isKafkaError(error) && error.code === 'TIMEOUT' && error.cause === undefined;
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
