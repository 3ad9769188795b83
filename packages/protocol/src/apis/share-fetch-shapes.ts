// The shapes of ShareFetch in memory; which version has what stands in share-fetch.ts.
import type { AcknowledgementBatch } from './acknowledgement-batch.ts';
import type { CurrentLeader, NodeEndpoint } from './leader-hints.ts';
import type { Outcome } from './outcome.ts';
import type { PartitionOutcome } from './partition-error.ts';
import type { TopicIdPartitions } from './topic-id-partitions.ts';

export interface ShareFetchRequest {
  groupId: string | null;
  memberId: string | null;
  shareSessionEpoch: number; // 0: open, -1: close, else one more than in the request before
  maxWaitMs: number;
  minBytes: number;
  maxBytes: number;
  maxRecords: number; // v1+; may be exceeded to the end of a batch
  batchSize: number; // v1+; how many records an acquired range had best have
  shareAcquireMode: number; // v2+; 0: whole batches, 1: never more than maxRecords
  isRenewAck: boolean; // v2+; must be set when an acknowledgement renews a lock
  topics: ShareFetchRequestTopic[];
  forgottenTopicsData: TopicIdPartitions[];
}

export interface ShareFetchRequestTopic {
  topicId: string;
  partitions: ShareFetchRequestPartition[];
}

export interface ShareFetchRequestPartition {
  partitionIndex: number;
  partitionMaxBytes: number; // v0; 0: only acknowledge
  acknowledgementBatches: AcknowledgementBatch[];
}

export interface ShareFetchResponse extends Outcome {
  acquisitionLockTimeoutMs: number; // v1+
  responses: ShareFetchResponseTopic[];
  nodeEndpoints: NodeEndpoint[];
}

export interface ShareFetchResponseTopic {
  topicId: string;
  partitions: ShareFetchResponsePartition[];
}

export interface ShareFetchResponsePartition extends PartitionOutcome {
  acknowledgeErrorCode: number; // of the acknowledgements in the request
  acknowledgeErrorMessage: string | null;
  currentLeader: CurrentLeader;
  records: Buffer | null; // Kafka has null in v0 only, other brokers in all
  acquiredRecords: ShareFetchResponseAcquiredRecords[];
}

/** Of the records in the answer, only those in such a range are the member's. */
export interface ShareFetchResponseAcquiredRecords {
  firstOffset: bigint;
  lastOffset: bigint; // inclusive
  deliveryCount: number; // 1: for the first time
}
