// From an error to one line for a person and an exit code for a script (hop's specification, 2.1).
import type { Io } from './io.ts';
import { oneLine } from './one-line.ts';

/** Exit codes beyond 0. `usage` also ends parsing failures. */
export const Exit = {
  ok: 0,
  failure: 1,
  usage: 2,
  credential: 3,
  connection: 4,
  incomplete: 5,
  sigint: 130,
  sigterm: 143,
} as const;

/** The command line cannot mean anything: printed after the usage, exit 2. */
export class UsageFailure extends Error {
  override readonly name = 'UsageFailure';
}

/** Something went wrong that has its own exit code. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly exit: number;
  readonly hint: string | undefined;

  readonly code: string | undefined;
  readonly topic: string | undefined;
  readonly partition: number | undefined;
  readonly retriable: boolean | undefined;

  /** @param from what is known of the failure this one sums up */
  constructor(message: string, exit: number = Exit.failure, hint?: string, from?: Partial<Failure>) {
    super(message);
    this.exit = exit;
    this.hint = hint;
    this.code = from?.code;
    this.topic = from?.topic;
    this.partition = from?.partition;
    this.retriable = from?.retriable;
  }
}

const exits: Readonly<Record<string, number>> = {
  CREDENTIAL: Exit.credential,
  NO_CREDENTIALS: Exit.credential,
  NO_MATCHING_CREDENTIAL: Exit.credential,
  AMBIGUOUS_CREDENTIAL: Exit.credential,
  UNSAFE_PERMISSIONS: Exit.credential,
  AUTHENTICATION: Exit.credential,
  AUTHORIZATION: Exit.credential,
  CONNECT: Exit.connection,
  DELIVERY: Exit.incomplete,
};

/** What is known of anything that was thrown. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
  readonly topic: string | undefined;
  readonly partition: number | undefined;
  readonly retriable: boolean;
  readonly exit: number;
}

export function failureOf(error: unknown): Failure {
  const { code, hint, topic, partition, retriable, exit } = fieldsOf(error);
  return {
    code: typeof code === 'string' ? code : 'FAILURE',
    message: error instanceof Error ? error.message : String(error),
    hint: typeof hint === 'string' ? hint : undefined,
    topic: typeof topic === 'string' ? topic : undefined,
    partition: typeof partition === 'number' ? partition : undefined,
    retriable: retriable === true,
    exit: typeof exit === 'number' ? exit : (typeof code === 'string' && exits[code]) || Exit.failure,
  };
}

function fieldsOf(error: unknown): Record<string, unknown> {
  return typeof error === 'object' && error !== null ? { ...error } : {};
}

export interface ReportOptions {
  readonly debug?: boolean;
  readonly jsonErrors?: boolean;
}

/** Prints the error on stderr and returns the exit code. No stack unless `--debug` asks for it. */
export function report(error: unknown, io: Io, options: ReportOptions): number {
  const failure = failureOf(error);
  if (options.debug && error instanceof Error) io.stderr.write(`${stackOf(error)}\n`);
  io.stderr.write(options.jsonErrors ? asJson(failure) : asText(failure));
  return exitCode(failure.exit, io.env);
}

/** `HOP_EXIT_CODES=simple` turns 3, 4 and 5 into 1, as the Python original has it. */
export function exitCode(code: number, env: NodeJS.ProcessEnv): number {
  return env.HOP_EXIT_CODES === 'simple' && code >= Exit.credential && code <= Exit.incomplete ? Exit.failure : code;
}

function asText({ message, hint }: Failure): string {
  const line = `hop: ${oneLine(message, '; ')}\n`;
  return hint ? `${line}  hint: ${oneLine(hint, ' ')}\n` : line;
}

function asJson({ code, message, topic, partition, retriable, hint }: Failure): string {
  return `${JSON.stringify({ code, message, topic, partition, retriable, hint })}\n`;
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by: ${stackOf(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}
