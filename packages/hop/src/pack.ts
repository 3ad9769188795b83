// From what a user wants to say to the bytes and headers of a record.
import { buildHeaders, type HeadersInput } from './headers.ts';
import { newId } from './message-id.ts';
import type { MessageHeader } from './metadata.ts';
import { Blob } from './models/blob.ts';
import { JSONBlob } from './models/json-blob.ts';
import type { SerializedMessage } from './models/model.ts';

export interface PackOptions {
  headers?: HeadersInput;
  /** Mark it as a test message. */
  test?: boolean;
  /** User name for `_sender`. */
  sender?: string;
  /** Let user headers begin with `_`. */
  allowReserved?: boolean;
}

/** A message ready to be sent. */
export interface PackedMessage {
  id: Buffer;
  value: Buffer;
  headers: MessageHeader[];
}

/** Serialises a model, bytes, or anything JSON can express. Throws TypeError with the path of what cannot be. */
export function pack(message: unknown, options: PackOptions = {}): PackedMessage {
  const { format, content } = serialized(message);
  return packBytes(content, format, options);
}

/** Bytes that are a message of a format already. */
export function packBytes(value: Buffer, format: string, options: PackOptions): PackedMessage {
  const id = newId();
  const own = { id, sender: options.sender, test: options.test ?? false, format };
  return { id, value, headers: buildHeaders(options.headers, own, options.allowReserved) };
}

function serialized(message: unknown): SerializedMessage {
  if (message instanceof Uint8Array) return new Blob(message).serialize();
  return isSerializable(message) ? message.serialize() : new JSONBlob(message).serialize();
}

function isSerializable(message: unknown): message is { serialize(): SerializedMessage } {
  return (
    typeof message === 'object' && message !== null && 'serialize' in message && typeof message.serialize === 'function'
  );
}
