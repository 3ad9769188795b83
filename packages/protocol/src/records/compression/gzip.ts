// gzip (RFC 1952) by node:zlib, which reads concatenated members as one.
import type { Steps } from '../../steps.ts';
import { CorruptBatchError } from '../corrupt-batch-error.ts';
import { nodeZlib } from './node-zlib.ts';
import { TooLargeError, tooLarge } from './output.ts';
import { CHUNK, drain, upToAChunk } from './unpack-elsewhere.ts';

/** Deflate's densest code. */
const MOST_PER_BYTE = 1032;
const SIZE_FROM_END = 4;

export function gzip(bytes: Uint8Array): Buffer {
  return nodeZlib().gzipSync(bytes);
}

export function gunzip(bytes: Uint8Array, limit: number): Buffer {
  try {
    const unpacked = nodeZlib().gunzipSync(bytes, { maxOutputLength: Math.max(limit, 1) });
    if (unpacked.length <= limit) return unpacked;
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(limit, error);
    throw broken(error);
  }
  throw tooLarge(limit); // node:zlib knows no limit of 0
}

/** What is small is unpacked at once, and what turns out to be large on another thread. */
export function* gunzipInSteps(bytes: Buffer, limit: number): Steps<Buffer> {
  const unpacked = upToAChunk(bytes.length, limit, (most) => gunzip(bytes, most));
  if (unpacked !== 'more') return unpacked;
  const { out, failure } = yield* drain(nodeZlib().createGunzip({ chunkSize: CHUNK }), bytes, announced(bytes), limit);
  if (failure instanceof TooLargeError) throw failure;
  if (failure !== null) throw broken(failure);
  return out.bytes();
}

/** The last four bytes say how large the last member is; not believed beyond what so many bytes may stand for. */
function announced(bytes: Buffer): number {
  if (bytes.length < SIZE_FROM_END) return 0;
  const size = bytes.readUInt32LE(bytes.length - SIZE_FROM_END);
  return size <= MOST_PER_BYTE * bytes.length ? size : 0;
}

function broken(error: unknown): CorruptBatchError {
  return new CorruptBatchError('its gzip data is broken', { cause: error });
}
