// Zstandard (RFC 8878), writing, for a Node without it: matches with the predefined codes, literals as they are. Smaller
// than LZ4 by what the codes save, larger than zstd itself by what Huffman codes for the literals would.
import { copyRun, Span } from './copy-run.ts';
import { FIELDS, matches } from './matches.ts';
import { BitWriter, StateWriter } from './zstd-bits.ts';
import { type Codes, LITERAL_LENGTHS, MATCH_LENGTHS, OFFSETS } from './zstd-codes.ts';

const BLOCK = 128 * 1024;
/** Every decoder takes windows of this size (RFC 8878, 3.1.1.1.2). */
const WINDOW = 8 * 1024 * 1024;
const WINDOW_DESCRIPTOR = (23 - 10) << 3;
const RAW = 0;
const COMPRESSED = 2;
const HEADER = 16;

/** Which code each length below 256 has; above, the codes are powers of two. */
function codesBelow256({ bases }: Codes): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, n) =>
    Math.max(
      bases.findLastIndex((base) => base <= n),
      0,
    ),
  );
}

/** One frame after the other with the same tables. */
class ZstdWriter {
  readonly #literalLengths = new StateWriter(LITERAL_LENGTHS);
  readonly #matchLengths = new StateWriter(MATCH_LENGTHS);
  readonly #offsets = new StateWriter(OFFSETS);
  readonly #literalCodes = codesBelow256(LITERAL_LENGTHS);
  readonly #matchCodes = codesBelow256(MATCH_LENGTHS);
  /** Distance that an offset of 1 stands for. */
  #latest = 1;

  pack(bytes: Uint8Array): Buffer {
    const blocks = Math.max(Math.ceil(bytes.length / BLOCK), 1);
    // Sequences may take more than the bytes they stand for, though never twice: such a block is written raw instead.
    const out = Buffer.allocUnsafe(HEADER + bytes.length + 16 * blocks + Math.min(bytes.length, BLOCK));
    let at = writeHeader(out, bytes.length);
    this.#latest = 1;
    const source = new Span(bytes);
    const target = new Span(out);
    matches.begin(bytes);
    for (let start = 0; start < bytes.length || start === 0; start += BLOCK) {
      at = this.#packBlock(source, start, Math.min(start + BLOCK, bytes.length), target, at);
    }
    matches.end();
    return out.subarray(0, at);
  }

  #packBlock(source: Span, start: number, end: number, target: Span, at: number): number {
    const latest = this.#latest;
    const count = matches.search(start, end, 0, WINDOW);
    const sequencesAt = writeLiterals(source, start, end, count, target, at + 3);
    const stop = this.#writeSequences(count, target, sequencesAt);
    const last = end === source.bytes.length ? 1 : 0;
    if (stop - at - 3 < end - start) {
      writeThree(target, at, ((stop - at - 3) << 3) | (COMPRESSED << 1) | last);
      return stop;
    }
    this.#latest = latest;
    writeThree(target, at, ((end - start) << 3) | (RAW << 1) | last);
    return copyRun(source, start, end, target, at + 3);
  }

  #writeSequences(count: number, target: Span, start: number): number {
    const at = writeCount(count / FIELDS, target, start);
    if (count === 0) return at;
    target.bytes[at] = 0; // all codes are the predefined ones
    const { found } = matches;
    this.#useLatest(found, count);
    const bits = new BitWriter(target.bytes, at + 1);
    for (let i = count - FIELDS; i >= 0; i -= FIELDS) {
      this.#put(found[i] as number, found[i + 1] as number, found[i + 2] as number, bits, i === count - FIELDS);
    }
    this.#matchLengths.end(bits);
    this.#offsets.end(bits);
    this.#literalLengths.end(bits);
    return bits.close();
  }

  /** Distances become offsets: 1 for the latest distance once more, unless no literals are before it (then 1 means another). */
  #useLatest(found: Int32Array, count: number): void {
    for (let i = 0; i < count; i += FIELDS) {
      const distance = found[i + 2] as number;
      found[i + 2] = distance === this.#latest && found[i] !== 0 ? 1 : distance + 3;
      this.#latest = distance;
    }
  }

  /** In the order opposite to that of reading. */
  #put(literals: number, length: number, offset: number, out: BitWriter, isLast: boolean): void {
    const literalCode = literals < 256 ? (this.#literalCodes[literals] as number) : 50 - Math.clz32(literals);
    const matchCode = length < 256 ? (this.#matchCodes[length] as number) : 67 - Math.clz32(length - 3);
    const offsetCode = 31 - Math.clz32(offset);
    if (isLast) {
      this.#matchLengths.begin(matchCode);
      this.#offsets.begin(offsetCode);
      this.#literalLengths.begin(literalCode);
    } else {
      this.#offsets.put(offsetCode, out);
      this.#matchLengths.put(matchCode, out);
      this.#literalLengths.put(literalCode, out);
    }
    putExtra(LITERAL_LENGTHS, literalCode, literals, out);
    putExtra(MATCH_LENGTHS, matchCode, length, out);
    out.add(offset - (1 << offsetCode), offsetCode);
  }
}

function putExtra(codes: Codes, code: number, value: number, out: BitWriter): void {
  out.add(value - (codes.bases[code] as number), codes.extraBits[code] as number);
}

/** Up to the window's size the content is the window. */
function writeHeader(out: Buffer, size: number): number {
  out.writeUInt32BE(0x28b52ffd, 0);
  const isSingleSegment = size <= WINDOW;
  out[4] = isSingleSegment ? 0xa0 : 0x80; // content size in 4 bytes, no checksum, no dictionary
  if (!isSingleSegment) out[5] = WINDOW_DESCRIPTOR;
  return out.writeUInt32LE(size, isSingleSegment ? 5 : 6);
}

/** Section of literals, uncompressed. @returns the position after it */
function writeLiterals(source: Span, start: number, end: number, count: number, target: Span, first: number): number {
  const { found } = matches;
  let size = end - start;
  for (let i = 1; i < count; i += FIELDS) size -= found[i] as number;
  let at = writeThree(target, first, (size << 4) | 0x0c);
  let from = start;
  for (let i = 0; i < count; i += FIELDS) {
    const literals = found[i] as number;
    at = copyRun(source, from, from + literals, target, at);
    from += literals + (found[i + 1] as number);
  }
  return copyRun(source, from, end, target, at);
}

function writeCount(count: number, { bytes, words }: Span, start: number): number {
  let at = start;
  if (count >= 0x7f00) {
    bytes[at] = 255;
    words.setUint16(at + 1, count - 0x7f00, true);
    return at + 3;
  }
  if (count >= 128) bytes[at++] = (count >> 8) + 128;
  bytes[at] = count;
  return at + 1;
}

function writeThree({ bytes, words }: Span, at: number, value: number): number {
  words.setUint16(at, value & 0xffff, true);
  bytes[at + 2] = value >>> 16;
  return at + 3;
}

let writer: ZstdWriter | null = null;

/** One frame with its content size and without a checksum. */
export function packZstd(bytes: Uint8Array): Buffer {
  writer ??= new ZstdWriter();
  return writer.pack(bytes);
}
