// A delivered message as one line of JSON.

import { UsageError } from './errors.ts';
import { writeJson } from './formats/json/lossless.ts';
import { decodeUtf8 } from './formats/text.ts';
import { Blob } from './models/blob.ts';
import { GCNCircular } from './models/gcn-circular.ts';
import { GCNTextNotice } from './models/gcn-text-notice.ts';
import { JSONBlob } from './models/json-blob.ts';
import type { MessageModel } from './models/model.ts';
import { VOEvent } from './models/voevent.ts';

const OPTIONS = { compact: true, allowNaN: 'strings' } as const;
// What does not count as text.
const CONTROL = /(?![\t\n\r])\p{Cc}/u;

/** One line without its end. `raw` adds the body as base64. */
export function jsonLine(message: MessageModel, options: { raw?: boolean } = {}): string {
  const { received } = message;
  if (!received) throw new UsageError('only received messages have a JSON line');
  const members: [string, string][] = Object.entries({
    topic: received.topic,
    partition: received.partition,
    offset: received.offset,
    timestamp: received.timestamp,
    time: timeOf(received.timestamp),
    key: bytesOf(received.key),
    headers: received.headers.map(([name, value]) => [name, bytesOf(value)]),
    id: received.id,
    sender: received.sender,
    test: received.isTest,
    format: received.format,
  }).map(([name, value]) => [name, writeJson(value, OPTIONS)]);
  members.push(['content', received.error ? 'null' : contentOf(message)]);
  if (received.error) {
    const { code, message: text } = received.error;
    members.push(['error', writeJson({ code, message: text }, OPTIONS)]);
  }
  if (options.raw) members.push(['raw', JSON.stringify(received.raw?.toString('base64') ?? null)]);
  return `{${members.map(([name, text]) => `"${name}":${text}`).join(',')}}`;
}

/** Broken clocks exist: a time that no date can hold is null. */
function timeOf(timestamp: number): string | null {
  const date = new Date(timestamp);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

function contentOf(message: MessageModel): string {
  if (message instanceof JSONBlob) return message.write(OPTIONS);
  return writeJson(plainContent(message), OPTIONS);
}

function plainContent(message: MessageModel): unknown {
  if (message instanceof Blob) return bytesOf(message.content);
  if (message instanceof VOEvent) return message.fields();
  if (message instanceof GCNCircular) return { header: message.header, body: message.body };
  if (message instanceof GCNTextNotice) return message.fields;
  return bytesOf(message.toBytes());
}

/** Text where the bytes are text, else base64. */
function bytesOf(bytes: Buffer | null): string | { base64: string } | null {
  if (bytes === null) return null;
  const text = decodeUtf8(bytes);
  return text === undefined || CONTROL.test(text) ? { base64: bytes.toString('base64') } : text;
}
