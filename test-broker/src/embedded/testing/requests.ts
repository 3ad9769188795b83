// Requests for this package's tests, with everything filled in that a test does not care about.
import {
  BatchBuilder,
  type FetchRequest,
  type JoinGroupRequest,
  type MetadataRequest,
  type ProduceRequest,
  type SealOptions,
  type SyncGroupRequest,
  ZERO_UUID,
} from '@hopwire/protocol';

export function batchOf(values: readonly (string | null)[], seal: SealOptions = {}, timestampMs = 1000): Buffer {
  const builder = new BatchBuilder();
  for (const [i, value] of values.entries()) builder.append(timestampMs + i, value, value);
  return builder.seal(seal);
}

export function produceOf(
  topic: string,
  records: Buffer,
  options: { index?: number; acks?: number; topicId?: string } = {},
): ProduceRequest {
  const { index = 0, acks = -1, topicId = ZERO_UUID } = options;
  return {
    transactionalId: null,
    acks,
    timeoutMs: 1000,
    topicData: [{ name: topicId === ZERO_UUID ? topic : '', topicId, partitionData: [{ index, records }] }],
  };
}

type FetchTopic = FetchRequest['topics'][number];
type FetchPartition = FetchTopic['partitions'][number];

export function fetchPartition(
  partition: number,
  fetchOffset: bigint,
  options: Partial<FetchPartition> = {},
): FetchPartition {
  return {
    partition,
    currentLeaderEpoch: -1,
    fetchOffset,
    lastFetchedEpoch: -1,
    logStartOffset: -1n,
    partitionMaxBytes: 1 << 20,
    replicaDirectoryId: ZERO_UUID,
    highWatermark: 9223372036854775807n,
    ...options,
  };
}

export function fetchOf(
  topic: string,
  partitions: FetchPartition[],
  options: Partial<FetchRequest> = {},
): FetchRequest {
  return {
    clusterId: null,
    replicaId: -1,
    replicaState: { replicaId: -1, replicaEpoch: -1n },
    maxWaitMs: 0,
    minBytes: 1,
    maxBytes: 0x7fffffff,
    isolationLevel: 0,
    sessionId: 0,
    sessionEpoch: -1,
    topics: partitions.length === 0 ? [] : [{ topic, topicId: ZERO_UUID, partitions }],
    forgottenTopicsData: [],
    rackId: '',
    ...options,
  };
}

export function metadataOf(...names: string[]): MetadataRequest {
  return {
    topics: names.map((name) => ({ topicId: ZERO_UUID, name })),
    allowAutoTopicCreation: true,
    includeClusterAuthorizedOperations: false,
    includeTopicAuthorizedOperations: false,
  };
}

export function joinOf(groupId: string, options: Partial<JoinGroupRequest> = {}): JoinGroupRequest {
  return {
    groupId,
    sessionTimeoutMs: 30_000,
    rebalanceTimeoutMs: 30_000,
    memberId: '',
    groupInstanceId: null,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: Buffer.from('m') }],
    reason: null,
    ...options,
  };
}

export function syncOf(
  groupId: string,
  generationId: number,
  memberId: string,
  assignments: SyncGroupRequest['assignments'] = [],
): SyncGroupRequest {
  return {
    groupId,
    generationId,
    memberId,
    groupInstanceId: null,
    protocolType: 'consumer',
    protocolName: 'range',
    assignments,
  };
}
