/**
 * ShareFetch (key 78), v0-2. Acquires records of partitions for a member of a share group, and acknowledges earlier
 * ones in the same request (KIP-932). Their leaders answer, each in a session of its own.
 *
 *   v0  flexible; early access, in Kafka 4.0 only
 *   v1  max_records and batch_size in place of partition_max_bytes; acquisition_lock_timeout_ms
 *   v2  share_acquire_mode (KIP-1206), is_renew_ack: locks may be renewed (KIP-1222)
 */
import type { Api } from '../api.ts';
import { UnsupportedFieldError } from '../errors.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { acknowledgementBatches } from './acknowledgement-batch.ts';
import { currentLeader, nodeEndpoints } from './leader-hints.ts';
import { outcome } from './outcome.ts';
import { partitionOutcome } from './partition-error.ts';
import type {
  ShareFetchRequest,
  ShareFetchRequestPartition,
  ShareFetchResponse,
  ShareFetchResponsePartition,
} from './share-fetch-shapes.ts';
import { topicIdPartitions } from './topic-id-partitions.ts';

export type * from './share-fetch-shapes.ts';

export const ShareFetch: Api<ShareFetchRequest, ShareFetchResponse> = {
  key: 78,
  name: 'ShareFetch',
  versions: [0, 2],
  flexibleFrom: 0,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, v: number, request: ShareFetchRequest): void {
  refuseWhatIsMissing(v, request);
  w.nullableString(request.groupId);
  w.nullableString(request.memberId);
  w.int32(request.shareSessionEpoch);
  w.int32(request.maxWaitMs);
  w.int32(request.minBytes);
  w.int32(request.maxBytes);
  if (v >= 1) w.int32(request.maxRecords);
  if (v >= 1) w.int32(request.batchSize);
  if (v >= 2) w.int8(request.shareAcquireMode);
  if (v >= 2) w.bool(request.isRenewAck);
  w.structs(request.topics, ({ topicId, partitions }) => {
    w.uuid(topicId);
    w.structs(partitions, (partition) => encodeRequestPartition(w, v, partition));
  });
  w.structs(request.forgottenTopicsData, (topic) => topicIdPartitions.encode(w, topic));
  w.tags();
}

function refuseWhatIsMissing(v: number, request: ShareFetchRequest): void {
  if (v < 1 && request.maxRecords !== 0) throw new UnsupportedFieldError('ShareFetch', v, 'maxRecords');
  if (v < 1 && request.batchSize !== 0) throw new UnsupportedFieldError('ShareFetch', v, 'batchSize');
  if (v < 2 && request.isRenewAck) throw new UnsupportedFieldError('ShareFetch', v, 'isRenewAck');
}

function encodeRequestPartition(w: Writer, v: number, partition: ShareFetchRequestPartition): void {
  const { partitionMaxBytes } = partition;
  w.int32(partition.partitionIndex);
  if (v === 0) w.int32(partitionMaxBytes);
  else if (partitionMaxBytes !== 0) throw new UnsupportedFieldError('ShareFetch', v, 'partitionMaxBytes');
  acknowledgementBatches.encode(w, partition.acknowledgementBatches);
}

function decodeRequest(r: Reader, v: number): ShareFetchRequest {
  const request = {
    groupId: r.nullableString(),
    memberId: r.nullableString(),
    shareSessionEpoch: r.int32(),
    maxWaitMs: r.int32(),
    minBytes: r.int32(),
    maxBytes: r.int32(),
    maxRecords: v >= 1 ? r.int32() : 0,
    batchSize: v >= 1 ? r.int32() : 0,
    shareAcquireMode: v >= 2 ? r.int8() : 0,
    isRenewAck: v >= 2 ? r.bool() : false,
    topics: r.structs(() => ({ topicId: r.uuid(), partitions: r.structs(() => decodeRequestPartition(r, v)) })),
    forgottenTopicsData: r.structs(() => topicIdPartitions.decode(r)),
  };
  r.tags();
  return request;
}

function decodeRequestPartition(r: Reader, v: number): ShareFetchRequestPartition {
  return {
    partitionIndex: r.int32(),
    partitionMaxBytes: v === 0 ? r.int32() : 0,
    acknowledgementBatches: acknowledgementBatches.decode(r),
  };
}

function encodeResponse(w: Writer, v: number, response: ShareFetchResponse): void {
  outcome.encode(w, response);
  if (v >= 1) w.int32(response.acquisitionLockTimeoutMs);
  w.structs(response.responses, ({ topicId, partitions }) => {
    w.uuid(topicId);
    w.structs(partitions, (partition) => encodeResponsePartition(w, partition));
  });
  nodeEndpoints.encode(w, response.nodeEndpoints);
  w.tags();
}

function encodeResponsePartition(w: Writer, partition: ShareFetchResponsePartition): void {
  partitionOutcome.encode(w, partition);
  w.int16(partition.acknowledgeErrorCode);
  w.nullableString(partition.acknowledgeErrorMessage);
  currentLeader.encode(w, partition.currentLeader);
  w.nullableBytes(partition.records);
  w.structs(partition.acquiredRecords, (range) => {
    w.int64(range.firstOffset);
    w.int64(range.lastOffset);
    w.int16(range.deliveryCount);
  });
}

function decodeResponse(r: Reader, v: number): ShareFetchResponse {
  const response = {
    ...outcome.decode(r),
    acquisitionLockTimeoutMs: v >= 1 ? r.int32() : 0,
    responses: r.structs(() => ({ topicId: r.uuid(), partitions: r.structs(() => decodeResponsePartition(r)) })),
    nodeEndpoints: nodeEndpoints.decode(r),
  };
  r.tags();
  return response;
}

function decodeResponsePartition(r: Reader): ShareFetchResponsePartition {
  return {
    ...partitionOutcome.decode(r),
    acknowledgeErrorCode: r.int16(),
    acknowledgeErrorMessage: r.nullableString(),
    currentLeader: currentLeader.decode(r),
    records: r.nullableBytes(),
    acquiredRecords: r.structs(() => ({ firstOffset: r.int64(), lastOffset: r.int64(), deliveryCount: r.int16() })),
  };
}
