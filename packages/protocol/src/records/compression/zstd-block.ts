// The compressed blocks of a zstd frame (RFC 8878, 3.1.1.3): literals, and the sequences that say where they go.
import { copyMatch, copyRun, type Span } from './copy-run.ts';
import { type Output, tooLarge } from './output.ts';
import { BitReader } from './zstd-bit-reader.ts';
import { type Codes, LITERAL_LENGTHS, MATCH_LENGTHS, OFFSETS } from './zstd-codes.ts';
import { brokenZstd } from './zstd-error.ts';
import { ZstdLiterals } from './zstd-literals.ts';
import { readStateTable, type StateTable, singleState, stateTable } from './zstd-states.ts';

/** Beyond are distances of 2 GiB and more. */
const OFFSET_CODES = 31;
const REPEAT = 3;

interface Kind {
  readonly codes: Codes;
  readonly finest: number;
  readonly predefined: StateTable;
}

function kind(codes: Codes, finest: number): Kind {
  return { codes, finest, predefined: stateTable(codes.shares, codes.accuracy) };
}

/** What one block of a frame leaves to the next. */
export class ZstdBlocks {
  readonly #literals = new ZstdLiterals();
  readonly #kinds: readonly [Kind, Kind, Kind] = [kind(LITERAL_LENGTHS, 9), kind(OFFSETS, 8), kind(MATCH_LENGTHS, 9)];
  readonly #tables: (StateTable | null)[] = [null, null, null];
  /** The latest three distances. */
  #first = 1;
  #second = 4;
  #third = 8;

  /** A new frame begins. */
  reset(): void {
    this.#literals.reset();
    this.#tables.fill(null);
    this.#first = 1;
    this.#second = 4;
    this.#third = 8;
  }

  /** Appends what the block from `start` to `end` stands for, at most so much; copies reach back to `frameStart`. */
  unpack(input: Span, start: number, end: number, out: Output, frameStart: number, most: number): void {
    const at = this.#literals.read(input, start, end);
    if (at >= end) throw brokenZstd('a block without a count of sequences');
    const [count, next] = readCount(input.words, at);
    if (count === 0 && next !== end) throw brokenZstd('bytes left over in a block');
    const stop = out.reserve(most);
    const used = count === 0 ? 0 : this.#runSequences(input.words, next, end, count, out, frameStart, stop);
    const { span, start: from, size } = this.#literals;
    if (size - used > stop - out.length) throw tooMuch(out, stop);
    out.length = copyRun(span, from + used, from + size, out.span, out.length);
  }

  /** @returns how many literals were used up */
  #runSequences(
    words: DataView,
    start: number,
    end: number,
    count: number,
    out: Output,
    frameStart: number,
    stop: number,
  ): number {
    const bitsAt = this.#readTables(words, start, end);
    const [literalTable, offsetTable, matchTable] = this.#tables;
    if (!literalTable || !offsetTable || !matchTable) throw brokenZstd('codes of a block before the first');
    const reader = new BitReader(words, bitsAt, end);
    const { span: source, start: firstLiteral, size } = this.#literals;
    const { span } = out;
    let to = out.length;
    let from = firstLiteral;
    let literalState = reader.read(literalTable.accuracy);
    let offsetState = reader.read(offsetTable.accuracy);
    let matchState = reader.read(matchTable.accuracy);
    for (let left = count - 1; ; left--) {
      const offset = readOffset(reader, offsetTable.symbols[offsetState] as number);
      const length = readNumber(reader, MATCH_LENGTHS, matchTable.symbols[matchState] as number);
      const literals = readNumber(reader, LITERAL_LENGTHS, literalTable.symbols[literalState] as number);
      const distance = this.#distanceOf(offset, literals);
      if (literals > firstLiteral + size - from) throw brokenZstd('more literals used than there are');
      if (literals + length > stop - to) throw tooMuch(out, stop);
      to = copyRun(source, from, from + literals, span, to);
      from += literals;
      if (distance > to - frameStart) throw brokenZstd(`match from ${distance} bytes back`);
      to = copyMatch(span, to, distance, length);
      if (left === 0) break;
      literalState = nextState(reader, literalTable, literalState);
      matchState = nextState(reader, matchTable, matchState);
      offsetState = nextState(reader, offsetTable, offsetState);
    }
    if (reader.left !== 0) throw brokenZstd('bits left over after the sequences');
    out.length = to;
    return from - firstLiteral;
  }

  /** @returns the position after the tables */
  #readTables(words: DataView, start: number, end: number): number {
    if (start >= end) throw brokenZstd('sequences without their codes');
    const modes = words.getUint8(start);
    if (modes & 3) throw brokenZstd('reserved bits of the sequences are set');
    let at = start + 1;
    this.#kinds.forEach(({ codes, finest, predefined }, i) => {
      const mode = (modes >> (6 - 2 * i)) & 3;
      const symbols = i === 1 ? OFFSET_CODES : codes.bases.length;
      if (mode === REPEAT) return;
      if (mode === 0) this.#tables[i] = predefined;
      else if (mode === 1) this.#tables[i] = singleState(checkedSymbol(words.getUint8(at++), symbols));
      else [this.#tables[i], at] = readStateTable(words, at, end, finest, symbols);
    });
    if (at > end) throw brokenZstd('sequences without their codes');
    return at;
  }

  /** 1 to 3 are the latest distances; without literals in front 1 is the second, and 3 one less than the first. */
  #distanceOf(offset: number, literals: number): number {
    const which = offset > 3 ? 4 : offset - (literals === 0 ? 0 : 1);
    if (which === 0) return this.#first;
    const distance = offset > 3 ? offset - 3 : which === 1 ? this.#second : which === 2 ? this.#third : this.#first - 1;
    if (distance === 0) throw brokenZstd('match from 0 bytes back');
    if (which !== 1) this.#third = this.#second;
    this.#second = this.#first;
    this.#first = distance;
    return distance;
  }
}

function readCount(words: DataView, at: number): [count: number, next: number] {
  const head = words.getUint8(at);
  if (head < 128) return [head, at + 1];
  if (head < 255) return [((head - 128) << 8) + words.getUint8(at + 1), at + 2];
  return [words.getUint16(at + 1, true) + 0x7f00, at + 3];
}

function nextState(reader: BitReader, table: StateTable, state: number): number {
  return (table.bases[state] as number) + reader.read(table.bits[state] as number);
}

function readNumber(reader: BitReader, codes: Codes, code: number): number {
  return (codes.bases[code] as number) + reader.read(codes.extraBits[code] as number);
}

function readOffset(reader: BitReader, code: number): number {
  return (1 << code) + reader.readLong(code);
}

function checkedSymbol(symbol: number, count: number): number {
  if (symbol >= count) throw brokenZstd(`code ${symbol} of ${count}`);
  return symbol;
}

function tooMuch(out: Output, stop: number): Error {
  return stop === out.limit
    ? tooLarge(out.limit)
    : brokenZstd('a block has more bytes than announced, or than a block may have');
}
