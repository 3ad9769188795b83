// Request and response of an API by one name, so that a test can say its rule once for both.
import type { AnyApi } from '../api.ts';
import { ProtocolError } from '../errors.ts';
import { decodeRequest, decodeResponse, encodeRequest, encodeResponse } from '../frame/message.ts';
import type { Direction } from './sample-reader.ts';

export const DIRECTIONS: readonly Direction[] = ['request', 'response'];

export function encodeBody(api: AnyApi, direction: Direction, version: number, body: unknown): Buffer {
  return (direction === 'request' ? encodeRequest : encodeResponse)(api, version, body);
}

/** @throws {ProtocolError} also when bytes are left over */
export function decodeBody(api: AnyApi, direction: Direction, version: number, bytes: Buffer): unknown {
  return (direction === 'request' ? decodeRequest : decodeResponse)(api, version, bytes);
}

/**
 * Lengths of the proper prefixes of a body that are not refused as they should be.
 *
 * @throws what a decoder throws that is no ProtocolError
 */
export function prefixesTaken(api: AnyApi, direction: Direction, version: number, body: Buffer): number[] {
  const taken: number[] = [];
  for (let length = 0; length < body.length; length++) {
    if (isTaken(() => decodeBody(api, direction, version, body.subarray(0, length)))) taken.push(length);
  }
  return taken;
}

/** Did it return? A ProtocolError is a refusal; any other error is thrown on. */
export function isTaken(decode: () => unknown): boolean {
  try {
    decode();
    return true;
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}
