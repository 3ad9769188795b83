// The hash of Kafka's default partitioner: MurmurHash2, 32 bits, with the seed of the Java client.

/**
 * Signed 32-bit hash, as Java's `Utils.murmur2`.
 *
 * @example const partition = (murmur2(Buffer.from('key')) & 0x7fffffff) % partitions;
 */
export function murmur2(bytes: Uint8Array): number {
  // A constant of the function: that of a module becomes a `var` when bundled, which costs a quarter of the speed here.
  const M = 0x5bd1e995;
  const length = bytes.length;
  const whole = length & ~3;
  let h = 0x9747b28c ^ length;
  for (let i = 0; i < whole; i += 4) {
    const k = Math.imul(word(bytes, i), M);
    h = Math.imul(h, M) ^ Math.imul(k ^ (k >>> 24), M);
  }
  const rest = length - whole;
  if (rest === 3) h ^= (bytes[whole + 2] as number) << 16;
  if (rest >= 2) h ^= (bytes[whole + 1] as number) << 8;
  if (rest >= 1) h = Math.imul(h ^ (bytes[whole] as number), M);
  h = Math.imul(h ^ (h >>> 13), M);
  return h ^ (h >>> 15);
}

function word(bytes: Uint8Array, at: number): number {
  const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
  return low | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
}
