/**
 * Metadata (key 3), v0-13. Brokers, topics, and who leads which partition; any broker answers.
 *
 *   v1  null asks for all topics; rack, controller_id, is_internal (KIP-4)
 *   v2  cluster_id (KIP-78)
 *   v3  throttle_time_ms in the response (KIP-124)
 *   v4  allow_auto_topic_creation
 *   v5  offline_replicas (KIP-112)
 *   v6  throttling after the answer was sent (KIP-219)
 *   v7  leader_epoch (KIP-320)
 *   v8  authorized operations (KIP-430)
 *   v9  flexible
 *   v10 topic_id beside the name (KIP-516)
 *   v11 authorized operations of the cluster are gone (KIP-700)
 *   v12 topics may be asked for by id alone; the name is nullable (KIP-516)
 *   v13 error_code at the top: REBOOTSTRAP_REQUIRED (KIP-1102)
 *
 * In memory null always means all topics, in v0 too, where the wire says it with an empty list.
 */
import type { Api } from '../api.ts';
import { OPERATIONS_NOT_ASKED } from '../constants.ts';
import { UnsupportedFieldError } from '../errors.ts';
import type { Reader } from '../wire/reader.ts';
import { ZERO_UUID } from '../wire/uuid.ts';
import type { Writer } from '../wire/writer.ts';
import type {
  MetadataRequest,
  MetadataRequestTopic,
  MetadataResponse,
  MetadataResponseBroker,
  MetadataResponsePartition,
  MetadataResponseTopic,
} from './metadata-shapes.ts';

export type * from './metadata-shapes.ts';

const WIDE_NULL_REST = 3;

export const Metadata: Api<MetadataRequest, MetadataResponse> = {
  key: 3,
  name: 'Metadata',
  versions: [0, 13],
  flexibleFrom: 9,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, v: number, request: MetadataRequest): void {
  refuseWhatIsMissing(v, request);
  const topics = v === 0 ? (request.topics ?? []) : request.topics;
  w.nullableStructs(topics, (topic) => encodeRequestTopic(w, v, topic));
  if (v >= 4) w.bool(request.allowAutoTopicCreation);
  if (v >= 8 && v <= 10) w.bool(request.includeClusterAuthorizedOperations);
  if (v >= 8) w.bool(request.includeTopicAuthorizedOperations);
  w.tags();
}

function refuseWhatIsMissing(v: number, request: MetadataRequest): void {
  const missing = (field: string): UnsupportedFieldError => new UnsupportedFieldError('Metadata', v, field);
  if (v === 0 && request.topics?.length === 0) throw missing('an empty list of topics (it would mean all)');
  if (v < 4 && !request.allowAutoTopicCreation) throw missing('allowAutoTopicCreation: false');
  if ((v < 8 || v > 10) && request.includeClusterAuthorizedOperations) {
    throw missing('includeClusterAuthorizedOperations');
  }
  if (v < 8 && request.includeTopicAuthorizedOperations) throw missing('includeTopicAuthorizedOperations');
}

function encodeRequestTopic(w: Writer, v: number, topic: MetadataRequestTopic): void {
  if (v >= 10) {
    w.uuid(topic.topicId);
    w.nullableString(topic.name);
  } else if (topic.name === null) {
    throw new UnsupportedFieldError('Metadata', v, 'a topic without a name');
  } else {
    w.string(topic.name);
  }
}

function decodeRequest(r: Reader, v: number): MetadataRequest {
  const topic = (): MetadataRequestTopic => decodeRequestTopic(r, v);
  const request = {
    topics: v === 0 ? allWhenEmpty(r.structs(topic)) : r.nullableStructs(topic),
    allowAutoTopicCreation: v >= 4 ? r.bool() : true,
    includeClusterAuthorizedOperations: v >= 8 && v <= 10 ? r.bool() : false,
    includeTopicAuthorizedOperations: v >= 8 ? r.bool() : false,
  };
  r.tags();
  if (v >= 9 && request.topics === null) skipRestOfWideNull(r);
  return request;
}

/**
 * librdkafka (2.16 does) reserves four bytes for the count and, asking for all topics, fills in only the first of
 * them. Everything after it is off by three bytes; Kafka reads on regardless and ignores what is left over.
 */
function skipRestOfWideNull(r: Reader): void {
  if (r.remaining === WIDE_NULL_REST) r.take(WIDE_NULL_REST);
}

function allWhenEmpty(topics: MetadataRequestTopic[]): MetadataRequestTopic[] | null {
  return topics.length === 0 ? null : topics;
}

function decodeRequestTopic(r: Reader, v: number): MetadataRequestTopic {
  return {
    topicId: v >= 10 ? r.uuid() : ZERO_UUID,
    name: v >= 10 ? r.nullableString() : r.string(),
  };
}

function encodeResponse(w: Writer, v: number, response: MetadataResponse): void {
  if (v >= 3) w.int32(response.throttleTimeMs);
  w.structs(response.brokers, (broker) => encodeBroker(w, v, broker));
  if (v >= 2) w.nullableString(response.clusterId);
  if (v >= 1) w.int32(response.controllerId);
  w.structs(response.topics, (topic) => encodeTopic(w, v, topic));
  if (v >= 8 && v <= 10) w.int32(response.clusterAuthorizedOperations);
  if (v >= 13) w.int16(response.errorCode);
  w.tags();
}

function encodeBroker(w: Writer, v: number, broker: MetadataResponseBroker): void {
  w.int32(broker.nodeId);
  w.string(broker.host);
  w.int32(broker.port);
  if (v >= 1) w.nullableString(broker.rack);
}

function encodeTopic(w: Writer, v: number, topic: MetadataResponseTopic): void {
  w.int16(topic.errorCode);
  if (v >= 12) w.nullableString(topic.name);
  else w.string(topic.name ?? '');
  if (v >= 10) w.uuid(topic.topicId);
  if (v >= 1) w.bool(topic.isInternal);
  w.structs(topic.partitions, (partition) => encodePartition(w, v, partition));
  if (v >= 8) w.int32(topic.topicAuthorizedOperations);
}

function encodePartition(w: Writer, v: number, partition: MetadataResponsePartition): void {
  w.int16(partition.errorCode);
  w.int32(partition.partitionIndex);
  w.int32(partition.leaderId);
  if (v >= 7) w.int32(partition.leaderEpoch);
  w.int32s(partition.replicaNodes);
  w.int32s(partition.isrNodes);
  if (v >= 5) w.int32s(partition.offlineReplicas);
}

function decodeResponse(r: Reader, v: number): MetadataResponse {
  const response = {
    throttleTimeMs: v >= 3 ? r.int32() : 0,
    brokers: r.structs(() => decodeBroker(r, v)),
    clusterId: v >= 2 ? r.nullableString() : null,
    controllerId: v >= 1 ? r.int32() : -1,
    topics: r.structs(() => decodeTopic(r, v)),
    clusterAuthorizedOperations: v >= 8 && v <= 10 ? r.int32() : OPERATIONS_NOT_ASKED,
    errorCode: v >= 13 ? r.int16() : 0,
  };
  r.tags();
  return response;
}

function decodeBroker(r: Reader, v: number): MetadataResponseBroker {
  return { nodeId: r.int32(), host: r.string(), port: r.int32(), rack: v >= 1 ? r.nullableString() : null };
}

function decodeTopic(r: Reader, v: number): MetadataResponseTopic {
  return {
    errorCode: r.int16(),
    name: v >= 12 ? r.nullableString() : r.string(),
    topicId: v >= 10 ? r.uuid() : ZERO_UUID,
    isInternal: v >= 1 ? r.bool() : false,
    partitions: r.structs(() => decodePartition(r, v)),
    topicAuthorizedOperations: v >= 8 ? r.int32() : OPERATIONS_NOT_ASKED,
  };
}

function decodePartition(r: Reader, v: number): MetadataResponsePartition {
  return {
    errorCode: r.int16(),
    partitionIndex: r.int32(),
    leaderId: r.int32(),
    leaderEpoch: v >= 7 ? r.int32() : -1,
    replicaNodes: r.int32s(),
    isrNodes: r.int32s(),
    offlineReplicas: v >= 5 ? r.int32s() : [],
  };
}
