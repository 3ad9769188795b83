// LZ4 frames, reading. https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md and lz4_Block_format.md
import type { Steps } from '../../steps.ts';
import { CorruptBatchError } from '../corrupt-batch-error.ts';
import { copyMatch, copyRun, Span } from './copy-run.ts';
import { Output, tooLarge } from './output.ts';
import { xxh32, xxh32InSteps } from './xxh32.ts';

const FRAME = 0x184d2204;
const SKIPPABLE = 0x184d2a50;
const UNCOMPRESSED = 0x80000000;
const MIN_MATCH = 4;
/** The densest byte is one of a match's length. */
const MOST_PER_BYTE = 255;

interface Frame {
  readonly hasBlockChecksums: boolean;
  readonly hasContentChecksum: boolean;
  readonly maxBlockSize: number;
  /** null when not announced. */
  readonly contentSize: number | null;
  /** Where the first block begins. */
  readonly start: number;
}

/** @param brokenChecksum do not check the header: Kafka 0.8 and 0.9 computed it over the wrong bytes (KIP-57) */
export function* unpackLz4(bytes: Buffer, limit: number, brokenChecksum: boolean): Steps<Buffer> {
  const out = new Output(4 * bytes.length, limit);
  const input = new Span(bytes);
  if (bytes.length === 0) throw broken('nothing there');
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < 8) throw broken('it ends within a frame header');
    const magic = bytes.readUInt32LE(at);
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) at = skipped(bytes, at);
    else at = yield* unpackFrame(bytes, input, frameAt(bytes, at, brokenChecksum), out);
  }
  return out.bytes();
}

function skipped(bytes: Buffer, at: number): number {
  const end = at + 8 + bytes.readUInt32LE(at + 4);
  if (end > bytes.length) throw broken('it ends within a frame to be skipped');
  return end;
}

function frameAt(bytes: Buffer, at: number, brokenChecksum: boolean): Frame {
  if (bytes.readUInt32LE(at) !== FRAME) throw broken('no LZ4 frame');
  const flags = bytes[at + 4] as number;
  if (flags >> 6 !== 1) throw broken(`frame version ${flags >> 6}`);
  if (flags & 0x01) throw broken('it needs a dictionary');
  const sizeId = ((bytes[at + 5] as number) >> 4) & 7;
  if (sizeId < 4) throw broken(`block size ${sizeId}`);
  const hasSize = (flags & 0x08) !== 0;
  const end = at + 6 + (hasSize ? 8 : 0);
  if (end >= bytes.length) throw broken('it ends within a frame header');
  const checksum = (xxh32(bytes, at + 4, end) >>> 8) & 0xff;
  if (!brokenChecksum && bytes[end] !== checksum) throw broken('checksum of the frame header is wrong');
  return {
    hasBlockChecksums: (flags & 0x10) !== 0,
    hasContentChecksum: (flags & 0x04) !== 0,
    maxBlockSize: 1 << (8 + 2 * sizeId),
    contentSize: hasSize ? bytes.readUInt32LE(at + 6) + bytes.readUInt32LE(at + 10) * 2 ** 32 : null,
    start: end + 1,
  };
}

/** @returns the position after the frame */
function* unpackFrame(bytes: Buffer, input: Span, frame: Frame, out: Output): Steps<number> {
  const frameStart = out.length;
  if ((frame.contentSize ?? 0) > out.limit - frameStart) throw tooLarge(out.limit);
  for (let at = frame.start; ; ) {
    if (bytes.length - at < 4) throw broken('it ends before the end mark');
    const word = bytes.readUInt32LE(at);
    at += 4;
    if (word === 0) return yield* endOfFrame(bytes, at, frame, out, frameStart);
    const end = at + (word % UNCOMPRESSED);
    if (end > bytes.length) throw broken(`block of ${end - at} bytes, ${bytes.length - at} left`);
    if (frame.hasBlockChecksums) checkSum(bytes, end, xxh32(bytes, at, end), 'block');
    const most = Math.min(frame.maxBlockSize, MOST_PER_BYTE * (end - at));
    yield* out.makeRoom(most);
    const stop = out.reserve(most);
    if (word >= UNCOMPRESSED) out.length = literals(input, at, end, out, out.length, stop);
    else out.length = unpackBlock(input, at, end, out, frameStart, stop);
    at = end + (frame.hasBlockChecksums ? 4 : 0);
    yield;
  }
}

/** @returns the position after the content's checksum, if there is one */
function* endOfFrame(bytes: Buffer, at: number, frame: Frame, out: Output, start: number): Steps<number> {
  const size = out.length - start;
  if (frame.contentSize !== null && frame.contentSize !== size) {
    throw broken(`${frame.contentSize} bytes announced, ${size} found`);
  }
  if (!frame.hasContentChecksum) return at;
  checkSum(bytes, at, yield* xxh32InSteps(out.buffer, start, out.length), 'content');
  return at + 4;
}

function checkSum(bytes: Buffer, at: number, computed: number, of: string): void {
  if (bytes.length - at < 4) throw broken(`it ends before the checksum of the ${of}`);
  if (bytes.readUInt32LE(at) !== computed) throw broken(`checksum of the ${of} is wrong`);
}

/**
 * Linked blocks copy from the blocks before them: anything back to the start of the frame is in reach.
 *
 * @returns the length of the output after it
 */
function unpackBlock(input: Span, start: number, end: number, out: Output, frameStart: number, stop: number): number {
  const { bytes } = input;
  const { span } = out;
  let at = start;
  let to = out.length;
  while (at < end) {
    const token = bytes[at++] as number;
    let count = token >> 4;
    if (count === 15) {
      const next = endOfLength(bytes, at, end);
      count = longLength(bytes, at, next);
      at = next;
    }
    if (count > end - at) throw broken(`literal of ${count} bytes, ${end - at} left`);
    to = literals(input, at, at + count, out, to, stop);
    at += count;
    if (at === end) return to; // the last sequence has no match
    if (end - at < 2) throw broken('it ends within a match');
    const distance = (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
    at += 2;
    count = token & 15;
    if (count === 15) {
      const next = endOfLength(bytes, at, end);
      count = longLength(bytes, at, next);
      at = next;
    }
    count += MIN_MATCH;
    if (distance === 0 || distance > to - frameStart) throw broken(`match from ${distance} bytes back`);
    if (count > stop - to) throw tooMuch(out, stop);
    to = copyMatch(span, to, distance, count);
  }
  return to;
}

function literals(input: Span, start: number, end: number, out: Output, to: number, stop: number): number {
  if (end - start > stop - to) throw tooMuch(out, stop);
  return copyRun(input, start, end, out.span, to);
}

/** A long length goes on for as long as its bytes are 255. */
function endOfLength(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] === 255) at++;
  if (at === end) throw broken('it ends within a length');
  return at + 1;
}

function longLength(bytes: Uint8Array, at: number, next: number): number {
  return 15 + 255 * (next - at - 1) + (bytes[next - 1] as number);
}

function tooMuch(out: Output, stop: number): CorruptBatchError {
  return stop === out.limit ? tooLarge(out.limit) : broken('block larger than the frame allows');
}

function broken(reason: string): CorruptBatchError {
  return new CorruptBatchError(`its LZ4 data is broken: ${reason}`);
}
