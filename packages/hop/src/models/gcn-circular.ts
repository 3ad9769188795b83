// GCN Circulars: mail-like text in files, a JSON object on the wire.
import { readFile } from 'node:fs/promises';
import { DecodeError } from '../errors.ts';
import { parseJson, quote, writeJson } from '../formats/json/lossless.ts';
import { parseHeaderBlock } from '../formats/rfc822.ts';
import { decodeUtf8, universalNewlines } from '../formats/text.ts';
import { MessageModel, type SerializedMessage } from './model.ts';

/** A circular: header fields by lower-case name, in order, and the body. */
export class GCNCircular extends MessageModel {
  static readonly formatName = 'circular';
  header: Record<string, string>;
  body: string;
  /** Members of a received message that are not part of a circular. */
  extra: Record<string, unknown> = {};

  constructor(header: Record<string, string>, body: string) {
    super();
    this.header = header;
    this.body = body;
  }

  /** From the text form; line ends are kept as they are. */
  static load(input: Uint8Array | string): GCNCircular {
    const text = typeof input === 'string' ? input : decodeUtf8(input);
    if (text === undefined) throw new DecodeError('not a circular: the text is not UTF-8');
    const { header, body } = parseHeaderBlock(text);
    return new GCNCircular(header, body);
  }

  /** From a text file; its line ends become LF. */
  static async loadFile(path: string): Promise<GCNCircular> {
    const text = decodeUtf8(await readFile(path));
    if (text === undefined) throw new DecodeError('not a circular: the text is not UTF-8');
    return GCNCircular.load(universalNewlines(text));
  }

  static deserialize(bytes: Buffer): GCNCircular {
    const text = decodeUtf8(bytes);
    const value = text === undefined ? undefined : parseJson(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new DecodeError('not a circular: a JSON object with header and body is expected');
    }
    const { header, body, ...extra } = value;
    if (typeof body !== 'string') throw new DecodeError('not a circular: the field body is missing or no text');
    const circular = new GCNCircular(headerFrom(header), body);
    circular.extra = extra;
    return circular;
  }

  serialize(): SerializedMessage {
    const text = `{"header": ${writeJson(this.header)}, "body": ${quote(this.body)}}`;
    return { format: GCNCircular.formatName, content: Buffer.from(text) };
  }

  toBytes(): Buffer {
    return Buffer.from(this.toString());
  }

  /** The text form. */
  override toString(): string {
    const lines = Object.entries(this.header).map(([name, value]) => `${`${name.toUpperCase()}:`.padEnd(9)}${value}\n`);
    return `${lines.join('')}\n${this.body}`;
  }
}

function headerFrom(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new DecodeError('not a circular: the field header is missing or no object');
  }
  const texts = Object.entries(value).map(([name, text]): [string, string] => {
    if (typeof text !== 'string') throw new DecodeError(`not a circular: header ${name} is no text`);
    return [name, text];
  });
  return Object.fromEntries(texts);
}
