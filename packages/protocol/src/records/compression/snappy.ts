// Snappy, reading: raw blocks (librdkafka and others) and the "xerial" stream of blocks that Java clients write.
// https://github.com/google/snappy/blob/main/format_description.txt
import type { Steps } from '../../steps.ts';
import { CorruptBatchError } from '../corrupt-batch-error.ts';
import { copyMatch, copyRun, Span } from './copy-run.ts';
import { tooLarge } from './output.ts';

const XERIAL = /* @__PURE__ */ Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
/** Magic and two version words, which differ between writers and mean nothing here. */
const XERIAL_HEADER = 16;
/** The densest element: 64 bytes from 3. An announced size above this ratio is a lie, and not allocated. */
const MOST_PER_BYTE = 22;
/** So much is written in a few milliseconds. */
const STEP = 512 * 1024;

export function* unpackSnappy(bytes: Buffer, limit: number): Steps<Buffer> {
  const total = totalSize(bytes);
  if (total > limit) throw tooLarge(limit);
  const out = Buffer.allocUnsafe(total);
  const input = new Span(bytes);
  const output = new Span(out);
  let at = 0;
  for (let block = nextBlock(bytes, 0); block !== null; block = nextBlock(bytes, block.end)) {
    const [size, first] = announcedSize(bytes, block.start, block.end);
    yield* unpackBlock(input, first, block.end, output, at, at + size);
    at += size;
    if (block.end < bytes.length) yield;
  }
  return out;
}

/** What all blocks announce; no block more than can be believed. */
function totalSize(bytes: Buffer): number {
  let total = 0;
  for (let block = nextBlock(bytes, 0); block !== null; block = nextBlock(bytes, block.end)) {
    const [size] = announcedSize(bytes, block.start, block.end);
    const packed = block.end - block.start;
    if (size > packed * MOST_PER_BYTE) throw broken(`${size} bytes announced, too many for ${packed}`);
    total += size;
  }
  return total;
}

interface Block {
  readonly start: number;
  readonly end: number;
}

/** Twice over the input rather than once with a list of blocks, which may be empty and millions. */
function nextBlock(bytes: Buffer, from: number): Block | null {
  if (!isXerialAt(bytes, 0)) return from === 0 ? { start: 0, end: bytes.length } : null;
  let at = from;
  while (isXerialAt(bytes, at)) at += XERIAL_HEADER; // once more in front of an appended stream
  if (at === bytes.length) return null;
  if (bytes.length - at < 4) throw broken('it ends within a block length');
  const end = at + 4 + bytes.readUInt32BE(at);
  if (end > bytes.length) throw broken(`block of ${end - at - 4} bytes, ${bytes.length - at - 4} left`);
  return { start: at + 4, end };
}

function isXerialAt(bytes: Buffer, at: number): boolean {
  return bytes.length - at >= XERIAL_HEADER && bytes.compare(XERIAL, 0, XERIAL.length, at, at + XERIAL.length) === 0;
}

/** Where a block is being read, and written. */
interface Place {
  at: number;
  to: number;
}

/** Fills `out` from `first` to `end` with what the elements from `start` to `stop` say. */
function* unpackBlock(
  input: Span,
  start: number,
  stop: number,
  out: Span,
  first: number,
  end: number,
): Steps<undefined> {
  const place = { at: start, to: first };
  for (let pause = first + STEP; ; pause += STEP) {
    unpackElements(input, place, stop, out, first, end, pause);
    if (place.at >= stop) break;
    yield;
  }
  if (place.to !== end) throw broken(`${end - first} bytes announced, ${place.to - first} found`);
}

/** Ends with the block, or when so much is written. */
function unpackElements(
  input: Span,
  place: Place,
  stop: number,
  out: Span,
  first: number,
  end: number,
  pause: number,
): void {
  const { bytes } = input;
  let { at, to } = place;
  while (at < stop && to < pause) {
    const tag = bytes[at] as number;
    if ((tag & 3) === 0) {
      const from = literalStart(bytes, at, stop);
      const count = literalLength(bytes, at, from);
      if (count > stop - from) throw broken(`literal of ${count} bytes, ${stop - from} left`);
      if (count > end - to) throw broken('more bytes than announced');
      to = copyRun(input, from, from + count, out, to);
      at = from + count;
    } else {
      const next = at + ((tag & 3) === 3 ? 5 : (tag & 3) + 1);
      if (next > stop) throw broken('it ends within a copy');
      const count = (tag & 3) === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
      const distance = copyDistance(bytes, at, tag);
      if (distance === 0 || distance > to - first)
        throw broken(`copy from ${distance} bytes back, ${to - first} written`);
      if (count > end - to) throw broken('more bytes than announced');
      to = copyMatch(out, to, distance, count);
      at = next;
    }
  }
  place.at = at;
  place.to = to;
}

function announcedSize(bytes: Buffer, start: number, end: number): [size: number, next: number] {
  let size = 0;
  for (let i = 0; i < 5 && start + i < end; i++) {
    const byte = bytes[start + i] as number;
    size += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return [size, start + i + 1];
  }
  throw broken('no size in front');
}

/** Lengths above 60 follow the tag in one to four bytes. */
function literalStart(bytes: Uint8Array, at: number, stop: number): number {
  const short = (bytes[at] as number) >> 2;
  const start = short < 60 ? at + 1 : at + short - 58;
  if (start > stop) throw broken('it ends within a literal');
  return start;
}

function literalLength(bytes: Uint8Array, at: number, start: number): number {
  return start === at + 1 ? ((bytes[at] as number) >> 2) + 1 : littleEndian(bytes, at + 1, start) + 1;
}

function copyDistance(bytes: Uint8Array, at: number, tag: number): number {
  if ((tag & 3) === 1) return ((tag >> 5) << 8) | (bytes[at + 1] as number);
  return littleEndian(bytes, at + 1, at + ((tag & 3) === 2 ? 3 : 5));
}

function littleEndian(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = end - 1; at >= start; at--) value = value * 256 + (bytes[at] as number);
  return value;
}

function broken(reason: string): CorruptBatchError {
  return new CorruptBatchError(`its snappy data is broken: ${reason}`);
}
