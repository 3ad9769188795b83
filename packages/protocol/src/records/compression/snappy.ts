// Snappy, reading: raw blocks (librdkafka and others) and the "xerial" stream of blocks that Java clients write.
// https://github.com/google/snappy/blob/main/format_description.txt
import { CorruptBatchError } from '../corrupt-batch-error.ts';
import { Output, tooLarge } from './output.ts';

const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
/** Magic and two version words, which differ between writers and mean nothing here. */
const XERIAL_HEADER = 16;
/** The densest element: 64 bytes from 3. An announced size above this ratio is a lie, and not allocated. */
const MOST_PER_BYTE = 22;

export function unpackSnappy(bytes: Buffer, limit: number): Buffer {
  if (!isXerialAt(bytes, 0)) return unpackBlock(bytes, limit);
  const blocks: Buffer[] = [];
  let total = 0;
  for (let at = 0; at < bytes.length; ) {
    if (isXerialAt(bytes, at)) {
      at += XERIAL_HEADER; // once more in front of an appended stream
      continue;
    }
    if (bytes.length - at < 4) throw broken('it ends within a block length');
    const size = bytes.readUInt32BE(at);
    if (size > bytes.length - at - 4) throw broken(`block of ${size} bytes, ${bytes.length - at - 4} left`);
    const block = unpackBlock(bytes.subarray(at + 4, at + 4 + size), limit - total);
    blocks.push(block);
    total += block.length;
    at += 4 + size;
  }
  const [only] = blocks;
  return only && blocks.length === 1 ? only : Buffer.concat(blocks, total);
}

function isXerialAt(bytes: Buffer, at: number): boolean {
  return bytes.length - at >= XERIAL_HEADER && bytes.compare(XERIAL, 0, XERIAL.length, at, at + XERIAL.length) === 0;
}

function unpackBlock(bytes: Buffer, limit: number): Buffer {
  const [size, start] = announcedSize(bytes);
  if (size > limit) throw tooLarge(limit);
  if (size > bytes.length * MOST_PER_BYTE) throw broken(`${size} bytes announced, too many for ${bytes.length}`);
  const out = new Output(size, Math.max(size, 1));
  for (let at = start; at < bytes.length; ) at = unpackElement(bytes, at, out, size);
  if (out.length !== size) throw broken(`${size} bytes announced, ${out.length} found`);
  return out.bytes();
}

function announcedSize(bytes: Buffer): [size: number, next: number] {
  let size = 0;
  for (let i = 0; i < 5; i++) {
    const byte = bytes[i];
    if (byte === undefined) break;
    size += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return [size, i + 1];
  }
  throw broken('no size in front');
}

/** @returns the position after the element */
function unpackElement(bytes: Buffer, at: number, out: Output, size: number): number {
  const tag = bytes[at] as number;
  const kind = tag & 3;
  if (kind === 0) return unpackLiteral(bytes, at, out, size);
  const extra = kind === 3 ? 4 : kind;
  if (at + extra >= bytes.length) throw broken('it ends within a copy');
  const count = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
  const distance = kind === 1 ? ((tag >> 5) << 8) | (bytes[at + 1] as number) : bytes.readUIntLE(at + 1, extra);
  if (distance === 0 || distance > out.length) throw broken(`copy from ${distance} bytes back, ${out.length} written`);
  if (count > size - out.length) throw broken('more bytes than announced');
  out.repeat(distance, count);
  return at + 1 + extra;
}

function unpackLiteral(bytes: Buffer, at: number, out: Output, size: number): number {
  const short = (bytes[at] as number) >> 2;
  const extra = short < 60 ? 0 : short - 59;
  if (at + extra >= bytes.length) throw broken('it ends within a literal');
  const count = (extra === 0 ? short : bytes.readUIntLE(at + 1, extra)) + 1;
  const start = at + 1 + extra;
  if (count > bytes.length - start) throw broken(`literal of ${count} bytes, ${bytes.length - start} left`);
  if (count > size - out.length) throw broken('more bytes than announced');
  out.push(bytes, start, start + count);
  return start + count;
}

function broken(reason: string): CorruptBatchError {
  return new CorruptBatchError(`its snappy data is broken: ${reason}`);
}
