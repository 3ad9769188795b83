// What is fuzzed: something that reads bytes nobody vouches for.

export interface FuzzTarget {
  readonly name: string;
  /** Bytes that are right, to be changed. */
  readonly seeds: readonly Buffer[];
  /** What a case may take, beside what its own length explains: an unpacked batch is larger than its bytes. */
  readonly heapBytes: number;
  /**
   * Reads them, and checks what it got.
   *
   * @throws a KafkaError to refuse them; anything else is a finding
   */
  check(bytes: Buffer): void;
}
