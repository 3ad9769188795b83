/**
 * DescribeTopicPartitions (key 75), v0. Topics with their partitions page by page, eligible leader replicas included
 * (KIP-966); any broker answers.
 *
 *   v0  flexible
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

export interface DescribeTopicPartitionsRequest {
  topics: DescribeTopicPartitionsRequestTopic[]; // empty: all
  responsePartitionLimit: number; // brokers have a limit of their own, too
  cursor: DescribeTopicPartitionsCursor | null; // null: from the first
}

export interface DescribeTopicPartitionsRequestTopic {
  name: string;
}

/** The first partition of a page. Topics come in the order of their names. */
export interface DescribeTopicPartitionsCursor {
  topicName: string;
  partitionIndex: number;
}

export interface DescribeTopicPartitionsResponse {
  throttleTimeMs: number;
  topics: DescribeTopicPartitionsResponseTopic[];
  nextCursor: DescribeTopicPartitionsCursor | null; // null: that was all
}

export interface DescribeTopicPartitionsResponseTopic {
  errorCode: number;
  name: string | null;
  topicId: string;
  isInternal: boolean;
  partitions: DescribeTopicPartitionsResponsePartition[];
  topicAuthorizedOperations: number; // a bit for each AclOperation; OPERATIONS_NOT_ASKED
}

export interface DescribeTopicPartitionsResponsePartition {
  errorCode: number;
  partitionIndex: number;
  leaderId: number; // -1: none
  leaderEpoch: number;
  replicaNodes: number[];
  isrNodes: number[];
  eligibleLeaderReplicas: number[] | null; // not in sync, but have all that is committed
  lastKnownElr: number[] | null; // were eligible before they died uncleanly
  offlineReplicas: number[];
}

/** Topics with their partitions page by page, eligible leader replicas included (KIP-966); any broker answers. */
export const DescribeTopicPartitions: Api<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse> = {
  key: 75,
  name: 'DescribeTopicPartitions',
  versions: [0, 0],
  flexibleFrom: 0,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, _v: number, request: DescribeTopicPartitionsRequest): void {
  w.structs(request.topics, ({ name }) => w.string(name));
  w.int32(request.responsePartitionLimit);
  encodeCursor(w, request.cursor);
  w.tags();
}

function decodeRequest(r: Reader): DescribeTopicPartitionsRequest {
  const request = {
    topics: r.structs(() => ({ name: r.string() })),
    responsePartitionLimit: r.int32(),
    cursor: decodeCursor(r),
  };
  r.tags();
  return request;
}

function encodeCursor(w: Writer, cursor: DescribeTopicPartitionsCursor | null): void {
  w.nullableStruct(cursor, ({ topicName, partitionIndex }) => {
    w.string(topicName);
    w.int32(partitionIndex);
  });
}

function decodeCursor(r: Reader): DescribeTopicPartitionsCursor | null {
  return r.nullableStruct(() => ({ topicName: r.string(), partitionIndex: r.int32() }));
}

function encodeResponse(w: Writer, _v: number, response: DescribeTopicPartitionsResponse): void {
  w.int32(response.throttleTimeMs);
  w.structs(response.topics, (topic) => encodeTopic(w, topic));
  encodeCursor(w, response.nextCursor);
  w.tags();
}

function encodeTopic(w: Writer, topic: DescribeTopicPartitionsResponseTopic): void {
  w.int16(topic.errorCode);
  w.nullableString(topic.name);
  w.uuid(topic.topicId);
  w.bool(topic.isInternal);
  w.structs(topic.partitions, (partition) => encodePartition(w, partition));
  w.int32(topic.topicAuthorizedOperations);
}

function encodePartition(w: Writer, partition: DescribeTopicPartitionsResponsePartition): void {
  const node = (id: number): void => w.int32(id);
  w.int16(partition.errorCode);
  w.int32(partition.partitionIndex);
  w.int32(partition.leaderId);
  w.int32(partition.leaderEpoch);
  w.array(partition.replicaNodes, node);
  w.array(partition.isrNodes, node);
  w.nullableArray(partition.eligibleLeaderReplicas, node);
  w.nullableArray(partition.lastKnownElr, node);
  w.array(partition.offlineReplicas, node);
}

function decodeResponse(r: Reader): DescribeTopicPartitionsResponse {
  const response = {
    throttleTimeMs: r.int32(),
    topics: r.structs(() => decodeTopic(r)),
    nextCursor: decodeCursor(r),
  };
  r.tags();
  return response;
}

function decodeTopic(r: Reader): DescribeTopicPartitionsResponseTopic {
  return {
    errorCode: r.int16(),
    name: r.nullableString(),
    topicId: r.uuid(),
    isInternal: r.bool(),
    partitions: r.structs(() => decodePartition(r)),
    topicAuthorizedOperations: r.int32(),
  };
}

function decodePartition(r: Reader): DescribeTopicPartitionsResponsePartition {
  const node = (): number => r.int32();
  return {
    errorCode: r.int16(),
    partitionIndex: r.int32(),
    leaderId: r.int32(),
    leaderEpoch: r.int32(),
    replicaNodes: r.array(node),
    isrNodes: r.array(node),
    eligibleLeaderReplicas: r.nullableArray(node),
    lastKnownElr: r.nullableArray(node),
    offlineReplicas: r.array(node),
  };
}
