// LZ4 frames, reading. https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md and lz4_Block_format.md
//
// Checksums of blocks and content are skipped: the batch around them has one. The header's is checked, as Kafka does.
import { CorruptBatchError } from '../corrupt-batch-error.ts';
import { Output } from './output.ts';
import { xxh32 } from './xxh32.ts';

const FRAME = 0x184d2204;
const SKIPPABLE = 0x184d2a50;
const UNCOMPRESSED = 0x80000000;

interface Frame {
  readonly hasBlockChecksums: boolean;
  readonly hasContentChecksum: boolean;
  readonly maxBlockSize: number;
  /** Where the first block begins. */
  readonly start: number;
}

/** @param brokenChecksum do not check the header: Kafka 0.8 and 0.9 computed it over the wrong bytes (KIP-57) */
export function unpackLz4(bytes: Buffer, limit: number, brokenChecksum: boolean): Buffer {
  const out = new Output(4 * bytes.length, limit);
  if (bytes.length === 0) throw broken('nothing there');
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < 8) throw broken('it ends within a frame header');
    const magic = bytes.readUInt32LE(at);
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) at += 8 + bytes.readUInt32LE(at + 4);
    else at = unpackFrame(bytes, frameAt(bytes, at, brokenChecksum), out);
  }
  return out.bytes();
}

function frameAt(bytes: Buffer, at: number, brokenChecksum: boolean): Frame {
  if (bytes.readUInt32LE(at) !== FRAME) throw broken('no LZ4 frame');
  const flags = bytes[at + 4] as number;
  if (flags >> 6 !== 1) throw broken(`frame version ${flags >> 6}`);
  if (flags & 0x01) throw broken('it needs a dictionary');
  const sizeId = ((bytes[at + 5] as number) >> 4) & 7;
  if (sizeId < 4) throw broken(`block size ${sizeId}`);
  const end = at + 6 + (flags & 0x08 ? 8 : 0);
  if (end >= bytes.length) throw broken('it ends within a frame header');
  const checksum = (xxh32(bytes, at + 4, end) >>> 8) & 0xff;
  if (!brokenChecksum && bytes[end] !== checksum) throw broken('checksum of the frame header is wrong');
  return {
    hasBlockChecksums: (flags & 0x10) !== 0,
    hasContentChecksum: (flags & 0x04) !== 0,
    maxBlockSize: 1 << (8 + 2 * sizeId),
    start: end + 1,
  };
}

/** @returns the position after the frame */
function unpackFrame(bytes: Buffer, frame: Frame, out: Output): number {
  const frameStart = out.length;
  for (let at = frame.start; ; ) {
    if (bytes.length - at < 4) throw broken('it ends before the end mark');
    const word = bytes.readUInt32LE(at);
    at += 4;
    if (word === 0) return at + (frame.hasContentChecksum ? 4 : 0);
    const size = word & ~UNCOMPRESSED;
    if (size > bytes.length - at) throw broken(`block of ${size} bytes, ${bytes.length - at} left`);
    const blockStart = out.length;
    if (word & UNCOMPRESSED) out.push(bytes, at, at + size);
    else unpackBlock(bytes, at, at + size, out, frameStart);
    if (out.length - blockStart > frame.maxBlockSize) throw broken('block larger than the frame allows');
    at += size + (frame.hasBlockChecksums ? 4 : 0);
  }
}

/** Linked blocks copy from the blocks before them: anything back to the start of the frame is in reach. */
function unpackBlock(bytes: Buffer, start: number, end: number, out: Output, frameStart: number): void {
  let at = start;
  while (at < end) {
    const token = bytes[at++] as number;
    let literals = token >> 4;
    if (literals === 15) [literals, at] = longLength(bytes, at, end, literals);
    if (literals > end - at) throw broken(`literal of ${literals} bytes, ${end - at} left`);
    out.push(bytes, at, at + literals);
    at += literals;
    if (at === end) return; // the last sequence has no match
    if (end - at < 2) throw broken('it ends within a match');
    const distance = bytes.readUInt16LE(at);
    at += 2;
    let count = token & 15;
    if (count === 15) [count, at] = longLength(bytes, at, end, count);
    if (distance === 0 || distance > out.length - frameStart) throw broken(`match from ${distance} bytes back`);
    out.repeat(distance, count + 4);
  }
}

function longLength(bytes: Buffer, start: number, end: number, first: number): [length: number, next: number] {
  let length = first;
  for (let at = start; at < end; ) {
    const byte = bytes[at++] as number;
    length += byte;
    if (byte !== 255) return [length, at];
  }
  throw broken('it ends within a length');
}

function broken(reason: string): CorruptBatchError {
  return new CorruptBatchError(`its LZ4 data is broken: ${reason}`);
}
