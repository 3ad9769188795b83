// Bytes that nobody interprets.
import { readFile } from 'node:fs/promises';
import { MessageModel, type SerializedMessage } from './model.ts';

/** Opaque bytes. `content` is null only for a received record without a body. */
export class Blob extends MessageModel {
  static readonly formatName = 'blob';
  content: Buffer | null;

  constructor(content: Uint8Array | string | null) {
    super();
    this.content = content === null ? null : Buffer.from(content);
  }

  static load(input: Uint8Array | string): Blob {
    return new Blob(input);
  }

  static async loadFile(path: string): Promise<Blob> {
    return new Blob(await readFile(path));
  }

  static deserialize(bytes: Buffer): Blob {
    return new Blob(bytes);
  }

  serialize(): SerializedMessage {
    return { format: Blob.formatName, content: this.toBytes() };
  }

  toBytes(): Buffer {
    return this.content ?? Buffer.alloc(0);
  }

  override toString(): string {
    return this.toBytes().toString('utf8');
  }
}
