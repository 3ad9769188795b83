// Shapes that every part of the client shares.

/** What every call that waits takes. */
export interface Waiting {
  /** Aborting rejects the call with `signal.reason` and leaves nothing behind. */
  signal?: AbortSignal | undefined;
  /** The whole call, with all its attempts. */
  timeoutMs?: number | undefined;
}

export interface TopicPartition {
  topic: string;
  partition: number;
}

export interface TopicPartitionOffset extends TopicPartition {
  offset: bigint;
  /** Epoch of the leader under which the record before `offset` was read; left out or -1: unknown. */
  leaderEpoch?: number;
  /** Free text stored beside a committed offset. */
  metadata?: string;
}

/** Where to start reading a partition. */
export interface PartitionStart extends TopicPartition {
  offset: bigint | 'earliest' | 'latest' | 'committed' | { timestampMs: number };
}

/** One partition as the cluster describes it. */
export interface PartitionInfo extends TopicPartition {
  /** -1: none now. */
  leaderId: number;
  leaderEpoch: number;
  replicas: readonly number[];
  isr: readonly number[];
}

/** Where a broker listens. */
export interface BrokerAddress {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
}

/** Bytes, or text that is taken as UTF-8. */
export type Bytes = Uint8Array | string;
