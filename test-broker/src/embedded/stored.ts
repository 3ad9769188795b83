// What observers are told of what is stored.

/** A batch as it came to a log. */
export interface Append {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  /** Of its first record; the bytes still say 0. */
  readonly baseOffset: bigint;
  readonly batch: Buffer;
}

/** An offset as it was stored. */
export interface StoredCommit {
  readonly groupId: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}
