// A checksum of many bytes, piece by piece.
import type { Steps } from '../steps.ts';

/** Half a millisecond with CRC-32C, two with CRC-32. */
const PIECE = 1024 * 1024;

type Checksum = (bytes: Uint8Array, start: number, end: number, before: number) => number;

export function* inSteps(checksum: Checksum, bytes: Uint8Array, start: number, end: number): Steps<number> {
  let sum = 0;
  let at = start;
  for (; end - at > PIECE; at += PIECE) {
    sum = checksum(bytes, at, at + PIECE, sum);
    yield;
  }
  return checksum(bytes, at, end, sum);
}
