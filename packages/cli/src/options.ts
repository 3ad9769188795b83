// Options that several commands share, and how their values are read.
import { type Command, InvalidArgumentError } from 'commander';

/** -q, -v, --json-errors, -d: every command has them. */
export function sharedOptions(command: Command): Command {
  return command
    .option('-q, --quiet', 'only warnings and errors')
    .option('-v, --verbose', 'debugging output too')
    .option('-d, --debug', 'on failure, show the stack and causes')
    .option('--json-errors', 'the final error as one JSON object');
}

/** Options of commands that take a URL, beside those every command has. */
export function urlOptions(command: Command): Command {
  return command
    .option('--no-auth', 'no credential and no TLS: plain TCP')
    .option('--connect-timeout <S>', 'seconds to reach a usable broker; 0: for ever', seconds, 10)
    .option('--ca <FILE>', 'a further certificate authority, PEM');
}

/** A number of seconds, zero or more. */
export function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError('not a number of seconds');
  return value;
}

export function positiveInteger(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('not a positive whole number');
  return Number(text);
}

/** Collects a repeatable option. */
export function collect(text: string, previous: readonly string[] = []): string[] {
  return [...previous, text];
}
