// Reads the golden files that `pnpm fixtures` records: `fixtures/<origin>/<api>.txt`.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Direction } from './sample-reader.ts';

/** One frame of a golden file. */
export interface Fixture {
  /** Client and broker it was recorded from, as the name of the folder. */
  readonly origin: string;
  readonly api: string;
  readonly version: number;
  readonly direction: Direction;
  /** Its size included. */
  readonly bytes: Buffer;
}

const folder = fileURLToPath(new URL('../../fixtures', import.meta.url));
const HEAD = /^(request|response) (\w+) v(\d+), (\d+) bytes$/;

/** Names of all origins. */
export function fixtureOrigins(): string[] {
  return readdirSync(folder).sort();
}

/** Every frame of an origin. @throws {SyntaxError} at a line that is none of a golden file */
export function fixturesOf(origin: string): Fixture[] {
  const files = readdirSync(`${folder}/${origin}`).sort();
  return files.flatMap((file) => parse(origin, readFileSync(`${folder}/${origin}/${file}`, 'utf8')));
}

/** Text of a golden file; blocks are parted by empty lines, the first one is its title. */
function parse(origin: string, text: string): Fixture[] {
  const [title = '', ...blocks] = text.trimEnd().split(/\n\n+/);
  if (!/^(#.*\n?)+$/.test(title))
    throw new SyntaxError(`${origin}: a golden file begins with its title, not "${title}"`);
  return blocks.map((block) => {
    const [head = '', ...rows] = block.split('\n');
    const [, direction, api = '', version, length] = HEAD.exec(head) ?? [];
    const bytes = Buffer.from(rows.join(''), 'hex');
    if (bytes.length !== Number(length)) throw new SyntaxError(`${origin}: "${head}" with ${bytes.length} bytes`);
    return {
      origin,
      api,
      version: Number(version),
      direction: direction === 'request' ? 'request' : 'response',
      bytes,
    };
  });
}
