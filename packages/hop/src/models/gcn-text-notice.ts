// GCN classic text notices: `KEY: value` lines.
import { readFile } from 'node:fs/promises';
import { DecodeError } from '../errors.ts';
import { decodeUtf8, strip, stripStart } from '../formats/text.ts';
import { MessageModel, type SerializedMessage } from './model.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: the line ends of Python's str.splitlines
const LINE_END = /\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]/;

/** A text notice; its bytes are kept and sent unchanged. */
export class GCNTextNotice extends MessageModel {
  static readonly formatName = 'gcntextnotice';
  readonly raw: Buffer;
  /** By key in lower case, as hop 0.12: repeated keys joined by LF, any line with a colon is a key. */
  readonly fields: Record<string, string>;
  /** In order, keys as written; indented lines continue the entry before them. */
  readonly entries: readonly (readonly [key: string, value: string])[];

  constructor(raw: Uint8Array) {
    super();
    this.raw = Buffer.from(raw);
    const text = decodeUtf8(this.raw);
    if (text === undefined) throw new DecodeError('not a text notice: the bytes are not UTF-8');
    const stripped = strip(text);
    const lines = stripped ? stripped.split(LINE_END) : [];
    this.fields = fieldsOf(lines);
    this.entries = entriesOf(lines);
  }

  static load(input: Uint8Array | string): GCNTextNotice {
    if (typeof input === 'string') throw new TypeError('GCNTextNotice.load takes bytes: they are sent unchanged');
    return new GCNTextNotice(input);
  }

  static async loadFile(path: string): Promise<GCNTextNotice> {
    return new GCNTextNotice(await readFile(path));
  }

  static deserialize(bytes: Buffer): GCNTextNotice {
    return new GCNTextNotice(bytes);
  }

  serialize(): SerializedMessage {
    return { format: GCNTextNotice.formatName, content: this.raw };
  }

  toBytes(): Buffer {
    return this.raw;
  }

  override toString(): string {
    return this.raw.toString('utf8');
  }
}

function fieldsOf(lines: readonly string[]): Record<string, string> {
  const fields = new Map<string, string>();
  let last: string | undefined;
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 0 && last === undefined) continue;
    const key: string = colon < 0 ? (last ?? '') : strip(line.slice(0, colon)).toLowerCase();
    const value = colon < 0 ? stripStart(line) : strip(line.slice(colon + 1));
    const before = fields.get(key);
    fields.set(key, before === undefined ? value : `${before}\n${value}`);
    last = key;
  }
  return Object.fromEntries(fields);
}

function entriesOf(lines: readonly string[]): [string, string][] {
  const entries: [string, string][] = [];
  for (const line of lines) {
    const colon = line.indexOf(':');
    const last = entries.at(-1);
    if (colon >= 0 && !/^\s/.test(line)) entries.push([strip(line.slice(0, colon)), strip(line.slice(colon + 1))]);
    else if (last) last[1] += `\n${stripStart(line)}`;
  }
  return entries;
}
