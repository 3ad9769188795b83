// `hop subscribe`: messages of topics onto standard output, each as soon as it arrives.
import type { Consumer, MessageModel, Received } from '@hopwire/hop';
import type { CommandDefinition, Context, UrlOptions } from '../command.ts';
import { connectionOptions } from '../connection.ts';
import { parseDelimiter } from '../delimiter.ts';
import { CommandFailure, Exit, UsageFailure } from '../failure.ts';
import { write } from '../io.ts';
import { positiveInteger, seconds, urlOptions } from '../options.ts';

const MS = 1000;

interface SubscribeOptions extends UrlOptions {
  startAt: string;
  untilEos?: boolean;
  groupId?: string;
  json?: boolean;
  test?: boolean;
  delimiter: string;
  raw?: boolean;
  limit?: number;
  timeout?: number;
}

export const subscribe: CommandDefinition = {
  name: 'subscribe',
  description: 'Print messages as they arrive',
  original: ['--no-auth', '--quiet', '--verbose', '--start-at', '--until-eos', '--group-id', '--json', '--test'],
  define(command, run) {
    urlOptions(command)
      .argument('<URL>', 'kafka://[user@]host[:port]/topic[,topic...]')
      .option('-s, --start-at <WHERE>', 'EARLIEST or LATEST, where the group has no committed offset', 'LATEST')
      .option('-e, --until-eos', 'stop at the end of every partition')
      .option('-g, --group-id <ID>', 'consumer group; without it a random one, and nothing is committed')
      .option('-j, --json', 'one JSON object a line')
      .option('-t, --test', 'deliver test messages too')
      .option('-D, --delimiter <TEXT>', 'what ends each message', '\\n')
      .option('--raw', 'bodies as received; with -j as member raw')
      .option('--limit <N>', 'stop after N messages', positiveInteger)
      .option('--timeout <S>', 'stop after S seconds without a message', seconds);
    run<SubscribeOptions>(command, (context, options, [url = '']) => new Subscription(context, options).run(url));
  },
};

/** One run of the command. */
class Subscription {
  readonly #context: Context;
  readonly #options: SubscribeOptions;
  readonly #delimiter: Buffer;
  #undecodable = 0;

  constructor(context: Context, options: SubscribeOptions) {
    this.#context = context;
    this.#options = options;
    this.#delimiter = parseDelimiter(options.delimiter);
    if (!/^(earliest|latest)$/i.test(options.startAt)) {
      throw new UsageFailure(
        `argument -s/--start-at: invalid choice: ${options.startAt} (choose from EARLIEST, LATEST)`,
      );
    }
  }

  async run(url: string): Promise<number> {
    const { brokerAddress, parseUrl, StartPosition, Stream } = await import('@hopwire/hop');
    const { io, log } = this.#context;
    const { topics, ...host } = parseUrl(url);
    if (topics.length === 0) throw new CommandFailure('no topic: the URL must end with /topic');
    const startAt = this.#options.startAt.toUpperCase() === 'EARLIEST' ? StartPosition.EARLIEST : StartPosition.LATEST;
    const stream = new Stream({
      ...connectionOptions(this.#options, io, log),
      startAt,
      untilEos: this.#options.untilEos ?? false,
    });
    const { groupId, test = false } = this.#options;
    log.info(`connecting to kafka://${brokerAddress(host)}`);
    const consumer = await stream.open(url, 'r', { ignoreTest: !test, ...(groupId === undefined ? {} : { groupId }) });
    log.info(`subscribing to topics: ${topics.join(', ')}`);
    return this.#print(consumer);
  }

  async #print(consumer: Consumer): Promise<number> {
    const { io, log } = this.#context;
    const stop = (): void => void consumer.stop();
    if (io.interrupted.aborted) stop();
    io.interrupted.addEventListener('abort', stop, { once: true });
    log.info('processing messages from stream');
    try {
      await this.#printAll(consumer, stop);
      log.info('finished processing messages');
    } finally {
      log.info('closing connection');
      await consumer.close();
    }
    return this.#undecodable > 0 ? Exit.incomplete : Exit.ok;
  }

  async #printAll(consumer: Consumer, stop: () => void): Promise<void> {
    const { limit = Number.POSITIVE_INFINITY, timeout } = this.#options;
    const idle = timeout === undefined ? null : setTimeout(stop, timeout * MS);
    let count = 0;
    try {
      for await (const message of consumer) {
        await this.#printOne(message);
        idle?.refresh();
        // The message being written when the reader went away stays unmarked.
        if (this.#context.io.interrupted.reason === 'EPIPE') break;
        if (++count < limit) continue;
        if (message.received) await consumer.markDone(message.received);
        break;
      }
    } finally {
      if (idle) clearTimeout(idle);
    }
  }

  async #printOne(message: MessageModel): Promise<void> {
    const { received } = message;
    if (received?.error) this.#complain(received);
    const bytes = await this.#bytesOf(message);
    const ends =
      bytes.length >= this.#delimiter.length &&
      bytes.subarray(bytes.length - this.#delimiter.length).equals(this.#delimiter);
    await write(
      this.#context.io.stdout,
      ends || this.#delimiter.length === 0 ? bytes : Buffer.concat([bytes, this.#delimiter]),
    );
  }

  async #bytesOf(message: MessageModel): Promise<Buffer> {
    if (this.#options.json) {
      const { jsonLine } = await import('@hopwire/hop');
      return Buffer.from(jsonLine(message, { raw: this.#options.raw ?? false }));
    }
    if (this.#options.raw) return message.received?.raw ?? Buffer.alloc(0);
    return message.toBytes();
  }

  #complain({ topic, partition, offset, error }: Received): void {
    this.#undecodable++;
    this.#context.io.stderr.write(`hop: ${topic}[${partition}]@${offset}: ${error?.message}\n`);
  }
}
