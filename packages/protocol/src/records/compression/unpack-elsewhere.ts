// Node's own codecs in steps. What is small is unpacked at once: the way through another thread would take longer. How
// large it is shows only while it is unpacked, so that is tried up to a size; the rest is done by threads of Node's pool.
import type { Steps } from '../../steps.ts';
import { Span } from './copy-run.ts';
import type { UnpackingStream } from './node-zlib.ts';
import { Output, TooLargeError } from './output.ts';

/** Takes a few milliseconds. */
const MOST_AT_ONCE = 1024 * 1024;
/** A stream gives so much at a time. */
export const CHUNK: number = 256 * 1024;

export interface Drained {
  readonly out: Output;
  /** null: it ended well */
  readonly failure: unknown;
}

/** @returns `more` when it is certainly allowed to be larger than what is done at once, and is */
export function upToAChunk<T>(packed: number, limit: number, unpack: (limit: number) => T): T | 'more' {
  if (packed > MOST_AT_ONCE) return 'more';
  try {
    return unpack(Math.min(limit, MOST_AT_ONCE));
  } catch (error) {
    if (limit > MOST_AT_ONCE && error instanceof TooLargeError) return 'more';
    throw error;
  }
}

/** @param expected how many bytes may come, if somebody says so */
export function* drain(stream: UnpackingStream, bytes: Buffer, expected: number, limit: number): Steps<Drained> {
  const out = new Output(expected, limit);
  let failure: unknown = null;
  yield new Promise<void>((resolve) => {
    const fail = (error: unknown): void => {
      failure ??= error;
      stream.destroy();
      resolve();
    };
    stream.on('data', (chunk) => {
      try {
        out.push(new Span(chunk), 0, chunk.length);
      } catch (error) {
        fail(error);
      }
    });
    stream.on('error', fail);
    stream.on('end', resolve);
    stream.end(bytes);
  });
  return { out, failure };
}
