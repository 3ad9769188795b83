// Zstandard's numbers (RFC 8878, 3.1.1.3.2): how lengths become a code and extra bits, and how likely each code is
// unless a frame says otherwise.

/** Codes of one kind of number. */
export interface Codes {
  /** Smallest number of each code. */
  readonly bases: Int32Array;
  /** How many bits follow to say which number above it. */
  readonly extraBits: Uint8Array;
  /** Shares of 2^`accuracy`; -1 is less than one. */
  readonly shares: readonly number[];
  readonly accuracy: number;
}

/** @param extraBits as runs: so many codes with so many bits */
function codes(first: number, extraBits: [count: number, bits: number][], shares: number[], accuracy: number): Codes {
  const bits = Uint8Array.from(extraBits.flatMap(([count, size]) => new Array<number>(count).fill(size)));
  const bases = new Int32Array(bits.length);
  let base = first;
  bits.forEach((size, code) => {
    bases[code] = base;
    base += 2 ** size;
  });
  return { bases, extraBits: bits, shares, accuracy };
}

const ascending = (from: number, to: number): [number, number][] =>
  Array.from({ length: to - from + 1 }, (_, i) => [1, from + i]);

const repeated = (...runs: [count: number, share: number][]): number[] =>
  runs.flatMap(([count, share]) => new Array<number>(count).fill(share));

export const LITERAL_LENGTHS: Codes = /* @__PURE__ */ codes(
  0,
  [[16, 0], [4, 1], [2, 2], [2, 3], [1, 4], .../* @__PURE__ */ ascending(6, 16)],
  /* @__PURE__ */ repeated([1, 4], [1, 3], [11, 2], [3, 1], [9, 2], [1, 3], [1, 2], [5, 1], [4, -1]),
  6,
);

export const MATCH_LENGTHS: Codes = /* @__PURE__ */ codes(
  3,
  [[32, 0], [4, 1], [2, 2], [2, 3], [2, 4], [1, 5], .../* @__PURE__ */ ascending(7, 16)],
  /* @__PURE__ */ repeated([1, 1], [1, 4], [1, 3], [6, 2], [37, 1], [7, -1]),
  6,
);

/** The base is 2^code, and the number is a distance + 3, or 1 to 3 for one of the latest. */
export const OFFSETS: Codes = /* @__PURE__ */ codes(
  1,
  /* @__PURE__ */ ascending(0, 28),
  /* @__PURE__ */ repeated([6, 1], [3, 2], [15, 1], [5, -1]),
  5,
);

/** Which symbol each state of a table stands for (RFC 8878, 4.1.1). */
export function spreadSymbols(shares: ArrayLike<number>, accuracy: number): Uint8Array {
  const size = 1 << accuracy;
  const symbols = new Uint8Array(size);
  let free = size;
  for (let symbol = 0; symbol < shares.length; symbol++) if (shares[symbol] === -1) symbols[--free] = symbol;
  const step = (size >> 1) + (size >> 3) + 3;
  let at = 0;
  for (let symbol = 0; symbol < shares.length; symbol++) {
    for (let i = 0; i < (shares[symbol] as number); i++) {
      symbols[at] = symbol;
      do at = (at + step) & (size - 1);
      while (at >= free);
    }
  }
  return symbols;
}
