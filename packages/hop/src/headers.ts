// Headers of a message: what users give, and what hop adds.
import { ReservedHeaderError } from './errors.ts';
import { showId } from './message-id.ts';
import type { MessageHeader, Received } from './metadata.ts';

/** Text is taken as UTF-8. */
export type HeaderValue = string | Uint8Array | null;
/** An object, a Map, or pairs, in which a name may come more than once. */
export type HeadersInput = Readonly<Record<string, HeaderValue>> | Iterable<readonly [string, HeaderValue]>;

export interface OwnHeaders {
  id: Buffer;
  sender: string | undefined;
  test: boolean;
  format: string;
}

/** All headers of an outgoing message, in their order. What was given is not changed. */
export function buildHeaders(given: HeadersInput | undefined, own: OwnHeaders, allowReserved = false): MessageHeader[] {
  const headers: MessageHeader[] = pairs(given).map(([name, value]) => {
    if (name.startsWith('_') && !allowReserved) {
      throw new ReservedHeaderError(`the header ${name} is reserved: names beginning with _ are hop's own`);
    }
    return [name, value === null ? null : Buffer.from(value)];
  });
  headers.push(['_id', own.id]);
  if (own.sender !== undefined) headers.push(['_sender', Buffer.from(own.sender)]);
  if (own.test) headers.push(['_test', Buffer.from('true')]);
  headers.push(['_format', Buffer.from(own.format)]);
  return headers;
}

function pairs(given: HeadersInput | undefined): (readonly [string, HeaderValue])[] {
  if (given === undefined) return [];
  return isIterable(given) ? [...given] : Object.entries(given);
}

function isIterable(given: HeadersInput): given is Iterable<readonly [string, HeaderValue]> {
  return Symbol.iterator in given;
}

/** The first value of a header; undefined when there is none. */
export function headerNamed(headers: readonly MessageHeader[], name: string): Buffer | null | undefined {
  return headers.find(([header]) => header === name)?.[1];
}

/** Is this a test message? Any `_test` header says so. */
export function isTest(headers: readonly MessageHeader[]): boolean {
  return headerNamed(headers, '_test') !== undefined;
}

/** What the headers tell about a received message. */
export function receivedFrom(headers: readonly MessageHeader[]): Pick<Received, 'id' | 'sender' | 'isTest'> {
  return {
    id: showId(headerNamed(headers, '_id')),
    sender: headerNamed(headers, '_sender')?.toString('utf8') ?? null,
    isTest: isTest(headers),
  };
}
