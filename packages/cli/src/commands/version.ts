// `hop version`: a line `name==version` for each part.
import type { CommandDefinition } from '../command.ts';
import { Exit } from '../failure.ts';
import { compatible, version } from '../version.ts';

export const versionCommand: CommandDefinition = {
  name: 'version',
  description: 'List the versions of all parts',
  original: [],
  define(command, run) {
    run(command, async ({ io }) => {
      const { version: client } = await import('@hopwire/client');
      const parts = {
        hopwire: version,
        '@hopwire/client': client,
        node: process.versions.node,
        'hop-client-compat': compatible,
      };
      for (const [name, value] of Object.entries(parts)) io.stdout.write(`${name}==${value}\n`);
      return Exit.ok;
    });
  },
};
