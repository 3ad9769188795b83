/**
 * CreateTopics (key 19), v0-7. Creates topics (KIP-4); to be sent to the controller. Brokers without ZooKeeper pass it
 * on.
 *
 *   v1  validate_only; error_message in the response (KIP-108)
 *   v2  throttle_time_ms in the response (KIP-124)
 *   v3  throttling after the answer was sent (KIP-219)
 *   v4  -1 partitions or replicas: the broker's default (KIP-464)
 *   v5  flexible; partitions, replication factor and configs of the new topic in the response (KIP-525)
 *   v6  may answer THROTTLING_QUOTA_EXCEEDED (KIP-599)
 *   v7  topic_id in the response (KIP-516)
 */
import type { Api } from '../api.ts';
import { UnsupportedFieldError } from '../errors.ts';
import type { Reader } from '../wire/reader.ts';
import { ZERO_UUID } from '../wire/uuid.ts';
import type { Writer } from '../wire/writer.ts';

export interface CreateTopicsRequest {
  topics: CreateTopicsRequestTopic[];
  timeoutMs: number; // after which the answer is REQUEST_TIMED_OUT, done or not
  validateOnly: boolean; // v1+; check only, create nothing
}

export interface CreateTopicsRequestTopic {
  name: string;
  /** -1 with explicit assignments, and from v4 on for the broker's default. */
  numPartitions: number;
  replicationFactor: number; // -1 likewise
  assignments: CreateTopicsRequestAssignment[]; // empty: the brokers' choice
  configs: CreateTopicsRequestConfig[];
}

export interface CreateTopicsRequestAssignment {
  partitionIndex: number;
  brokerIds: number[]; // the preferred leader first
}

export interface CreateTopicsRequestConfig {
  name: string;
  value: string | null;
}

export interface CreateTopicsResponse {
  throttleTimeMs: number; // v2+
  topics: CreateTopicsResponseTopic[];
}

export interface CreateTopicsResponseTopic {
  name: string;
  topicId: string; // v7+
  errorCode: number;
  errorMessage: string | null; // v1+
  topicConfigErrorCode: number; // v5+, tag 0
  numPartitions: number; // v5+; -1: not told
  replicationFactor: number; // v5+; -1: not told
  configs: CreateTopicsResponseConfig[] | null; // v5+; null: no right to see them
}

export interface CreateTopicsResponseConfig {
  name: string;
  value: string | null;
  readOnly: boolean;
  configSource: number; // ConfigSource
  isSensitive: boolean;
}

/** Creates topics (KIP-4); to be sent to the controller. */
export const CreateTopics: Api<CreateTopicsRequest, CreateTopicsResponse> = {
  key: 19,
  name: 'CreateTopics',
  versions: [0, 7],
  flexibleFrom: 5,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, v: number, request: CreateTopicsRequest): void {
  if (v < 1 && request.validateOnly) throw new UnsupportedFieldError('CreateTopics', v, 'validateOnly');
  w.structs(request.topics, (topic) => encodeNewTopic(w, topic));
  w.int32(request.timeoutMs);
  if (v >= 1) w.bool(request.validateOnly);
  w.tags();
}

function encodeNewTopic(w: Writer, topic: CreateTopicsRequestTopic): void {
  w.string(topic.name);
  w.int32(topic.numPartitions);
  w.int16(topic.replicationFactor);
  w.structs(topic.assignments, ({ partitionIndex, brokerIds }) => {
    w.int32(partitionIndex);
    w.array(brokerIds, (brokerId) => w.int32(brokerId));
  });
  w.structs(topic.configs, ({ name, value }) => {
    w.string(name);
    w.nullableString(value);
  });
}

function decodeRequest(r: Reader, v: number): CreateTopicsRequest {
  const request = {
    topics: r.structs(() => decodeNewTopic(r)),
    timeoutMs: r.int32(),
    validateOnly: v >= 1 ? r.bool() : false,
  };
  r.tags();
  return request;
}

function decodeNewTopic(r: Reader): CreateTopicsRequestTopic {
  return {
    name: r.string(),
    numPartitions: r.int32(),
    replicationFactor: r.int16(),
    assignments: r.structs(() => ({ partitionIndex: r.int32(), brokerIds: r.array(() => r.int32()) })),
    configs: r.structs(() => ({ name: r.string(), value: r.nullableString() })),
  };
}

function encodeResponse(w: Writer, v: number, response: CreateTopicsResponse): void {
  if (v >= 2) w.int32(response.throttleTimeMs);
  w.structs(response.topics, (topic) => encodeCreated(w, v, topic));
  w.tags();
}

function encodeCreated(w: Writer, v: number, topic: CreateTopicsResponseTopic): void {
  const { topicConfigErrorCode } = topic;
  w.string(topic.name);
  if (v >= 7) w.uuid(topic.topicId);
  w.int16(topic.errorCode);
  if (v >= 1) w.nullableString(topic.errorMessage);
  if (v >= 5) {
    w.int32(topic.numPartitions);
    w.int16(topic.replicationFactor);
    w.nullableStructs(topic.configs, (config) => encodeConfig(w, config));
  }
  w.tags(topicConfigErrorCode === 0 ? null : [0, (field) => field.int16(topicConfigErrorCode)]);
}

function encodeConfig(w: Writer, config: CreateTopicsResponseConfig): void {
  w.string(config.name);
  w.nullableString(config.value);
  w.bool(config.readOnly);
  w.int8(config.configSource);
  w.bool(config.isSensitive);
}

function decodeResponse(r: Reader, v: number): CreateTopicsResponse {
  const response = {
    throttleTimeMs: v >= 2 ? r.int32() : 0,
    topics: r.structs(() => decodeCreated(r, v)),
  };
  r.tags();
  return response;
}

function decodeCreated(r: Reader, v: number): CreateTopicsResponseTopic {
  const topic = {
    name: r.string(),
    topicId: v >= 7 ? r.uuid() : ZERO_UUID,
    errorCode: r.int16(),
    errorMessage: v >= 1 ? r.nullableString() : null,
    topicConfigErrorCode: 0,
    numPartitions: v >= 5 ? r.int32() : -1,
    replicationFactor: v >= 5 ? r.int16() : -1,
    configs: v >= 5 ? r.nullableStructs(() => decodeConfig(r)) : null,
  };
  r.tags((tag, field) => {
    if (tag === 0) topic.topicConfigErrorCode = field.int16();
    return tag === 0;
  });
  return topic;
}

function decodeConfig(r: Reader): CreateTopicsResponseConfig {
  return {
    name: r.string(),
    value: r.nullableString(),
    readOnly: r.bool(),
    configSource: r.int8(),
    isSensitive: r.bool(),
  };
}
