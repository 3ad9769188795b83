// Zstandard (RFC 8878): by Node's own codec where there is one, else by ours, which has the last word on what is broken.
// Ours reads straight into the output: no window is kept, whatever a header asks for. Checksums of the content (64 bits,
// slow without integers of that size) are skipped: the batch around it has one.
import { atOnce, type Steps } from '../../steps.ts';
import { Span } from './copy-run.ts';
import { nodeZlib } from './node-zlib.ts';
import { Output, TooLargeError, tooLarge } from './output.ts';
import { CHUNK, drain, upToAChunk } from './unpack-elsewhere.ts';
import { PADDING } from './zstd-bit-reader.ts';
import { ZstdBlocks } from './zstd-block.ts';
import { brokenZstd } from './zstd-error.ts';
import { packZstd } from './zstd-frame.ts';

const FRAME = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
const MAX_BLOCK = 128 * 1024;
const LONGEST_HEADER = 18;

/** One frame with its content size. */
export function zstd(bytes: Uint8Array): Buffer {
  const { zstdCompressSync } = nodeZlib();
  return zstdCompressSync ? zstdCompressSync(bytes, { pledgedSrcSize: bytes.length }) : packZstd(bytes);
}

/** Of one frame: what its header says. */
interface Frame {
  /** null when not announced. */
  readonly contentSize: number | null;
  readonly hasChecksum: boolean;
  /** Where the first block begins. */
  readonly start: number;
}

/** Where its bytes begin in the output, and where they must end; Infinity when nothing is announced. */
interface Content {
  readonly start: number;
  readonly end: number;
}

/** What is read into, and what the frame leaves from block to block. */
interface Reading {
  readonly bytes: Buffer;
  /** The same bytes with some zeros behind them. */
  readonly input: Span;
  readonly out: Output;
  readonly blocks: ZstdBlocks;
}

/** Not in use; making them takes time. */
let spare: ZstdBlocks | null = null;

export function unpackZstd(bytes: Buffer, limit: number): Buffer {
  return unpackNatively(bytes, limit) ?? unpackZstdSlowly(bytes, limit);
}

/** What is small is unpacked natively at once, and what turns out to be large on another thread. */
export function* unpackZstdInSteps(bytes: Buffer, limit: number): Steps<Buffer> {
  const { createZstdDecompress } = nodeZlib();
  if (!createZstdDecompress) return yield* slowly(bytes, limit);
  const unpacked = upToAChunk(bytes.length, limit, (most) => unpackNatively(bytes, most));
  if (unpacked !== 'more') return unpacked ?? (yield* slowly(bytes, limit));
  const stream = createZstdDecompress({ chunkSize: CHUNK });
  const { out, failure } = yield* drain(stream, bytes, announced(bytes), limit);
  if (failure === null && stream.bytesWritten === bytes.length) return out.bytes();
  if (failure instanceof TooLargeError) throw failure;
  return yield* slowly(bytes, limit);
}

/** Of the first frame; not believed beyond what so many bytes may stand for, blocks of one byte each. */
function announced(bytes: Buffer): number {
  if (bytes.length < LONGEST_HEADER || bytes.readUInt32LE(0) !== FRAME) return 0;
  const { contentSize } = frameAt(bytes, 0);
  return Math.min(contentSize ?? 0, (bytes.length / 4) * MAX_BLOCK);
}

/** @returns null when there is no native reader, or it is not content: it ends after one frame, and knows no 1 GiB window */
function unpackNatively(bytes: Buffer, limit: number): Buffer | null {
  const { zstdDecompressSync } = nodeZlib();
  if (!zstdDecompressSync) return null;
  try {
    const { buffer, engine } = zstdDecompressSync(bytes, { maxOutputLength: Math.max(limit, 1), info: true });
    return engine.bytesWritten === bytes.length && buffer.length <= limit ? buffer : null;
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(limit, error);
    return null;
  }
}

/** By our own reader. */
export function unpackZstdSlowly(bytes: Buffer, limit: number): Buffer {
  return atOnce(slowly(bytes, limit));
}

function* slowly(bytes: Buffer, limit: number): Steps<Buffer> {
  if (bytes.length === 0) throw brokenZstd('nothing there');
  const padded = Buffer.alloc(bytes.length + PADDING);
  bytes.copy(padded);
  // Another reading may begin between two steps of this one: it takes tables of its own.
  const own = spare ?? new ZstdBlocks();
  spare = null;
  const out = new Output(4 * bytes.length, limit);
  const reading: Reading = { bytes, input: new Span(padded), out, blocks: own };
  try {
    for (let at = 0; at < bytes.length; yield) at = yield* unpackNext(reading, at);
  } finally {
    own.reset();
    spare = own;
  }
  return out.bytes();
}

/** @returns the position after the frame, or after what is to be skipped */
function* unpackNext(reading: Reading, at: number): Steps<number> {
  const { bytes } = reading;
  need(bytes, at, 8);
  const magic = bytes.readUInt32LE(at);
  if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) {
    const size = bytes.readUInt32LE(at + 4);
    need(bytes, at + 8, size);
    return at + 8 + size;
  }
  if (magic !== FRAME) throw brokenZstd('no zstd frame');
  return yield* unpackFrame(reading, frameAt(bytes, at));
}

function frameAt(bytes: Buffer, at: number): Frame {
  const flags = bytes[at + 4] as number;
  if (flags & 0x03) throw brokenZstd('it needs a dictionary');
  if (flags & 0x08) throw brokenZstd('a reserved bit of the header is set');
  const isSingleSegment = (flags & 0x20) !== 0;
  const sizeAt = at + (isSingleSegment ? 5 : 6);
  const sizeBytes = flags >> 6 === 0 ? Number(isSingleSegment) : 1 << (flags >> 6);
  need(bytes, sizeAt, sizeBytes);
  return {
    contentSize: sizeBytes === 0 ? null : contentSize(bytes, sizeAt, sizeBytes),
    hasChecksum: (flags & 0x04) !== 0,
    start: sizeAt + sizeBytes,
  };
}

function contentSize(bytes: Buffer, at: number, size: number): number {
  if (size === 8) return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;
  return bytes.readUIntLE(at, size) + (size === 2 ? 256 : 0);
}

function* unpackFrame(reading: Reading, { contentSize, hasChecksum, start }: Frame): Steps<number> {
  const { bytes, out } = reading;
  const frameStart = out.length;
  if ((contentSize ?? 0) > out.limit - frameStart) throw tooLarge(out.limit);
  reading.blocks.reset();
  const end = contentSize === null ? Infinity : frameStart + contentSize;
  const content = { start: frameStart, end };
  let at = start;
  for (let isLast = false; !isLast; ) {
    need(bytes, at, 3);
    const head = bytes.readUIntLE(at, 3);
    isLast = (head & 1) === 1;
    yield* out.makeRoom(MAX_BLOCK);
    at = unpackBlock(reading, at + 3, (head >> 1) & 3, head >> 3, content);
    if (!isLast) yield;
  }
  const size = out.length - frameStart;
  if (contentSize !== null && contentSize !== size) throw brokenZstd(`${contentSize} bytes announced, ${size} found`);
  if (!hasChecksum) return at;
  need(bytes, at, 4);
  return at + 4;
}

/** @returns the position after the block */
function unpackBlock(
  { bytes, input, out, blocks }: Reading,
  at: number,
  type: number,
  size: number,
  content: Content,
): number {
  if (size > MAX_BLOCK) throw brokenZstd(`block of ${size} bytes`);
  const end = at + (type === 1 ? 1 : size);
  need(bytes, at, end - at);
  if (type === 0) out.push(input, at, end);
  else if (type === 1) repeatByte(out, bytes[at] as number, size);
  else if (type === 2) {
    blocks.unpack(input, at, end, out, content.start, Math.min(MAX_BLOCK, content.end - out.length));
  } else throw brokenZstd('a block of a type that nobody has defined');
  return end;
}

function repeatByte(out: Output, byte: number, count: number): void {
  const end = out.reserve(count);
  if (end - out.length < count) throw tooLarge(out.limit);
  out.buffer.fill(byte, out.length, end);
  out.length = end;
}

function need(bytes: Buffer, at: number, count: number): void {
  if (count > bytes.length - at) throw brokenZstd(`${count} bytes needed, ${bytes.length - at} left`);
}
