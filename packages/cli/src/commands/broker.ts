// `hop broker`: the embedded broker, for development and tests. Its data lives in memory only.
import { once } from 'node:events';
import type { CommandDefinition, SharedOptions } from '../command.ts';
import { Exit, UsageFailure } from '../failure.ts';
import { collect } from '../options.ts';
import { refusedText } from '../wire/address.ts';

interface BrokerOptions extends SharedOptions {
  listen: string;
  topic?: string[];
  user?: string[];
  tls?: boolean;
}

export const broker: CommandDefinition = {
  name: 'broker',
  description: 'Run an embedded Kafka broker; its data is gone when it stops',
  original: [],
  wantsNoCredential: true,
  define(command, run) {
    command
      .option('--listen <HOST:PORT>', 'where to listen; port 0 lets the system choose', '127.0.0.1:9092')
      .option('--topic <NAME:PARTITIONS>', 'a topic to create; repeatable', collect)
      .option('--user <USER:PASSWORD>', 'require SASL and know this user; repeatable', collect)
      .option('--tls', 'TLS with a certificate made for this run');
    run<BrokerOptions>(command, async ({ io, log }, options) => {
      const { TestBroker } = await import('@hopwire/test-broker');
      const { host, port } = parseListen(options.listen);
      const users = Object.fromEntries((options.user ?? []).map((text) => pair(text, '--user', 'USER:PASSWORD')));
      const topics = Object.fromEntries((options.topic ?? []).map(parseTopic));
      await using running = await TestBroker.start({
        host,
        port,
        topics,
        ...(options.user ? { users, sasl: true } : {}),
        ...(options.tls ? { tls: true } : {}),
      });
      io.stdout.write(`kafka://${running.bootstrap}\n`);
      if (running.ca) io.stdout.write(running.ca);
      log.info('ready; stop it with Ctrl-C');
      if (!io.interrupted.aborted) await once(io.interrupted, 'abort');
      return Exit.ok;
    });
  },
};

function parseListen(text: string): { host: string; port: number } {
  const match = /^(?:kafka:\/\/)?(\[[^\]]+\]|[^:]*):(\d{1,5})$/.exec(text);
  if (!match || Number(match[2]) > 65535)
    throw new UsageFailure(`argument --listen: not HOST:PORT: ${refusedText(text)}`);
  return { host: match[1]?.replace(/^\[|\]$/g, '') || '127.0.0.1', port: Number(match[2]) };
}

function pair(text: string, option: string, form: string): [string, string] {
  const at = text.indexOf(':');
  // What was given instead may be a password alone.
  if (at <= 0) throw new UsageFailure(`argument ${option}: not ${form}`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function parseTopic(text: string): [string, number] {
  const [name, partitions] = text.includes(':') ? pair(text, '--topic', 'NAME:PARTITIONS') : [text, '1'];
  if (!/^[1-9]\d{0,4}$/.test(partitions)) throw new UsageFailure(`argument --topic: not NAME:PARTITIONS: ${text}`);
  return [name, Number(partitions)];
}
