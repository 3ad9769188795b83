// Every error hop throws, and how errors of the Kafka client become hop's. Told apart by `code`, as in the client.
import { KafkaError } from '@hopwire/client';

export interface HopErrorDetails {
  retriable?: boolean;
  fatal?: boolean;
  hint?: string;
  topic?: string;
  partition?: number;
  offset?: bigint;
  cause?: unknown;
}

/** Base of hop's errors: what happened, and, where it is known, what to do about it (`hint`). */
export abstract class HopError extends KafkaError {
  readonly fatal: boolean;
  readonly hint: string | undefined;
  readonly topic: string | undefined;
  readonly partition: number | undefined;
  readonly offset: bigint | undefined;

  constructor(code: string, message: string, details: HopErrorDetails = {}) {
    super(code, message, { retriable: details.retriable ?? false, cause: details.cause });
    this.fatal = details.fatal ?? false;
    this.hint = details.hint;
    this.topic = details.topic;
    this.partition = details.partition;
    this.offset = details.offset;
  }
}

/** A `kafka://` address that cannot be understood. */
export class UrlError extends HopError {
  constructor(message: string, details?: HopErrorDetails) {
    super('URL', message, details);
  }
}

/** The library was called in a way that cannot work. */
export class UsageError extends HopError {
  constructor(message: string, details?: HopErrorDetails) {
    super('USAGE', message, details);
  }
}

/** Settings or their folder are missing or wrong. */
export class ConfigError extends HopError {
  constructor(message: string, details?: HopErrorDetails) {
    super('CONFIG', message, details);
  }
}

/** A credential is missing, unreadable or malformed. */
export class CredentialError extends HopError {
  constructor(message: string, details?: HopErrorDetails, code = 'CREDENTIAL') {
    super(code, message, details);
  }
}

/** There is no credentials file. */
export class NoCredentialsError extends CredentialError {
  constructor(message: string, details?: HopErrorDetails) {
    super(message, details, 'NO_CREDENTIALS');
  }
}

/** No stored credential fits the host and the user name. */
export class NoMatchingCredentialError extends CredentialError {
  constructor(message: string, details?: HopErrorDetails) {
    super(message, details, 'NO_MATCHING_CREDENTIAL');
  }
}

/** Several stored credentials fit equally well. */
export class AmbiguousCredentialError extends CredentialError {
  constructor(message: string, details?: HopErrorDetails) {
    super(message, details, 'AMBIGUOUS_CREDENTIAL');
  }
}

/** Others could read or change the credentials file. */
export class UnsafePermissionsError extends CredentialError {
  constructor(message: string, details?: HopErrorDetails) {
    super(message, details, 'UNSAFE_PERMISSIONS');
  }
}

/** No usable broker: name resolution, TCP, TLS or the deadline. */
export class ConnectError extends HopError {
  constructor(message: string, details: HopErrorDetails = {}) {
    super('CONNECT', message, { retriable: true, ...details });
  }
}

/** The broker does not believe who we are. */
export class AuthenticationError extends HopError {
  constructor(message: string, details?: HopErrorDetails) {
    super('AUTHENTICATION', message, details);
  }
}

/** The broker knows who we are and does not allow this. */
export class AuthorizationError extends HopError {
  constructor(message: string, details?: HopErrorDetails) {
    super('AUTHORIZATION', message, details);
  }
}

/** A topic that does not exist, or is not named. */
export class TopicError extends HopError {
  constructor(message: string, details?: HopErrorDetails) {
    super('TOPIC', message, details);
  }
}

/** A message was not, or not surely, delivered. */
export class DeliveryError extends HopError {
  constructor(message: string, details?: HopErrorDetails, code = 'DELIVERY') {
    super(code, message, details);
  }
}

/** Bytes or text are not what their format says. */
export class DecodeError extends HopError {
  constructor(message: string, details?: HopErrorDetails) {
    super('DECODE', message, details);
  }
}

/** A user header would pass for one of hop's own. */
export class ReservedHeaderError extends HopError {
  constructor(message: string, details?: HopErrorDetails) {
    super('RESERVED_HEADER', message, details);
  }
}

/** Used after `close()`. */
export class ClosedError extends HopError {
  constructor(message: string, details?: HopErrorDetails) {
    super('CLOSED', message, details);
  }
}

/** The text of anything that was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
