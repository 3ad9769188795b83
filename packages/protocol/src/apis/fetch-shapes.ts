// The shapes of Fetch in memory; which version has what stands in fetch.ts.
import type { CurrentLeader, NodeEndpoint } from './leader-hints.ts';

export interface FetchRequest {
  clusterId: string | null; // v12+, tag 0
  replicaId: number; // v0-14; -1: a consumer
  replicaState: FetchRequestReplicaState; // v15+, tag 1
  maxWaitMs: number;
  minBytes: number;
  maxBytes: number; // v3+
  isolationLevel: number; // v4+; IsolationLevel
  sessionId: number; // v7+
  sessionEpoch: number; // v7+
  topics: FetchRequestTopic[];
  forgottenTopicsData: FetchRequestForgottenTopic[]; // v7+
  rackId: string; // v11+
}

export interface FetchRequestReplicaState {
  readonly replicaId: number;
  readonly replicaEpoch: bigint;
}

export interface FetchRequestTopic {
  topic: string; // v0-12
  topicId: string; // v13+
  partitions: FetchRequestPartition[];
}

export interface FetchRequestPartition {
  partition: number;
  currentLeaderEpoch: number; // v9+; -1: do not check
  fetchOffset: bigint;
  lastFetchedEpoch: number; // v12+; -1: do not look for a divergence
  logStartOffset: bigint; // v5+; followers only
  partitionMaxBytes: number;
  replicaDirectoryId: string; // v17+, tag 0
  highWatermark: bigint; // v18+, tag 1
}

export interface FetchRequestForgottenTopic {
  topic: string; // v7-12
  topicId: string; // v13+
  partitions: number[];
}

export interface FetchResponse {
  throttleTimeMs: number; // v1+
  errorCode: number; // v7+
  sessionId: number; // v7+; 0: no session was made
  responses: FetchResponseTopic[];
  nodeEndpoints: NodeEndpoint[]; // v16+, tag 0
}

export interface FetchResponseTopic {
  topic: string; // v0-12
  topicId: string; // v13+
  partitions: FetchResponsePartition[];
}

export interface FetchResponsePartition {
  partitionIndex: number;
  errorCode: number;
  highWatermark: bigint;
  lastStableOffset: bigint; // v4+
  logStartOffset: bigint; // v5+
  divergingEpoch: FetchResponseEpochEnd; // v12+, tag 0; -1 both: the logs agree
  currentLeader: CurrentLeader; // v12+, tag 1
  snapshotId: FetchResponseEpochEnd; // v12+, tag 2
  abortedTransactions: FetchResponseAbortedTransaction[] | null; // v4+; null: none
  preferredReadReplica: number; // v11+; -1: the leader
  records: Buffer | null;
}

/** An offset and the leader epoch that ends there. */
export interface FetchResponseEpochEnd {
  readonly epoch: number;
  readonly endOffset: bigint;
}

export interface FetchResponseAbortedTransaction {
  producerId: bigint;
  firstOffset: bigint;
}
