// Huffman codes of zstd's literals (RFC 8878, 4.2).
import { BitReader } from './zstd-bit-reader.ts';
import { brokenZstd } from './zstd-error.ts';
import { readStateTable } from './zstd-states.ts';

const MOST_BITS = 11;
const MOST_SYMBOLS = 256;
const FINEST_WEIGHTS = 6;

/** What the next `bits` bits mean: a symbol in the upper byte, and how many of them it takes in the lower. */
export interface HuffmanTable {
  readonly bits: number;
  readonly entries: Uint16Array;
}

/** @returns the table and the position after its description */
export function readHuffmanTable(words: DataView, start: number, end: number): [table: HuffmanTable, next: number] {
  const head = words.getUint8(start);
  const next = start + 1 + (head < 128 ? head : (head - 126) >> 1);
  if (next > end) throw brokenZstd('weights of Huffman codes end too early');
  const weights = head < 128 ? packedWeights(words, start + 1, next) : plainWeights(words, start + 1, head - 127);
  return [huffmanTable(weights), next];
}

/** Four bits each, the upper ones first. */
function plainWeights(words: DataView, start: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => (words.getUint8(start + (i >> 1)) >> (i & 1 ? 0 : 4)) & 15);
}

/** By two states in turn, until there are no bits for the next one. */
function packedWeights(words: DataView, start: number, end: number): number[] {
  const [table, bitsAt] = readStateTable(words, start, end, FINEST_WEIGHTS, MOST_SYMBOLS);
  const reader = new BitReader(words, bitsAt, end);
  let state = reader.read(table.accuracy);
  let other = reader.read(table.accuracy);
  const weights: number[] = [];
  while (weights.length < MOST_SYMBOLS) {
    weights.push(table.symbols[state] as number);
    const bits = table.bits[state] as number;
    if (bits > reader.left) return [...weights, table.symbols[other] as number];
    const next = (table.bases[state] as number) + reader.read(bits);
    state = other;
    other = next;
  }
  throw brokenZstd('more weights than symbols');
}

/** A weight of w takes 2^(w-1) places in the table. The last one is not written: it fills the table up. */
function huffmanTable(weights: readonly number[]): HuffmanTable {
  let used = 0;
  for (const weight of weights) used += weight > 0 ? 2 ** (weight - 1) : 0;
  const bits = 32 - Math.clz32(used);
  const rest = 2 ** bits - used;
  const last = 32 - Math.clz32(rest);
  if (used === 0 || bits > MOST_BITS || rest !== 2 ** (last - 1) || weights.length >= MOST_SYMBOLS) {
    throw brokenZstd('weights of Huffman codes do not add up');
  }
  return { bits, entries: entriesOf([...weights, last], bits) };
}

/** Small weights (long codes) come first, and within a weight the symbols in their order. */
function entriesOf(weights: readonly number[], bits: number): Uint16Array {
  const entries = new Uint16Array(1 << bits);
  let at = 0;
  for (let weight = 1; weight <= bits; weight++) {
    weights.forEach((of, symbol) => {
      if (of !== weight) return;
      const end = at + 2 ** (weight - 1);
      entries.fill((symbol << 8) | (bits + 1 - weight), at, end);
      at = end;
    });
  }
  return entries;
}

/** Fills `out` from `first` to `last` with the symbols of one stream, which must be used up by them. */
export function readHuffmanStream(
  { bits, entries }: HuffmanTable,
  reader: BitReader,
  out: Uint8Array,
  first: number,
  last: number,
): void {
  for (let to = first; to < last; to++) {
    const entry = entries[reader.peek(bits)] as number;
    out[to] = entry >>> 8;
    reader.left -= entry & 0xff;
    if (reader.left < 0) break;
  }
  if (reader.left !== 0) throw brokenZstd('a stream of literals does not end where it should');
}
