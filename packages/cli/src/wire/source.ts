// The bytes to be explained: hex on the command line, a file of hex or of the bytes themselves, or standard input.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { UsageFailure } from '../failure.ts';
import { type Io, readAll } from '../io.ts';
import { refusedText } from './address.ts';

/** @throws {UsageFailure} when it is neither, or empty */
export async function bytesOf(source: string, io: Io): Promise<Buffer> {
  const bytes = source === '-' ? unwrapped(await readAll(io.stdin)) : fromFile(source);
  if (bytes.length === 0) throw new UsageFailure(`no bytes in ${source === '-' ? 'standard input' : source}`);
  return bytes;
}

function fromFile(source: string): Buffer {
  if (!existsSync(source)) {
    const bytes = fromHex(source);
    if (!bytes) throw new UsageFailure(`neither a file nor hex digits: ${refusedText(source)}`);
    return bytes;
  }
  if (statSync(source).isDirectory()) throw new UsageFailure(`a folder, not a file: ${source}`);
  return unwrapped(readFileSync(source));
}

/** Text that is all hex digits is meant as such: no message of Kafka consists of them. */
function unwrapped(content: Buffer): Buffer {
  return fromHex(content.toString('latin1')) ?? content;
}

/** Blanks, line breaks and colons between the digits do not count. */
function fromHex(text: string): Buffer | null {
  const digits = text.replace(/[\s:]|^0x/g, '');
  return /^([0-9a-f]{2})+$/i.test(digits) ? Buffer.from(digits, 'hex') : null;
}
