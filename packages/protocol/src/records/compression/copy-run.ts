// Copying literals and matches: most are a few bytes, for which a loop beats the call into native code, and one that
// takes four bytes a step beats one that takes one.

const SHORT = 32;

/** Bytes together with a view that reads and writes four of them at a time. */
export class Span {
  readonly bytes: Uint8Array;
  readonly words: DataView;
  /** Below this position four bytes can be read or written. */
  readonly lastWord: number;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.lastWord = bytes.length - 3;
  }
}

/** May write up to three bytes more, which the next copy overwrites. @returns the position after bytes `start` to `end` */
export function copyRun(from: Span, start: number, end: number, out: Span, at: number): number {
  const stop = at + end - start;
  if (end - start > SHORT) out.bytes.set(from.bytes.subarray(start, end), at);
  else if (end < from.lastWord && stop < out.lastWord) copyWords(from.words, start, out.words, at, stop);
  else for (let i = start, to = at; i < end; i++, to++) out.bytes[to] = from.bytes[i] as number;
  return stop;
}

/** Copies what lies `distance` bytes before `at`; where the two overlap, it is repeated. @returns the position after it */
export function copyMatch(out: Span, at: number, distance: number, count: number): number {
  const { bytes } = out;
  const stop = at + count;
  if (count > SHORT) repeat(bytes, at, distance, stop);
  else if (distance >= 4 && stop < out.lastWord) copyWords(out.words, at - distance, out.words, at, stop);
  else for (let to = at; to < stop; to++) bytes[to] = bytes[to - distance] as number;
  return stop;
}

function copyWords(source: DataView, start: number, target: DataView, at: number, stop: number): void {
  for (let from = start, to = at; to < stop; from += 4, to += 4) {
    target.setInt32(to, source.getInt32(from, true), true);
  }
}

/** Each step copies all that is there by now, so that a single byte is repeated a thousand times in ten steps. */
function repeat(bytes: Uint8Array, at: number, distance: number, stop: number): void {
  const from = at - distance;
  for (let to = at; to < stop; ) {
    const size = Math.min(to - from, stop - to);
    bytes.copyWithin(to, from, from + size);
    to += size;
  }
}
