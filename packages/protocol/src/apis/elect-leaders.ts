/**
 * ElectLeaders (key 43), v0-2. Makes the preferred replica the leader again (KIP-183), or one that is not in sync where
 * no other is left (KIP-460); to be sent to the controller. Brokers without ZooKeeper pass it on.
 *
 *   v1  election_type (v0: preferred); error_code of the whole answer (KIP-460)
 *   v2  flexible
 */
import type { Api } from '../api.ts';
import { ElectionType } from '../constants.ts';
import { UnsupportedFieldError } from '../errors.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type TopicPartitions, topicPartitions } from './topic-partitions.ts';

export interface ElectLeadersRequest {
  electionType: number; // v1+; ElectionType
  topicPartitions: ElectLeadersRequestTopicPartitions[] | null; // null: all
  timeoutMs: number; // after which the answer is REQUEST_TIMED_OUT, done or not
}

export type ElectLeadersRequestTopicPartitions = TopicPartitions;

export interface ElectLeadersResponse {
  throttleTimeMs: number;
  errorCode: number; // v1+
  replicaElectionResults: ElectLeadersResponseReplicaElectionResult[];
}

export interface ElectLeadersResponseReplicaElectionResult {
  topic: string;
  partitionResult: ElectLeadersResponsePartitionResult[];
}

export interface ElectLeadersResponsePartitionResult {
  partitionId: number;
  errorCode: number;
  errorMessage: string | null;
}

/**
 * Makes the preferred replica the leader again (KIP-183), or one that is not in sync where no other is left (KIP-460);
 * to be sent to the controller.
 */
export const ElectLeaders: Api<ElectLeadersRequest, ElectLeadersResponse> = {
  key: 43,
  name: 'ElectLeaders',
  versions: [0, 2],
  flexibleFrom: 2,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, v: number, request: ElectLeadersRequest): void {
  if (v >= 1) w.int8(request.electionType);
  else if (request.electionType !== ElectionType.preferred) {
    throw new UnsupportedFieldError('ElectLeaders', v, 'electionType');
  }
  w.nullableStructs(request.topicPartitions, (topic) => topicPartitions.encode(w, topic));
  w.int32(request.timeoutMs);
  w.tags();
}

function decodeRequest(r: Reader, v: number): ElectLeadersRequest {
  const request = {
    electionType: v >= 1 ? r.int8() : ElectionType.preferred,
    topicPartitions: r.nullableStructs(() => topicPartitions.decode(r)),
    timeoutMs: r.int32(),
  };
  r.tags();
  return request;
}

function encodeResponse(w: Writer, v: number, response: ElectLeadersResponse): void {
  w.int32(response.throttleTimeMs);
  if (v >= 1) w.int16(response.errorCode);
  w.structs(response.replicaElectionResults, ({ topic, partitionResult }) => {
    w.string(topic);
    w.structs(partitionResult, ({ partitionId, errorCode, errorMessage }) => {
      w.int32(partitionId);
      w.int16(errorCode);
      w.nullableString(errorMessage);
    });
  });
  w.tags();
}

function decodeResponse(r: Reader, v: number): ElectLeadersResponse {
  const response = {
    throttleTimeMs: r.int32(),
    errorCode: v >= 1 ? r.int16() : 0,
    replicaElectionResults: r.structs(() => ({
      topic: r.string(),
      partitionResult: r.structs(() => decodePartition(r)),
    })),
  };
  r.tags();
  return response;
}

function decodePartition(r: Reader): ElectLeadersResponsePartitionResult {
  return { partitionId: r.int32(), errorCode: r.int16(), errorMessage: r.nullableString() };
}
