// `hop list-topics`: the topics one may see. Nothing is created by asking.
import type { CommandDefinition, UrlOptions } from '../command.ts';
import { connectionOptions } from '../connection.ts';
import { Exit } from '../failure.ts';
import { urlOptions } from '../options.ts';

interface ListTopicsOptions extends UrlOptions {
  json?: boolean;
}

export const listTopics: CommandDefinition = {
  name: 'list-topics',
  description: 'List the topics that can be seen',
  original: ['--no-auth'],
  define(command, run) {
    urlOptions(command)
      .argument('<URL>', 'kafka://[user@]host[:port][/topic[,topic...]]')
      .option('--json', 'one JSON object');
    run<ListTopicsOptions>(command, async ({ io, log }, options, [url = '']) => {
      const { listTopics: list } = await import('@hopwire/hop');
      const topics = [...(await list(url, connectionOptions(options, io, log))).keys()].sort(byCodePoint);
      if (options.json) io.stdout.write(`${JSON.stringify({ topics })}\n`);
      else if (topics.length === 0) io.stdout.write('No accessible topics\n');
      else io.stdout.write(`Accessible topics:\n${topics.map((topic) => ` ${topic}\n`).join('')}`);
      return Exit.ok;
    });
  },
};

function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
