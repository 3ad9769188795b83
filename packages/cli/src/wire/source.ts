// The bytes to be explained: hex on the command line, a file of hex or of the bytes themselves, or standard input.
import { existsSync, readFileSync } from 'node:fs';
import { UsageFailure } from '../failure.ts';
import { type Io, readAll } from '../io.ts';

/** @throws {UsageFailure} when it is neither */
export async function bytesOf(source: string, io: Io): Promise<Buffer> {
  if (source === '-') return unwrapped(await readAll(io.stdin));
  if (existsSync(source)) return unwrapped(readFileSync(source));
  const bytes = fromHex(source);
  if (!bytes) throw new UsageFailure(`neither a file nor hex digits: ${source}`);
  return bytes;
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
