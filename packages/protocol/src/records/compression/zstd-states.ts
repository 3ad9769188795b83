// Tables for reading codes written by finite state entropy (RFC 8878, 4.1).
import { spreadSymbols } from './zstd-codes.ts';
import { brokenZstd } from './zstd-error.ts';

/** For each state: its symbol, and the next state as a base and some bits to read. */
export interface StateTable {
  readonly accuracy: number;
  readonly symbols: Uint8Array;
  readonly bits: Uint8Array;
  readonly bases: Uint16Array;
}

export function stateTable(shares: ArrayLike<number>, accuracy: number): StateTable {
  const size = 1 << accuracy;
  const symbols = spreadSymbols(shares, accuracy);
  const bits = new Uint8Array(size);
  const bases = new Uint16Array(size);
  const next = Uint16Array.from(shares, (share) => Math.abs(share));
  for (let state = 0; state < size; state++) {
    const symbol = symbols[state] as number;
    const count = next[symbol] as number;
    next[symbol] = count + 1;
    const taken = accuracy - (31 - Math.clz32(count));
    bits[state] = taken;
    bases[state] = (count << taken) - size;
  }
  return { accuracy, symbols, bits, bases };
}

/** Always the same symbol, at the price of no bits. */
export function singleState(symbol: number): StateTable {
  return { accuracy: 0, symbols: Uint8Array.of(symbol), bits: Uint8Array.of(0), bases: Uint16Array.of(0) };
}

/**
 * Reads the description of a table (4.1.1): the share of each symbol, in fewer bits the less is left to share out.
 *
 * @returns the table and the position after its description
 */
export function readStateTable(
  words: DataView,
  start: number,
  end: number,
  mostAccurate: number,
  mostSymbols: number,
): [table: StateTable, next: number] {
  const accuracy = (words.getUint8(start) & 15) + 5;
  if (accuracy > mostAccurate) throw brokenZstd(`a table of accuracy ${accuracy}`);
  const shares: number[] = [];
  let at = 8 * start + 4;
  let left = (1 << accuracy) + 1;
  while (left > 1) {
    if (shares.length >= mostSymbols || at > 8 * end) throw brokenZstd('the description of a table does not end');
    const width = 32 - Math.clz32(left);
    const short = 2 ** width - 1 - left;
    const low = bitsAt(words, at, width - 1);
    const isShort = low < short;
    const wide = bitsAt(words, at, width);
    const value = isShort ? low : wide >= 2 ** (width - 1) ? wide - short : wide;
    at += isShort ? width - 1 : width;
    shares.push(value - 1);
    left -= Math.abs(value - 1);
    if (value === 1) at = readZeros(words, at, 8 * end, shares);
  }
  const next = (at + 7) >> 3;
  if (left !== 1 || next > end || shares.length > mostSymbols) throw brokenZstd('shares of a table do not add up');
  return [stateTable(shares, accuracy), next];
}

/** After a share of 0: how many more of them, two bits at a time. */
function readZeros(words: DataView, start: number, end: number, shares: number[]): number {
  for (let at = start; at <= end; ) {
    const count = bitsAt(words, at, 2);
    at += 2;
    for (let i = 0; i < count; i++) shares.push(0);
    if (count < 3) return at;
  }
  throw brokenZstd('the description of a table does not end');
}

/** Forwards, from the lowest bit of the first byte. */
function bitsAt(words: DataView, at: number, count: number): number {
  return (words.getUint32(at >> 3, true) >>> (at & 7)) & ((1 << count) - 1);
}
