// What `hop wire` does, beside reading its options: loaded only when it is asked for, with all codecs.
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { explain } from '@hopwire/protocol';
import { CommandFailure, Exit, UsageFailure } from '../failure.ts';
import { type Io, write } from '../io.ts';
import { type Address, addressText, parseAddress, refusedText } from './address.ts';
import { explainedBy, type PartOptions } from './explained.ts';
import { printed } from './printer.ts';
import { WireProxy } from './proxy.ts';
import { bytesOf } from './source.ts';

export interface ExplainOptions extends PartOptions {
  readonly mostRecords?: number;
}

export interface FollowOptions {
  readonly follow: string;
  readonly listen: string;
  readonly rewrite: boolean;
  readonly brief?: boolean;
  readonly tls?: boolean;
  readonly ca?: string;
  readonly mostRecords?: number;
}

/** Of each batch, while following: the first ones say what it is about. */
const RECORDS_FOLLOWED = 10;

/** `hop wire <hex|file|->` */
export async function explainSource(source: string, options: ExplainOptions, io: Io): Promise<void> {
  const what = explainedBy(options);
  const { mostRecords } = options;
  const bytes = await bytesOf(source, io);
  await write(io.stdout, `${explain(bytes, what, mostRecords === undefined ? {} : { mostRecords })}\n`);
}

/** `hop wire --follow`: until it is interrupted. */
export async function follow(options: FollowOptions, io: Io): Promise<void> {
  const { rewrite, brief = false, mostRecords = RECORDS_FOLLOWED } = options;
  const tls = options.tls || options.ca !== undefined ? { ca: pem(options.ca) } : null;
  const broker = addressOf('--follow', options.follow);
  const listen = addressOf('--listen', options.listen, '127.0.0.1');
  const proxy = await WireProxy.start({
    broker,
    listen,
    tls,
    rewrites: rewrite,
    onEvent: (event) => write(io.stdout, printed(event, { isBrief: brief, mostRecords })),
    onListening: (to, local) => void io.stdout.write(`listening on ${addressText(local)} for ${addressText(to)}\n`),
  }).catch((error: Error) => {
    throw new CommandFailure(`cannot listen: ${error.message}`, Exit.connection, 'choose another port with --listen');
  });
  if (!io.interrupted.aborted) await once(io.interrupted, 'abort');
  await proxy.close();
}

function addressOf(option: string, text: string, defaultHost?: string): Address {
  const address = parseAddress(text, defaultHost);
  if (!address)
    throw new UsageFailure(
      `argument ${option}: not ${defaultHost ? '[HOST:]PORT' : 'HOST:PORT'}: ${refusedText(text)}`,
    );
  return address;
}

function pem(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  if (!existsSync(file)) throw new UsageFailure(`argument --ca: no such file: ${file}`);
  return readFileSync(file, 'utf8');
}
