// Finds what repeats in a block: the half of compressing that snappy, LZ4 and zstd have in common (LZ77, greedy, one
// candidate for each hash of four bytes). Each codec then writes the same matches in its own way.

/** Shortest match worth a reference. */
export const MIN_MATCH = 4;
/** A match begins at least this far from the end of a block, and ends so far from it: LZ4 wants both, others lose little. */
const LAST_START = 12;
const LAST_LITERALS = 5;

const HASH_BITS = 15;
/** After 2^6 misses in a row the search takes longer steps: what does not compress is passed over fast. */
const PATIENCE = 6;

/** Numbers of one match in `matches.found`: literals in front of it, its length, its distance. */
export const FIELDS = 3;

/** A finder for one input after the other; what it found lasts until the next block is searched. */
class Matches {
  /** Latest position of each hash, with the array `found` reused from call to call: nothing is allocated per input. */
  readonly #latest = new Int32Array(1 << HASH_BITS);
  found: Int32Array = new Int32Array(FIELDS * 1024);
  #shift = 0;
  #words: DataView = new DataView(new ArrayBuffer(0));
  #input: Uint8Array = new Uint8Array(0);

  /** Forgets the input before this one. */
  begin(input: Uint8Array): void {
    const bits = Math.min(Math.max(32 - Math.clz32(input.length), 8), HASH_BITS);
    this.#shift = 32 - bits;
    this.#latest.fill(-1, 0, 1 << bits);
    this.#input = input;
    this.#words = new DataView(input.buffer, input.byteOffset, input.length);
  }

  /** Lets go of the input. */
  end(): void {
    this.#input = new Uint8Array(0);
    this.#words = new DataView(new ArrayBuffer(0));
  }

  /**
   * Searches the bytes from `start` to `end`; blocks go in their order.
   *
   * @param lowest matches begin at or after this position
   * @param farthest greatest distance
   * @returns how many numbers of `found` are of this block; bytes behind its last match are literals
   */
  search(start: number, end: number, lowest: number, farthest: number): number {
    const most = FIELDS * (((end - start) >>> 2) + 1);
    if (this.found.length < most) this.found = new Int32Array(most);
    const { found } = this;
    const input = this.#input;
    const words = this.#words;
    const latest = this.#latest;
    const shift = this.#shift;
    let count = 0;
    let literals = start;
    let misses = 1 << PATIENCE;
    for (let at = start; at <= end - LAST_START; ) {
      const word = words.getInt32(at, true);
      const slot = hash(word, shift);
      let from = latest[slot] as number;
      latest[slot] = at;
      if (from < lowest || at - from > farthest || words.getInt32(from, true) !== word) {
        at += misses++ >>> PATIENCE;
        continue;
      }
      const stop = matchEnd(words, input, from + MIN_MATCH, at + MIN_MATCH, end - LAST_LITERALS);
      while (at > literals && from > lowest && input[at - 1] === input[from - 1]) {
        at--;
        from--;
      }
      found[count] = at - literals;
      found[count + 1] = stop - at;
      found[count + 2] = at - from;
      count += FIELDS;
      literals = at = stop;
      misses = 1 << PATIENCE;
      latest[hash(words.getInt32(at - 2, true), shift)] = at - 2;
    }
    return count;
  }
}

export const matches: Matches = /* @__PURE__ */ new Matches();

function hash(word: number, shift: number): number {
  return Math.imul(word, 0x9e3779b1) >>> shift;
}

/** Where the bytes from `to` stop being those from `from`, at most `end`. */
function matchEnd(words: DataView, input: Uint8Array, from: number, to: number, end: number): number {
  let a = from;
  let b = to;
  while (b <= end - 4 && words.getInt32(a, true) === words.getInt32(b, true)) {
    a += 4;
    b += 4;
  }
  while (b < end && input[a] === input[b]) {
    a++;
    b++;
  }
  return b;
}
