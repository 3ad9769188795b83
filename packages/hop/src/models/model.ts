// What every message model is.
import type { Received } from '../metadata.ts';

/** A message on its way out: the name that goes into `_format`, and the body. */
export interface SerializedMessage {
  format: string;
  content: Buffer;
}

/** Base of all message models. */
export abstract class MessageModel {
  /** Set on delivered messages only. */
  received?: Received;

  /** The body for the wire. */
  abstract serialize(): SerializedMessage;
  /** What `hop subscribe` writes. */
  abstract toBytes(): Buffer;
}

/** The class side of a model. */
export interface ModelClass<M extends MessageModel = MessageModel> {
  /** The value of the `_format` header, lower case. */
  readonly formatName: string;
  load(input: Uint8Array | string): M;
  loadFile(path: string): Promise<M>;
  deserialize(bytes: Buffer): M;
}
