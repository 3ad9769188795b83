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

const EXAMPLES = `
Examples:
  hop wire 0000001e0003000500000007000762696c6c696e670000000100066f726465727301
  hop wire capture.bin
  hop wire --response Fetch:12 answer.bin
  hop wire --body --request Metadata:5 0000000100066f726465727301
  xxd -p 00000000000000000000.log | hop wire --records --most-records 3 -
  hop wire --follow localhost:9092 --listen 19092 --brief`;

export const wire: CommandDefinition = {
  name: 'wire',
  description: "Explain bytes of Kafka's protocol, or a broker's traffic",
  original: [],
  wantsNoCredential: true,
  define(command, run) {
    command
      .argument('[SOURCE]', 'hex digits, a file of them or of the bytes themselves, or - for standard input')
      .option('--frames', 'request frames, whatever they look like: what bytes are taken for unless told otherwise')
      .option('--response <API:VERSION>', 'response frames, e.g. Fetch:12: neither API nor version is in them')
      .option('--records', 'a record set')
      .option('--body', 'no frames, but the body alone of what --request or --response names')
      .option('--request <API:VERSION>', 'with --body: this request')
      .option('--most-records <N>', 'records shown of each batch; all, or 10 with --follow', positiveInteger)
      .option('--follow <HOST:PORT>', 'be a proxy in front of this broker, and show what goes through')
      .option('--listen <[HOST:]PORT>', 'where the proxy listens; port 0 lets the system choose', '127.0.0.1:0')
      .option('--no-rewrite', "leave the brokers' addresses in answers as they are: clients then go there directly")
      .option('--brief', 'one line for each frame')
      .option('--tls', 'TLS to the broker; clients connect to the proxy in plain')
      .option('--ca <FILE>', 'a further certificate authority, PEM; means --tls too')
      .addHelpText('after', EXAMPLES);
    run<WireOptions>(command, async ({ io }, options, [source]) => {
      const { explainSource, follow } = await import('../wire/index.ts');
      refuseMixed(options, source);
      if (options.follow !== undefined) await follow({ ...options, follow: options.follow }, io);
      else if (source !== undefined) await explainSource(source, options, io);
      else throw new UsageFailure('the following arguments are required: SOURCE, or --follow HOST:PORT');
      return Exit.ok;
    });
  },
};

/** An option that is not looked at would be a promise not kept. */
function refuseMixed(options: WireOptions, source: string | undefined): void {
  const { follow, frames, request, response, body, records, brief, tls, ca } = options;
  const ofBytes = { SOURCE: source, '--frames': frames, '--request': request, '--response': response };
  const ofProxy = { '--brief': brief, '--tls': tls, '--ca': ca, '--no-rewrite': options.rewrite ? undefined : true };
  if (follow === undefined) {
    const given = firstGiven(ofProxy);
    if (given !== undefined) throw new UsageFailure(`argument ${given}: only with --follow HOST:PORT`);
    return;
  }
  const given = firstGiven({ ...ofBytes, '--body': body, '--records': records });
  if (given !== undefined) throw new UsageFailure(`argument --follow: not allowed with ${given}`);
}

function firstGiven(options: Readonly<Record<string, unknown>>): string | undefined {
  return Object.keys(options).find((name) => options[name] !== undefined);
}
