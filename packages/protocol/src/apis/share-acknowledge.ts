/**
 * ShareAcknowledge (key 79), v0-2. Says what became of acquired records, without fetching more (KIP-932). The leaders
 * of the partitions answer, in the session that ShareFetch opened.
 *
 *   v0  flexible; early access, in Kafka 4.0 only
 *   v1  the same, stable
 *   v2  is_renew_ack: locks may be renewed, acquisition_lock_timeout_ms (KIP-1222)
 */
import type { Api } from '../api.ts';
import { UnsupportedFieldError } from '../errors.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type AcknowledgementBatch, acknowledgementBatches } from './acknowledgement-batch.ts';
import { type CurrentLeader, currentLeader, type NodeEndpoint, nodeEndpoints } from './leader-hints.ts';
import { type Outcome, outcome } from './outcome.ts';
import { type PartitionOutcome, partitionOutcome } from './partition-error.ts';

export interface ShareAcknowledgeRequest {
  groupId: string | null;
  memberId: string | null;
  shareSessionEpoch: number; // -1: close the session, else one more than in the request before
  isRenewAck: boolean; // v2+; must be set when an acknowledgement renews a lock
  topics: ShareAcknowledgeRequestTopic[];
}

export interface ShareAcknowledgeRequestTopic {
  topicId: string;
  partitions: ShareAcknowledgeRequestPartition[];
}

export interface ShareAcknowledgeRequestPartition {
  partitionIndex: number;
  acknowledgementBatches: AcknowledgementBatch[];
}

export interface ShareAcknowledgeResponse extends Outcome {
  acquisitionLockTimeoutMs: number; // v2+
  responses: ShareAcknowledgeResponseTopic[];
  nodeEndpoints: NodeEndpoint[];
}

export interface ShareAcknowledgeResponseTopic {
  topicId: string;
  partitions: ShareAcknowledgeResponsePartition[];
}

export interface ShareAcknowledgeResponsePartition extends PartitionOutcome {
  currentLeader: CurrentLeader;
}

/** Says what became of acquired records, without fetching more (KIP-932). */
export const ShareAcknowledge: Api<ShareAcknowledgeRequest, ShareAcknowledgeResponse> = {
  key: 79,
  name: 'ShareAcknowledge',
  versions: [0, 2],
  flexibleFrom: 0,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, v: number, request: ShareAcknowledgeRequest): void {
  w.nullableString(request.groupId);
  w.nullableString(request.memberId);
  w.int32(request.shareSessionEpoch);
  if (v >= 2) w.bool(request.isRenewAck);
  else if (request.isRenewAck) throw new UnsupportedFieldError('ShareAcknowledge', v, 'isRenewAck');
  w.structs(request.topics, (topic) => {
    w.uuid(topic.topicId);
    w.structs(topic.partitions, (partition) => {
      w.int32(partition.partitionIndex);
      acknowledgementBatches.encode(w, partition.acknowledgementBatches);
    });
  });
  w.tags();
}

function decodeRequest(r: Reader, v: number): ShareAcknowledgeRequest {
  const request = {
    groupId: r.nullableString(),
    memberId: r.nullableString(),
    shareSessionEpoch: r.int32(),
    isRenewAck: v >= 2 ? r.bool() : false,
    topics: r.structs(() => ({ topicId: r.uuid(), partitions: r.structs(() => decodeRequestPartition(r)) })),
  };
  r.tags();
  return request;
}

function decodeRequestPartition(r: Reader): ShareAcknowledgeRequestPartition {
  return { partitionIndex: r.int32(), acknowledgementBatches: acknowledgementBatches.decode(r) };
}

function encodeResponse(w: Writer, v: number, response: ShareAcknowledgeResponse): void {
  outcome.encode(w, response);
  if (v >= 2) w.int32(response.acquisitionLockTimeoutMs);
  w.structs(response.responses, (topic) => {
    w.uuid(topic.topicId);
    w.structs(topic.partitions, (partition) => encodeResponsePartition(w, partition));
  });
  nodeEndpoints.encode(w, response.nodeEndpoints);
  w.tags();
}

function encodeResponsePartition(w: Writer, partition: ShareAcknowledgeResponsePartition): void {
  partitionOutcome.encode(w, partition);
  currentLeader.encode(w, partition.currentLeader);
}

function decodeResponse(r: Reader, v: number): ShareAcknowledgeResponse {
  const response = {
    ...outcome.decode(r),
    acquisitionLockTimeoutMs: v >= 2 ? r.int32() : 0,
    responses: r.structs(() => decodeResponseTopic(r)),
    nodeEndpoints: nodeEndpoints.decode(r),
  };
  r.tags();
  return response;
}

function decodeResponseTopic(r: Reader): ShareAcknowledgeResponseTopic {
  return {
    topicId: r.uuid(),
    partitions: r.structs(() => ({ ...partitionOutcome.decode(r), currentLeader: currentLeader.decode(r) })),
  };
}
