// `hop publish`: files, or standard input as it comes, onto a topic.
import type { DeliveryResult, MessageModel, ModelClass, Producer } from '@hopwire/hop';
import { Option } from 'commander';
import type { CommandDefinition, Context, UrlOptions } from '../command.ts';
import { connectionOptions } from '../connection.ts';
import { parseDelimiter } from '../delimiter.ts';
import { CommandFailure, Exit, failureOf, UsageFailure } from '../failure.ts';
import { type Framing, messagesOf } from '../framing.ts';
import type { Io } from '../io.ts';
import { collect, seconds, urlOptions } from '../options.ts';

const MS = 1000;
const GRACE_MS = 5000;
const MOST_PENDING = 10_000;
/** Only these may be piped in without saying how the stream is cut. */
const STREAMED = ['BLOB', 'JSON'];

interface PublishOptions extends UrlOptions {
  format: string;
  test?: boolean;
  timeout: number;
  delimiter?: string;
  whole?: boolean;
  lengthPrefixed?: boolean;
  key?: string;
  header?: string[];
  ack?: boolean;
  onBadInput: 'stop' | 'skip';
}

/** One message of the input, and where it stood, for the line that names it when something is wrong with it. */
interface Input {
  readonly place: string;
  load(): MessageModel | Promise<MessageModel>;
}

export const publish: CommandDefinition = {
  name: 'publish',
  description: 'Publish messages',
  original: ['--no-auth', '--quiet', '--verbose', '--format', '--test', '--timeout'],
  define(command, run) {
    urlOptions(command)
      .argument('<URL>', 'kafka://[user@]host[:port]/topic')
      .argument('[MESSAGE...]', 'files, each one message; without any: standard input')
      .option('-f, --format <NAME>', 'VOEVENT, GCNTEXTNOTICE, CIRCULAR, BLOB or JSON', 'BLOB')
      .option('-t, --test', 'mark the messages as tests')
      .option('--timeout <S>', 'seconds for each message and for the final flush; 0: for ever', seconds, 60)
      .option('-D, --delimiter <TEXT>', 'what separates messages on standard input')
      .option('--whole', 'standard input is one message')
      .option('--length-prefixed', 'each message on standard input follows its length, 4 bytes')
      .option('--key <TEXT>', 'key of the messages')
      .option('-H, --header <NAME=VALUE>', 'a header; repeatable', collect)
      .option('--ack', 'print a JSON line for each message the broker has acknowledged')
      .addOption(new Option('--on-bad-input <WHAT>', 'what to do then').choices(['stop', 'skip']).default('stop'));
    run<PublishOptions>(command, async (context, options, [url = '', ...files]) => {
      const run = new Publishing(context, options);
      return run.run(url, files);
    });
  },
};

/** One run of the command. */
class Publishing {
  readonly #context: Context;
  readonly #options: PublishOptions;
  readonly #headers: [string, string][];
  readonly #framing: Framing;
  /** What is under way, by the input it came from. */
  readonly #pending = new Map<Input, Promise<void>>();
  readonly #undelivered: { readonly input: Input; readonly error: unknown }[] = [];
  #queued = 0;
  #acknowledged = 0;
  #skipped = 0;

  constructor(context: Context, options: PublishOptions) {
    this.#context = context;
    this.#options = options;
    this.#headers = (options.header ?? []).map(parseHeader);
    this.#framing = {
      delimiter: options.delimiter === undefined ? null : parseDelimiter(options.delimiter),
      whole: options.whole ?? false,
      lengthPrefixed: options.lengthPrefixed ?? false,
    };
  }

  async run(url: string, files: readonly string[]): Promise<number> {
    const { brokerAddress, modelNamed, models, parseUrl, Stream } = await import('@hopwire/hop');
    const { io, log } = this.#context;
    const model = modelNamed(this.#options.format);
    if (!model)
      throw new UsageFailure(
        `argument -f/--format: invalid choice: ${this.#options.format} (choose from ${[...models.keys()].join(', ')})`,
      );
    const { topics, ...host } = parseUrl(url);
    if (topics.length !== 1)
      throw new CommandFailure(
        topics.length === 0 ? 'no topic: the URL must end with /topic' : 'several topics: a message goes to one topic',
      );
    if (files.length === 0) this.#checkPiped();
    const stream = new Stream(connectionOptions(this.#options, io, log));
    log.info(`connecting to kafka://${brokerAddress(host)}`);
    const producer = await stream.open(url, 'w', { produceTimeout: this.#options.timeout * MS });
    log.info(`publishing to topic(s): ${topics.join(', ')}`);
    return this.#publish(producer, files.length > 0 ? fromFiles(files, model) : fromStdin(io, model, this.#framing));
  }

  async #publish(producer: Producer, inputs: AsyncIterable<Input> | Iterable<Input>): Promise<number> {
    const { io, log } = this.#context;
    let badInput: unknown = null;
    for await (const input of until(inputs, io.interrupted)) {
      badInput = await this.#send(producer, input);
      if (badInput || this.#undelivered.length > 0) break;
    }
    log.info(`closing connection after ${this.#queued} queued message(s) are sent`);
    await this.#finish(producer);
    if (this.#undelivered.length > 0) throw this.#deliveryFailure();
    if (badInput) throw badInput;
    return this.#skipped > 0 ? Exit.incomplete : Exit.ok;
  }

  /** @returns what was wrong with the input, when that ends the run */
  async #send(producer: Producer, input: Input): Promise<unknown> {
    const message = await loaded(input);
    if (message instanceof CommandFailure) {
      if (this.#options.onBadInput === 'stop') return message;
      this.#context.io.stderr.write(`hop: ${message.message}\n`);
      this.#skipped++;
      return null;
    }
    const options = {
      headers: this.#headers,
      test: this.#options.test ?? false,
      ...(this.#options.key === undefined ? {} : { key: this.#options.key }),
    };
    const delivery = producer.write(message, options).then(
      (result) => this.#delivered(input, result),
      (error: unknown) => this.#failed(input, error),
    );
    this.#queued++;
    this.#pending.set(input, delivery);
    if (this.#pending.size >= MOST_PENDING) await Promise.race(this.#pending.values());
    return null;
  }

  #delivered(input: Input, { id, topic, partition, offset, timestamp }: DeliveryResult): void {
    this.#pending.delete(input);
    this.#acknowledged++;
    if (!this.#options.ack) return;
    this.#context.io.stdout.write(`${JSON.stringify({ id, topic, partition, offset: Number(offset), timestamp })}\n`);
  }

  /** Whoever is not pending any more has been counted when the time was up. */
  #failed(input: Input, error: unknown): void {
    if (this.#pending.delete(input)) this.#undelivered.push({ input, error });
  }

  /** Everything accepted is waited for; after an interrupt for a few seconds only. */
  async #finish(producer: Producer): Promise<void> {
    const { interrupted } = this.#context.io;
    const grace = new Promise<void>((resolve) => {
      const begin = (): void => void setTimeout(resolve, GRACE_MS).unref();
      if (interrupted.aborted) begin();
      else interrupted.addEventListener('abort', begin, { once: true });
    });
    await Promise.race([Promise.all(this.#pending.values()), grace]);
    for (const input of this.#pending.keys()) {
      this.#undelivered.push({ input, error: new CommandFailure('interrupted before it was acknowledged') });
    }
    this.#pending.clear();
    const isLost = this.#undelivered.length > 0;
    await producer.close({ timeoutMs: isLost ? 0 : this.#options.timeout * MS }).catch((error: unknown) => {
      if (!isLost) throw error; // what was lost is reported message by message
    });
  }

  /** The first cause, with the number of messages it cost; 3 and 4 only when nothing at all went through. */
  #deliveryFailure(): CommandFailure {
    const { io } = this.#context;
    const lost = `${this.#undelivered.length} of ${this.#queued} message(s) not delivered`;
    if (io.interrupted.aborted) {
      io.stderr.write('Aborted (CTRL-C).\n');
      for (const { input } of this.#undelivered) io.stderr.write(`hop: ${input.place}: not delivered\n`);
      return new CommandFailure(lost, io.interrupted.reason === 'SIGTERM' ? Exit.sigterm : Exit.sigint);
    }
    const first = failureOf(this.#undelivered[0]?.error);
    const exit = this.#acknowledged > 0 ? Exit.incomplete : first.exit;
    return new CommandFailure(`${lost}: ${first.message}`, exit, first.hint, first);
  }

  #checkPiped(): void {
    const { format, whole, lengthPrefixed, delimiter } = this.#options;
    if (whole || lengthPrefixed || delimiter !== undefined || STREAMED.includes(format.toUpperCase())) return;
    throw new CommandFailure(
      `${format.toUpperCase()} cannot be read from standard input line by line: only ${STREAMED.join(' and ')} can`,
      Exit.failure,
      'give files, or say how the input is cut: --whole, --length-prefixed or -D',
    );
  }
}

function parseHeader(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 0) throw new UsageFailure(`argument -H/--header: not NAME=VALUE: ${text}`);
  const name = text.slice(0, at);
  if (name.startsWith('_'))
    throw new UsageFailure(`argument -H/--header: ${name} is reserved: names beginning with _ are hop's own`);
  return [name, text.slice(at + 1)];
}

function* fromFiles(files: readonly string[], model: ModelClass): Generator<Input> {
  for (const file of files) yield { place: file, load: () => model.loadFile(file) };
}

async function* fromStdin(io: Io, model: ModelClass, framing: Framing): AsyncGenerator<Input> {
  let line = 0;
  for await (const bytes of messagesOf(io.stdin, framing)) {
    line++;
    const place = framing.whole ? 'standard input' : `standard input, line ${line}`;
    // A copy: the chunk it lies in is reused.
    yield { place, load: () => model.load(Buffer.from(bytes)) };
  }
}

async function loaded({ place, load }: Input): Promise<MessageModel | CommandFailure> {
  try {
    return await load();
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return new CommandFailure(
      `${place}: ${isMissing ? 'no such file' : error instanceof Error ? error.message : error}`,
    );
  }
}

/** Ends as soon as the signal is aborted, also while waiting for more input. */
async function* until<T>(items: AsyncIterable<T> | Iterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const stopped = new Promise<null>((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener('abort', () => resolve(null), { once: true });
  });
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  for (;;) {
    const next = await Promise.race([iterator.next(), stopped]);
    if (!next || next.done) return;
    yield next.value;
  }
}
