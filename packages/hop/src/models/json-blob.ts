// Any JSON value, with its digits.
import { readFile } from 'node:fs/promises';
import { DecodeError } from '../errors.ts';
import {
  type JsonValue,
  type ParseOptions,
  parseMember,
  type WriteOptions,
  writeMember,
} from '../formats/json/lossless.ts';
import { decodeUtf8 } from '../formats/text.ts';
import { MessageModel, type SerializedMessage } from './model.ts';

/** A JSON document. Numbers that came from text keep the digits Python would write for them. */
export class JSONBlob extends MessageModel {
  static readonly formatName = 'json';
  #holder: { value: unknown };

  constructor(content: unknown) {
    super();
    this.#holder = { value: content };
  }

  static load(input: Uint8Array | string, options?: ParseOptions): JSONBlob {
    const text = typeof input === 'string' ? input : decodeUtf8(input);
    if (text === undefined) throw new DecodeError('not JSON: the bytes are not UTF-8');
    const blob = new JSONBlob(null);
    blob.#holder = parseMember(text, options);
    return blob;
  }

  static async loadFile(path: string): Promise<JSONBlob> {
    return JSONBlob.load(await readFile(path));
  }

  static deserialize(bytes: Buffer): JSONBlob {
    return JSONBlob.load(bytes);
  }

  get content(): unknown {
    return this.#holder.value;
  }

  set content(content: JsonValue) {
    this.#holder = { value: content };
  }

  /** Throws TypeError naming the path for NaN, infinities and what JSON cannot hold. */
  serialize(): SerializedMessage {
    return { format: JSONBlob.formatName, content: Buffer.from(writeMember(this.#holder, 'value')) };
  }

  /** One line; NaN and infinities that were received are written as Python does. */
  toBytes(): Buffer {
    return Buffer.from(this.toString());
  }

  override toString(): string {
    return this.write({ allowNaN: true });
  }

  /** The content in another layout, its digits kept. */
  write(options: WriteOptions): string {
    return writeMember(this.#holder, 'value', options);
  }
}
