// Zstandard (RFC 8878): written by Node's own encoder where there is one, read by fzstd. Frames are walked before they
// are read: fzstd allocates whatever window a header asks for, so that a few bytes could make it take 2 GB.
import zlib from 'node:zlib';
import { Decompress } from 'fzstd';
import { CorruptBatchError } from '../corrupt-batch-error.ts';
import { Output, tooLarge } from './output.ts';
import { packZstd } from './zstd-frame.ts';

const FRAME = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
const MAX_BLOCK = 128 * 1024;
/** The window every decoder is asked to support, whatever the limit (RFC 8878, 3.1.1.1.2). */
const MIN_WINDOW_LIMIT = 8 * 1024 * 1024;

/** What Node may have (22.15, 23.8), beside something that it always has. */
interface Zlib {
  readonly gzipSync: typeof zlib.gzipSync;
  readonly zstdCompressSync?: (bytes: Uint8Array, options: { pledgedSrcSize: number }) => Buffer;
}

// Taken from the default export, which may lack it: a named import would not even load on Node 20.
const { zstdCompressSync }: Zlib = zlib;

/** One frame with its content size. */
export function zstd(bytes: Uint8Array): Buffer {
  return zstdCompressSync ? zstdCompressSync(bytes, { pledgedSrcSize: bytes.length }) : packZstd(bytes);
}

export function unpackZstd(bytes: Buffer, limit: number): Buffer {
  if (bytes.length === 0) throw broken('nothing there');
  for (let at = 0; at < bytes.length; ) at = endOfFrame(bytes, at, limit);
  const out = new Output(4 * bytes.length, limit);
  try {
    // The handler throws at the first block too many: nothing is unpacked beyond the limit.
    new Decompress((chunk) => out.push(chunk, 0, chunk.length)).push(bytes, true);
  } catch (error) {
    if (error instanceof CorruptBatchError) throw error;
    throw broken(error instanceof Error ? error.message : String(error), error);
  }
  return out.bytes();
}

/** Checks what a frame announces, and steps over its blocks. */
function endOfFrame(bytes: Buffer, at: number, limit: number): number {
  need(bytes, at, 9);
  const magic = bytes.readUInt32LE(at);
  if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) return at + 8 + bytes.readUInt32LE(at + 4);
  if (magic !== FRAME) throw broken('no zstd frame');
  const flags = bytes[at + 4] as number;
  if (flags & 0x03) throw broken('it needs a dictionary');
  const isSingleSegment = (flags & 0x20) !== 0;
  const sizeAt = at + (isSingleSegment ? 5 : 6);
  const sizeBytes = flags >> 6 === 0 ? Number(isSingleSegment) : 1 << (flags >> 6);
  need(bytes, sizeAt, sizeBytes + 3);
  const window = isSingleSegment ? 0 : windowSize(bytes[at + 5] as number);
  if (window > Math.max(limit, MIN_WINDOW_LIMIT)) throw broken(`it needs a window of ${window} bytes`);
  if (contentSize(bytes, sizeAt, sizeBytes) > limit) throw tooLarge(limit);
  return endOfBlocks(bytes, sizeAt + sizeBytes) + (flags & 0x04 ? 4 : 0);
}

function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

/** 0 when not announced. */
function contentSize(bytes: Buffer, at: number, size: number): number {
  if (size === 0) return 0;
  if (size === 8) return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 0x100000000;
  return bytes.readUIntLE(at, size) + (size === 2 ? 256 : 0);
}

function endOfBlocks(bytes: Buffer, start: number): number {
  for (let at = start; ; ) {
    need(bytes, at, 3);
    const head = bytes.readUIntLE(at, 3);
    const size = head >> 3;
    if (size > MAX_BLOCK) throw broken(`block of ${size} bytes`);
    const isRepeatedByte = ((head >> 1) & 3) === 1;
    at += 3;
    need(bytes, at, isRepeatedByte ? 1 : size);
    at += isRepeatedByte ? 1 : size;
    if (head & 1) return at;
  }
}

function need(bytes: Buffer, at: number, count: number): void {
  if (count > bytes.length - at) throw broken(`${count} bytes needed, ${bytes.length - at} left`);
}

function broken(reason: string, cause?: unknown): CorruptBatchError {
  return new CorruptBatchError(`its zstd data is broken: ${reason}`, { cause });
}
