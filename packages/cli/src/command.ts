// What a command is to the program: options for commander, and an action that gets the parsed values.
import type { Command } from 'commander';
import type { Io } from './io.ts';
import type { Level, Logger } from './log.ts';

/** What every action gets besides its own options. */
export interface Context {
  readonly io: Io;
  readonly log: Logger;
  readonly level: Level;
}

export type Action<Options> = (context: Context, options: Options, args: readonly string[]) => Promise<number>;

/** Options that several commands share. */
export interface SharedOptions {
  debug?: boolean;
  quiet?: boolean;
  verbose?: boolean;
  jsonErrors?: boolean;
}

export interface UrlOptions extends SharedOptions {
  /** false with `--no-auth`. */
  auth: boolean;
  connectTimeout: number;
  ca?: string;
}

/** Registers one command with the program. `run` wires an action to commander. */
export interface CommandDefinition {
  readonly name: string;
  readonly description: string;
  /** Long options of hop-client 0.12 for this command: abbreviations match these first. */
  readonly original: readonly string[];
  /** Has nothing to do with credentials: neither help nor misuse says that there are none. */
  readonly wantsNoCredential?: boolean;
  define(command: Command, run: Runner): void;
}

export type Runner = <Options extends SharedOptions>(command: Command, action: Action<Options>) => void;
