// Standard input cut into messages, as bytes and as they come: each one is handed on when its end is seen.
import type { Readable } from 'node:stream';
import { CommandFailure } from './failure.ts';

const CARRIAGE_RETURN = 0x0d;
const LENGTH_BYTES = 4;

export interface Framing {
  /** Bytes between messages; null: the default, LF with a CR before it dropped. */
  readonly delimiter: Buffer | null;
  readonly whole: boolean;
  readonly lengthPrefixed: boolean;
}

export function messagesOf(stdin: Readable, framing: Framing): AsyncIterable<Buffer> {
  if (framing.lengthPrefixed) return lengthPrefixed(stdin);
  if (framing.whole || framing.delimiter?.length === 0) return whole(stdin);
  return delimited(stdin, framing.delimiter ?? Buffer.from('\n'), framing.delimiter === null);
}

async function* whole(stdin: Readable): AsyncGenerator<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
  const bytes = Buffer.concat(chunks);
  if (bytes.length > 0) yield bytes;
}

async function* delimited(stdin: Readable, delimiter: Buffer, dropCarriageReturn: boolean): AsyncGenerator<Buffer> {
  const message = (bytes: Buffer): Buffer =>
    dropCarriageReturn && bytes.at(-1) === CARRIAGE_RETURN ? bytes.subarray(0, -1) : bytes;
  let rest: Buffer = Buffer.alloc(0);
  let searched = 0;
  for await (const chunk of stdin) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, Buffer.from(chunk)]);
    let start = 0;
    for (let at = rest.indexOf(delimiter, searched); at >= 0; at = rest.indexOf(delimiter, start)) {
      yield message(rest.subarray(start, at));
      start = at + delimiter.length;
    }
    rest = rest.subarray(start);
    // A delimiter of several bytes may be cut by the chunk's end.
    searched = Math.max(0, rest.length - delimiter.length + 1);
  }
  if (rest.length > 0) yield rest;
}

async function* lengthPrefixed(stdin: Readable): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stdin) {
    rest = Buffer.concat([rest, Buffer.from(chunk)]);
    while (rest.length >= LENGTH_BYTES && rest.length >= LENGTH_BYTES + rest.readUInt32BE(0)) {
      const end = LENGTH_BYTES + rest.readUInt32BE(0);
      yield rest.subarray(LENGTH_BYTES, end);
      rest = rest.subarray(end);
    }
  }
  if (rest.length > 0)
    throw new CommandFailure('standard input ends within a message: its length announces more bytes');
}
