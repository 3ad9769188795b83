// A line of the trace for what was written to a connection: which request, or the answer to which.
import { apis } from '@hopwire/protocol';

const SMALLEST_REQUEST = 12;
const SMALLEST_ANSWER = 8;

/** The text is made when somebody reads it, but what it needs of the requests is noted now. */
export function frameText(
  where: string,
  direction: '<' | '>',
  bytes: Buffer,
  asked: Map<number, string>,
): () => string {
  const { length } = bytes;
  if (direction === '>') {
    const what = requestOf(bytes, asked);
    return () => `${where} ${what}, ${length} B`;
  }
  const answered = length < SMALLEST_ANSWER ? undefined : asked.get(bytes.readInt32BE(4));
  return () => `${where} answer to ${answered ?? 'something'}, ${length} B`;
}

function requestOf(bytes: Buffer, asked: Map<number, string>): string {
  if (bytes.length < SMALLEST_REQUEST) return 'bytes';
  const correlation = bytes.readInt32BE(8);
  const what = `${nameOf(bytes.readInt16BE(4))} v${bytes.readInt16BE(6)} (${correlation})`;
  asked.set(correlation, what);
  return what;
}

const names: ReadonlyMap<number, string> = new Map(apis.map(({ key, name }) => [key, name]));

function nameOf(key: number): string {
  return names.get(key) ?? `API ${key}`;
}
