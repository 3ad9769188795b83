// Copying literals: most runs are a few bytes, for which a loop beats the call into native code.

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
