// The hash by which other clients choose partitions: FNV-1a, 32 bits. For those who share topics with librdkafka's
// `fnv1a` partitioners or Sarama's default one.

/** Signed 32-bit hash. Both of them take `Math.abs(hash) % partitions`. */
export function fnv1a(bytes: Uint8Array): number {
  let h = 0x811c9dc5;
  for (const byte of bytes) h = Math.imul(h ^ byte, 0x01000193);
  return h | 0;
}
