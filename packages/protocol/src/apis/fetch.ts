/**
 * Fetch (key 1), v0-18. Reads records of partitions from their leader, or from a follower it named.
 *
 *   v1  throttle_time_ms in the response
 *   v3  max_bytes; the order of the partitions matters (KIP-74)
 *   v4  isolation_level, last_stable_offset, aborted_transactions; records of magic 2 (KIP-98)
 *   v5  log_start_offset
 *   v7  sessions: session_id, session_epoch, forgotten_topics_data, an error at the top (KIP-227)
 *   v9  current_leader_epoch (KIP-320)
 *   v10 records may be compressed with zstd (KIP-110)
 *   v11 rack_id and preferred_read_replica (KIP-392)
 *   v12 flexible; last_fetched_epoch, diverging_epoch, current_leader, snapshot_id (KIP-595)
 *   v13 topic_id in place of the name (KIP-516)
 *   v15 replica_state in place of replica_id (KIP-903)
 *   v16 node_endpoints (KIP-951)
 *   v17 replica_directory_id (KIP-853)
 *   v18 high_watermark in the request (KIP-1166)
 */
import type { Api } from '../api.ts';
import { decodeFetchRequest, encodeFetchRequest } from './fetch-request.ts';
import { decodeFetchResponse, encodeFetchResponse } from './fetch-response.ts';
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

export const Fetch: Api<FetchRequest, FetchResponse> = {
  key: 1,
  name: 'Fetch',
  versions: [0, 18],
  flexibleFrom: 12,
  encodeRequest: encodeFetchRequest,
  decodeRequest: decodeFetchRequest,
  encodeResponse: encodeFetchResponse,
  decodeResponse: decodeFetchResponse,
};
