// `hop wire`: explains bytes of Kafka's protocol, and the traffic of a broker while it happens.
import type { CommandDefinition, SharedOptions } from '../command.ts';
import { Exit, UsageFailure } from '../failure.ts';
import { positiveInteger } from '../options.ts';

interface WireOptions extends SharedOptions {
  frames?: boolean;
  request?: string;
  response?: string;
  body?: boolean;
  records?: boolean;
  mostRecords?: number;
  follow?: string;
  listen: string;
  rewrite: boolean;
  brief?: boolean;
  tls?: boolean;
  ca?: string;
}

export const wire: CommandDefinition = {
  name: 'wire',
  description: "Explain bytes of Kafka's protocol, or a broker's traffic",
  original: [],
  define(command, run) {
    command
      .argument('[SOURCE]', 'hex digits, a file of them or of the bytes themselves, or - for standard input')
      .option('--frames', 'request frames, whatever they look like: what bytes are taken for unless told otherwise')
      .option('--request <API:VERSION>', 'with --body: the body of this request')
      .option('--response <API:VERSION>', 'response frames, e.g. Fetch:12: their version is not in them')
      .option('--body', 'a body without header')
      .option('--records', 'a record set')
      .option('--most-records <N>', 'records shown of each batch; all, or 10 with --follow', positiveInteger)
      .option('--follow <HOST:PORT>', 'be a proxy in front of this broker, and show what goes through')
      .option('--listen <[HOST:]PORT>', 'where the proxy listens; port 0 lets the system choose', '127.0.0.1:0')
      .option('--no-rewrite', "leave the brokers' addresses in answers as they are: clients then go there directly")
      .option('--brief', 'one line for each frame')
      .option('--tls', 'TLS to the broker; clients connect to the proxy in plain')
      .option('--ca <FILE>', 'a further certificate authority, PEM');
    run<WireOptions>(command, async ({ io }, options, [source]) => {
      const { explainSource, follow } = await import('../wire/index.ts');
      if (options.follow !== undefined && source !== undefined) {
        throw new UsageFailure('argument --follow: not allowed with SOURCE');
      }
      if (options.follow !== undefined) await follow({ ...options, follow: options.follow }, io);
      else if (source !== undefined) await explainSource(source, options, io);
      else throw new UsageFailure('the following arguments are required: SOURCE, or --follow HOST:PORT');
      return Exit.ok;
    });
  },
};
