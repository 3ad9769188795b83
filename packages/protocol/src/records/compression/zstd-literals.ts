// The literals of a zstd block (RFC 8878, 3.1.1.3.1).
import { Span } from './copy-run.ts';
import { BitReader } from './zstd-bit-reader.ts';
import { brokenZstd } from './zstd-error.ts';
import { type HuffmanTable, readHuffmanStream, readHuffmanTable } from './zstd-huffman.ts';

const MOST = 128 * 1024;
const RAW = 0;
const REPEATED = 1;
const COMPRESSED = 2;

/** Literals of the block at hand, and the Huffman codes that the next block may use again. */
export class ZstdLiterals {
  readonly #own = new Span(new Uint8Array(MOST));
  #table: HuffmanTable | null = null;
  /** Where they lie: in the input, or in a buffer of this object's. */
  span: Span = this.#own;
  start = 0;
  size = 0;

  /** A new frame begins, or there is none: lets go of the input. */
  reset(): void {
    this.#table = null;
    this.span = this.#own;
  }

  /** @returns the position after the section */
  read(input: Span, start: number, end: number): number {
    const type = input.words.getUint8(start) & 3;
    const next = type <= REPEATED ? this.#readPlain(input, start, type) : this.#readPacked(input.words, start, end);
    if (next > end) throw brokenZstd('literals end too early');
    return next;
  }

  #readPlain(input: Span, start: number, type: number): number {
    const head = input.words.getUint32(start, true);
    const form = (head >> 2) & 3;
    const at = start + (form === 1 ? 2 : form === 3 ? 3 : 1);
    this.#resize(form === 1 ? (head >> 4) & 0xfff : form === 3 ? (head >> 4) & 0xfffff : (head >> 3) & 0x1f);
    if (type === RAW) {
      this.span = input;
      this.start = at;
      return at + this.size;
    }
    this.#own.bytes.fill(input.words.getUint8(at), 0, this.size);
    return at + 1;
  }

  #readPacked(words: DataView, start: number, end: number): number {
    const low = words.getUint32(start, true);
    const form = (low >> 2) & 3;
    const bits = form < 2 ? 10 : form === 2 ? 14 : 18;
    const mask = (1 << bits) - 1;
    this.#resize((low >>> 4) & mask);
    const high = bits === 18 ? (low >>> 22) | (words.getUint8(start + 4) << 10) : low >>> (4 + bits);
    let at = start + (form < 2 ? 3 : form + 2);
    const stop = at + (high & mask);
    if (stop > end) throw brokenZstd('literals end too early');
    if ((low & 3) === COMPRESSED) [this.#table, at] = readHuffmanTable(words, at, stop);
    if (!this.#table) throw brokenZstd('Huffman codes of a block before the first');
    if (form === 0) readHuffmanStream(this.#table, new BitReader(words, at, stop), this.#own.bytes, 0, this.size);
    else this.#readFour(this.#table, words, at, stop);
    return stop;
  }

  /** Four streams, each with a quarter of the literals; the sizes of three are in front. */
  #readFour(table: HuffmanTable, words: DataView, start: number, end: number): void {
    const quarter = (this.size + 3) >> 2;
    let at = start + 6;
    for (let i = 0; i < 4; i++) {
      const stop = i === 3 ? end : at + words.getUint16(start + 2 * i, true);
      const last = i === 3 ? this.size : (i + 1) * quarter;
      if (stop > end || last > this.size) throw brokenZstd('a stream of literals ends too early');
      readHuffmanStream(table, new BitReader(words, at, stop), this.#own.bytes, i * quarter, last);
      at = stop;
    }
  }

  #resize(size: number): void {
    if (size > MOST) throw brokenZstd(`${size} literals in a block`);
    this.span = this.#own;
    this.start = 0;
    this.size = size;
  }
}
