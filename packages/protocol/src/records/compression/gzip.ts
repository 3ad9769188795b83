// gzip (RFC 1952) by node:zlib, which reads concatenated members as one.
import { CorruptBatchError } from '../corrupt-batch-error.ts';
import { nodeZlib } from './node-zlib.ts';
import { tooLarge } from './output.ts';

export function gzip(bytes: Uint8Array): Buffer {
  return nodeZlib().gzipSync(bytes);
}

export function gunzip(bytes: Uint8Array, limit: number): Buffer {
  try {
    const unpacked = nodeZlib().gunzipSync(bytes, { maxOutputLength: Math.max(limit, 1) });
    if (unpacked.length <= limit) return unpacked;
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(limit, error);
    throw new CorruptBatchError('its gzip data is broken', { cause: error });
  }
  throw tooLarge(limit); // node:zlib knows no limit of 0
}
