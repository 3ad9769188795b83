// Snappy, reading: raw blocks (librdkafka and others) and the "xerial" stream of blocks that Java clients write.
// https://github.com/google/snappy/blob/main/format_description.txt
import { CorruptBatchError } from '../corrupt-batch-error.ts';
import { copyMatch, copyRun, Span } from './copy-run.ts';
import { tooLarge } from './output.ts';

const XERIAL = /* @__PURE__ */ Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
/** Magic and two version words, which differ between writers and mean nothing here. */
const XERIAL_HEADER = 16;
/** The densest element: 64 bytes from 3. An announced size above this ratio is a lie, and not allocated. */
const MOST_PER_BYTE = 22;

export function unpackSnappy(bytes: Buffer, limit: number): Buffer {
  const blocks = isXerialAt(bytes, 0) ? blocksOf(bytes) : [blockIn(bytes)];
  let total = 0;
  for (const { size } of blocks) total += size;
  if (total > limit) throw tooLarge(limit);
  const out = Buffer.allocUnsafe(total);
  const span = new Span(out);
  let at = 0;
  for (const { block, start, size } of blocks) {
    unpackBlock(block, start, span, at, at + size);
    at += size;
  }
  return out;
}

interface Block {
  readonly block: Buffer;
  /** Where its first element begins. */
  readonly start: number;
  /** Announced, and not beyond belief. */
  readonly size: number;
}

function blocksOf(bytes: Buffer): Block[] {
  const blocks: Block[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (isXerialAt(bytes, at)) {
      at += XERIAL_HEADER; // once more in front of an appended stream
      continue;
    }
    if (bytes.length - at < 4) throw broken('it ends within a block length');
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) throw broken(`block of ${end - at - 4} bytes, ${bytes.length - at - 4} left`);
    blocks.push(blockIn(bytes.subarray(at + 4, end)));
    at = end;
  }
  return blocks;
}

function blockIn(block: Buffer): Block {
  const [size, start] = announcedSize(block);
  if (size > block.length * MOST_PER_BYTE) throw broken(`${size} bytes announced, too many for ${block.length}`);
  return { block, start, size };
}

function isXerialAt(bytes: Buffer, at: number): boolean {
  return bytes.length - at >= XERIAL_HEADER && bytes.compare(XERIAL, 0, XERIAL.length, at, at + XERIAL.length) === 0;
}

/** Fills `out` from `first` to `end`. */
function unpackBlock(bytes: Buffer, start: number, out: Span, first: number, end: number): void {
  const input = new Span(bytes);
  let at = start;
  let to = first;
  while (at < bytes.length) {
    const tag = bytes[at] as number;
    if ((tag & 3) === 0) {
      const from = literalStart(bytes, at);
      const count = literalLength(bytes, at, from);
      if (count > bytes.length - from) throw broken(`literal of ${count} bytes, ${bytes.length - from} left`);
      if (count > end - to) throw broken('more bytes than announced');
      to = copyRun(input, from, from + count, out, to);
      at = from + count;
    } else {
      const next = at + ((tag & 3) === 3 ? 5 : (tag & 3) + 1);
      if (next > bytes.length) throw broken('it ends within a copy');
      const count = (tag & 3) === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
      const distance = copyDistance(bytes, at, tag);
      if (distance === 0 || distance > to - first)
        throw broken(`copy from ${distance} bytes back, ${to - first} written`);
      if (count > end - to) throw broken('more bytes than announced');
      to = copyMatch(out, to, distance, count);
      at = next;
    }
  }
  if (to !== end) throw broken(`${end - first} bytes announced, ${to - first} found`);
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

/** Lengths above 60 follow the tag in one to four bytes. */
function literalStart(bytes: Buffer, at: number): number {
  const short = (bytes[at] as number) >> 2;
  const start = short < 60 ? at + 1 : at + short - 58;
  if (start > bytes.length) throw broken('it ends within a literal');
  return start;
}

function literalLength(bytes: Buffer, at: number, start: number): number {
  return start === at + 1 ? ((bytes[at] as number) >> 2) + 1 : bytes.readUIntLE(at + 1, start - at - 1) + 1;
}

function copyDistance(bytes: Buffer, at: number, tag: number): number {
  const low = bytes[at + 1] as number;
  if ((tag & 3) === 1) return ((tag >> 5) << 8) | low;
  return (tag & 3) === 2 ? low | ((bytes[at + 2] as number) << 8) : bytes.readUInt32LE(at + 1);
}

function broken(reason: string): CorruptBatchError {
  return new CorruptBatchError(`its snappy data is broken: ${reason}`);
}
