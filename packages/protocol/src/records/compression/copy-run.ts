// Copying literals and matches: most are a few bytes, for which a loop beats the call into native code.

const SHORT = 32;

/** @returns the position in `out` after the bytes `start` to `end` */
export function copyRun(bytes: Uint8Array, start: number, end: number, out: Uint8Array, at: number): number {
  if (end - start > SHORT) {
    out.set(bytes.subarray(start, end), at);
    return at + end - start;
  }
  let to = at;
  for (let from = start; from < end; from++) out[to++] = bytes[from] as number;
  return to;
}

/** Copies what lies `distance` bytes before `at`; where the two overlap, it is repeated. @returns the position after it */
export function copyMatch(out: Uint8Array, at: number, distance: number, count: number): number {
  const end = at + count;
  if (count <= SHORT) {
    for (let to = at; to < end; to++) out[to] = out[to - distance] as number;
    return end;
  }
  // Each step copies all that is there by now, so that a single byte is repeated a thousand times in ten steps.
  const from = at - distance;
  for (let to = at; to < end; ) {
    const size = Math.min(to - from, end - to);
    out.copyWithin(to, from, from + size);
    to += size;
  }
  return end;
}
