// Long options may be abbreviated as the Python original allows it: first matched among the options it has for the
// command, then among all of ours, so that a new option of ours never makes an old command line ambiguous.
import { UsageFailure } from './failure.ts';

/**
 * @param args of one command, after its name
 * @param original long options (with dashes) of hop-client for this command
 * @param all every long option of ours for it
 */
export function expandAbbreviations(
  args: readonly string[],
  original: readonly string[],
  all: readonly string[],
): string[] {
  const end = args.indexOf('--');
  const options = end < 0 ? args : args.slice(0, end);
  const rest = end < 0 ? [] : args.slice(end);
  return [...options.map((arg) => expand(arg, original, all)), ...rest];
}

function expand(arg: string, original: readonly string[], all: readonly string[]): string {
  if (!arg.startsWith('--')) return arg;
  const [name = '', ...value] = arg.split('=');
  if (all.includes(name)) return arg;
  const full = match(name, original) ?? match(name, all);
  return full ? [full, ...value].join('=') : arg;
}

function match(name: string, options: readonly string[]): string | undefined {
  const candidates = options.filter((option) => option.startsWith(name));
  if (candidates.length > 1) throw new UsageFailure(`ambiguous option: ${name} could match ${candidates.join(', ')}`);
  return candidates[0];
}
