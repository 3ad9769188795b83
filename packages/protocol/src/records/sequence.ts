// Sequence numbers of idempotent producers (KIP-98): 31 bits, from 2147483647 back to 0.

/**
 * The sequence `count` records after `base`; -1 (none) stays -1.
 *
 * @example sequenceAfter(2147483646, 3) // 1
 */
export function sequenceAfter(base: number, count: number): number {
  return base < 0 ? -1 : (base + count) % 2 ** 31;
}
