// Errors of the Kafka client in hop's words. Told apart by `code`, never by class or text.
import {
  AuthenticationError,
  AuthorizationError,
  ClosedError,
  ConnectError,
  DeliveryError,
  HopError,
  TopicError,
} from './errors.ts';

/** What was being done when the error came up. */
export interface Attempt {
  /** `host:port` of the address. */
  address: string;
  username: string | undefined;
  topic?: string;
}

const FORBIDDEN = /_AUTHORIZATION_FAILED$/;
const MISSING = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'INVALID_TOPIC_EXCEPTION']);
const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'MSG_SIZE_TOO_LARGE']);

/** hop's error for whatever the client threw; errors that are hop's already, and wrong usage, stay as they are. */
export function hopErrorFrom(error: unknown, attempt: Attempt): unknown {
  if (error instanceof HopError || !(error instanceof Error)) return error;
  const chain = chainOf(error);
  const codes = chain.map((one) => codeOf(one));
  const coded = (test: (code: string) => boolean): Error | undefined => chain[codes.findIndex(test)];
  const topic = attempt.topic;
  const details = { cause: error, ...(topic === undefined ? {} : { topic }) };

  const rejected = coded((code) => code === 'AUTHENTICATION');
  if (rejected) return authenticationError(rejected, attempt, error);
  const forbidden = coded((code) => FORBIDDEN.test(code));
  if (forbidden) return authorizationError(forbidden, attempt, error);
  if (coded((code) => MISSING.has(code))) {
    return new TopicError(`topic ${topic ?? ''} does not exist on the broker`, details);
  }
  if (coded((code) => TOO_LARGE.has(code))) {
    return new DeliveryError(
      `the message is larger than topic ${topic ?? ''} allows: ${error.message}`,
      details,
      'MSG_SIZE_TOO_LARGE',
    );
  }
  const unreachable = coded((code) => code === 'CONNECTION') ?? coded((code) => code === 'TIMEOUT');
  if (neverTried(error)) return connectError(error, attempt, error);
  if (codes[0] === 'DELIVERY' && !unreachable) return new DeliveryError(error.message, details);
  if (unreachable) return connectError(unreachable, attempt, error);
  if (codes[0] === 'CLOSED') return new ClosedError(error.message, details);
  return error;
}

function authenticationError(rejected: Error, { address, username }: Attempt, cause: Error): AuthenticationError {
  if (username === undefined) {
    return new AuthenticationError(`${address}: the broker refuses us: ${rejected.message}`, {
      cause,
      hint: 'it may want a credential; leave --no-auth out and see `hop auth list`',
    });
  }
  return new AuthenticationError(`${address}: the credential of ${username} was rejected: ${rejected.message}`, {
    cause,
    hint: 'check user and password; `hop auth add --force` replaces a stored credential',
  });
}

function authorizationError(forbidden: Error, { username, topic }: Attempt, cause: Error): AuthorizationError {
  const isGroup = codeOf(forbidden).startsWith('GROUP');
  const who = username === undefined ? 'without a credential this is' : `${username} is`;
  const what = isGroup ? 'the consumer group' : topic === undefined ? 'this' : `topic ${topic}`;
  return new AuthorizationError(`${who} not authorised for ${what}: ${forbidden.message}`, {
    cause,
    ...(topic === undefined ? {} : { topic }),
    hint: isGroup
      ? 'Hopskotch wants group ids that begin with the user name'
      : 'ask the topic owner for access, or use another credential',
  });
}

function connectError(unreachable: Error, { address }: Attempt, cause: Error): ConnectError {
  const reason = unreachable.message.startsWith(address) ? unreachable.message : `${address}: ${unreachable.message}`;
  return new ConnectError(`no usable broker: ${reason}`, {
    cause,
    retriable: !('retriable' in unreachable) || unreachable.retriable !== false,
    hint: 'check host, port and network; --connect-timeout gives it more time',
  });
}

/** The time for a delivery passed before any broker could be asked. */
function neverTried(error: Error): boolean {
  return codeOf(error) === 'DELIVERY' && error.cause === undefined && 'attempts' in error && error.attempts === 0;
}

/** The error and its causes, outermost first. Errors of many attempts are walked too. */
function chainOf(error: unknown, depth = 0): Error[] {
  if (!(error instanceof Error) || depth > 8) return [];
  const parts: unknown[] = error instanceof AggregateError ? error.errors : [];
  return [error, ...[error.cause, ...parts].flatMap((part) => chainOf(part, depth + 1))];
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}
