// What goes back for a frame: between the router, which makes it, and the connection, which sends it.

/** The connection is to be closed without an answer, because a test or the protocol wants it so. */
export const CLOSE: unique symbol = Symbol('close');

/** Bytes to write; null for no answer. */
export type Reply = readonly Buffer[] | null | typeof CLOSE;
