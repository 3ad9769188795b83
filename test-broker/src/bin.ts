#!/usr/bin/env node
// The command line of this package: `hopwire-test-broker serve`.
import { parseArgs } from 'node:util';
import { SERVE_HELP, serve } from './serve.ts';

const OPTIONS = {
  listen: { type: 'string' },
  topic: { type: 'string', multiple: true },
  user: { type: 'string', multiple: true },
  tls: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
  if (values.help) {
    process.stdout.write(SERVE_HELP);
    return 0;
  }
  if (positionals.length !== 1 || positionals[0] !== 'serve') {
    process.stderr.write(SERVE_HELP);
    return 2;
  }
  const { listen, topic: topics = [], user: users = [], tls = false } = values;
  await serve({ topics, users, tls, ...(listen === undefined ? {} : { listen }) });
  return 0;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
