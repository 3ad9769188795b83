// Every command, in the order of the help.
import type { CommandDefinition } from '../command.ts';
import { auth } from './auth.ts';
import { broker } from './broker.ts';
import { listTopics } from './list-topics.ts';
import { publish } from './publish.ts';
import { subscribe } from './subscribe.ts';
import { versionCommand } from './version.ts';
import { wire } from './wire.ts';

export const commands: readonly CommandDefinition[] = [
  auth,
  publish,
  subscribe,
  versionCommand,
  listTopics,
  broker,
  wire,
];
