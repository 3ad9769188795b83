// What passes between a client and the broker, for whoever wants to look at it or keep it.

/** One request and what came of it. */
export interface Exchange {
  /** Connections are numbered from 1 as they are accepted. */
  readonly connection: number;
  /** The frame with its size. After SaslHandshake v0 it is a bare token. */
  readonly request: Buffer;
  /** The frame with its size; null when there is no answer, or the connection is closed instead. */
  readonly response: Buffer | null;
}

/** With its size, as it was on the wire. */
export function wholeFrame(message: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeInt32BE(message.length);
  return Buffer.concat([size, message]);
}
