// Parses the command line, runs the command, and turns every failure into one line and an exit code.
import { Command, CommanderError } from 'commander';
import { expandAbbreviations } from './abbreviations.ts';
import { credentialAdvice } from './advice.ts';
import type { Action, CommandDefinition, Runner, SharedOptions } from './command.ts';
import { commands } from './commands/index.ts';
import { Exit, exitCode, report, UsageFailure } from './failure.ts';
import type { Io } from './io.ts';
import { createLogger, type Level } from './log.ts';
import { sharedOptions } from './options.ts';
import { version } from './version.ts';

/** Runs `hop` with these arguments. @returns the exit code */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const program = new Program(io);
  return program.run(args);
}

class Program {
  readonly #io: Io;
  readonly #root: Command = new Command('hop');
  #exit: number = Exit.ok;
  #options: SharedOptions = {};

  constructor(io: Io) {
    this.#io = io;
    this.#root
      .description('Publish and follow astronomical alerts over Kafka.')
      .option('--version', 'the version of hop')
      .option('-d, --debug', 'on failure, show the stack and causes');
    for (const definition of commands) this.#define(definition);
    this.#root.action(() => this.#rootAction());
    prepare(this.#root, io);
  }

  async run(args: readonly string[]): Promise<number> {
    try {
      await this.#root.parseAsync(expand(args), { from: 'user' });
      return exitCode(this.#exit, this.#io.env);
    } catch (error) {
      return this.#failed(error, args);
    }
  }

  #define(definition: CommandDefinition): void {
    const command = this.#root.command(definition.name).description(definition.description);
    const runner: Runner = (target, action) => {
      sharedOptions(target);
      target.action(async (...values: unknown[]) => this.#act(target, action, values));
    };
    definition.define(command, runner);
  }

  async #act<Options extends SharedOptions>(
    command: Command,
    action: Action<Options>,
    values: unknown[],
  ): Promise<void> {
    const options: Options = command.optsWithGlobals();
    this.#options = options;
    if (options.quiet && options.verbose) {
      throw new UsageFailure('argument -v/--verbose: not allowed with argument -q/--quiet');
    }
    const level = levelOf(options);
    const positionals = values
      .slice(0, -2)
      .flat()
      .filter((value) => typeof value === 'string');
    this.#exit = await action({ io: this.#io, log: createLogger(this.#io, level), level }, options, positionals);
  }

  #rootAction(): void {
    if (this.#root.opts().version) this.#io.stdout.write(`hop version ${version}\n`);
    else throw new UsageFailure('the following arguments are required: <command>');
  }

  async #failed(error: unknown, args: readonly string[]): Promise<number> {
    if (error instanceof CommanderError && error.exitCode === 0) return this.#helped(args);
    if (error instanceof CommanderError || error instanceof UsageFailure) return this.#misused(error, args);
    return report(error, this.#io, { ...this.#options, debug: this.#options.debug ?? args.includes('-d') });
  }

  async #helped(args: readonly string[]): Promise<number> {
    await this.#advise(commandOf(this.#root, args));
    return Exit.ok;
  }

  /** For who has no credential yet. */
  async #advise(command: Command): Promise<void> {
    const definition = commands.find(({ name }) => name === command.name());
    if (!definition?.wantsNoCredential) this.#io.stderr.write(await credentialAdvice(this.#io.env));
  }

  /** Usage, then `<program and sub-command>: error: <reason>`, then advice. */
  async #misused(error: Error, args: readonly string[]): Promise<number> {
    const command = commandOf(this.#root, args);
    const reason = withoutPassword(error.message.replace(/^error: /, '').replace(/\n.*$/s, ''));
    this.#io.stderr.write(`usage: ${pathOf(command)} ${command.usage()}\n${pathOf(command)}: error: ${reason}\n`);
    await this.#advise(command);
    return Exit.usage;
  }
}

/** Arguments are quoted, and an address among them may hold a password: from its colon to the last @. */
function withoutPassword(text: string): string {
  const scheme = text.indexOf('://');
  const colon = scheme < 0 ? -1 : text.indexOf(':', scheme + '://'.length);
  const at = text.lastIndexOf('@');
  return colon < 0 || at < colon ? text : `${text.slice(0, colon)}:***${text.slice(at)}`;
}

function levelOf(options: SharedOptions): Level {
  if (options.quiet) return 'warn';
  return options.verbose ? 'debug' : 'info';
}

/** commander's own exits and prints are ours to decide, for every command. */
function prepare(command: Command, io: Io): void {
  command.exitOverride().helpOption('-h, --help', 'show this help').helpCommand(false).showSuggestionAfterError(false);
  command.configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: () => {}, outputError: () => {} });
  for (const sub of command.commands) {
    prepare(sub, io);
  }
}

/** The command that the arguments name, as deep as they go. */
function commandOf(root: Command, args: readonly string[]): Command {
  let command = root;
  for (const arg of args) {
    const sub = command.commands.find((candidate) => candidate.name() === arg);
    if (sub) command = sub;
    else if (!arg.startsWith('-')) break;
  }
  return command;
}

function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

function expand(args: readonly string[]): string[] {
  const names = new Map(commands.map((command) => [command.name, command]));
  const at = args.findIndex((arg) => names.has(arg));
  const definition = names.get(args[at] ?? '');
  if (!definition) return [...args];
  const known = new Command();
  definition.define(known, (target) => void sharedOptions(target));
  const all = [known, ...known.commands].flatMap((command) => command.options.map((option) => option.long ?? ''));
  return [
    ...args.slice(0, at + 1),
    ...expandAbbreviations(args.slice(at + 1), definition.original, [...all, '--help']),
  ];
}
