// The shapes of Fetch in memory; which version has what stands in fetch.ts.
import type { FetchTopic } from './fetch-topic.ts';
import type { CurrentLeader, NodeEndpoint } from './leader-hints.ts';

export interface FetchRequest {
  clusterId: string | null; // v12+, tag 0; followers only
  replicaId: number; // v0-14; -1: a consumer
  replicaState: FetchRequestReplicaState; // v15+, tag 1; -1 both: a consumer
  maxWaitMs: number; // for minBytes to be there
  minBytes: number;
  maxBytes: number; // v3+; may be exceeded by the first batch
  isolationLevel: number; // v4+; IsolationLevel
  sessionId: number; // v7+; 0: none yet
  sessionEpoch: number; // v7+; -1: no session, or close it; 0: open one; else one more than in the request before
  topics: FetchRequestTopic[];
  forgottenTopicsData: FetchRequestForgottenTopic[]; // v7+; no longer wanted in the session
  rackId: string; // v11+; '': none
}

export interface FetchRequestReplicaState {
  readonly replicaId: number;
  readonly replicaEpoch: bigint;
}

export interface FetchRequestTopic extends FetchTopic {
  partitions: FetchRequestPartition[];
}

export interface FetchRequestPartition {
  partition: number;
  currentLeaderEpoch: number; // v9+; -1: do not check
  fetchOffset: bigint;
  lastFetchedEpoch: number; // v12+; -1: do not look for a divergence
  logStartOffset: bigint; // v5+; followers only
  partitionMaxBytes: number; // may be exceeded by the first batch
  replicaDirectoryId: string; // v17+, tag 0; followers only
  highWatermark: bigint; // v18+, tag 1; followers only: the one they know, the highest int64 otherwise
}

export interface FetchRequestForgottenTopic extends FetchTopic {
  partitions: number[];
}

export interface FetchResponse {
  throttleTimeMs: number; // v1+
  errorCode: number; // v7+
  sessionId: number; // v7+; 0: no session was made
  responses: FetchResponseTopic[];
  nodeEndpoints: NodeEndpoint[]; // v16+, tag 0
}

export interface FetchResponseTopic extends FetchTopic {
  partitions: FetchResponsePartition[];
}

export interface FetchResponsePartition {
  partitionIndex: number;
  errorCode: number;
  highWatermark: bigint; // -1 with an error
  lastStableOffset: bigint; // v4+; below it every transaction has ended, -1: unknown
  logStartOffset: bigint; // v5+; -1: unknown
  divergingEpoch: FetchResponseEpochEnd; // v12+, tag 0; -1 both: the logs agree
  currentLeader: CurrentLeader; // v12+, tag 1
  snapshotId: FetchResponseEpochEnd; // v12+, tag 2; -1 both: none is to be fetched instead
  abortedTransactions: FetchResponseAbortedTransaction[] | null; // v4+; null: none
  preferredReadReplica: number; // v11+; -1: the leader
  records: Buffer | null; // the last batch may be cut off
}

/** An offset and the leader epoch that ends there. */
export interface FetchResponseEpochEnd {
  readonly epoch: number;
  readonly endOffset: bigint;
}

export interface FetchResponseAbortedTransaction {
  producerId: bigint;
  firstOffset: bigint; // of the transaction
}
