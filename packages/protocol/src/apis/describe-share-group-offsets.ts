/**
 * DescribeShareGroupOffsets (key 90), v0-1. Where share groups begin to read each partition (KIP-932); to be sent to
 * the coordinator of each group.
 *
 *   v0  flexible
 *   v1  lag (KIP-1226)
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

export interface DescribeShareGroupOffsetsRequest {
  groups: DescribeShareGroupOffsetsRequestGroup[];
}

export interface DescribeShareGroupOffsetsRequestGroup {
  groupId: string;
  topics: DescribeShareGroupOffsetsRequestTopic[] | null; // null: all
}

export interface DescribeShareGroupOffsetsRequestTopic {
  topicName: string;
  partitions: number[];
}

export interface DescribeShareGroupOffsetsResponse {
  throttleTimeMs: number;
  groups: DescribeShareGroupOffsetsResponseGroup[];
}

export interface DescribeShareGroupOffsetsResponseGroup {
  groupId: string;
  topics: DescribeShareGroupOffsetsResponseTopic[];
  errorCode: number;
  errorMessage: string | null;
}

export interface DescribeShareGroupOffsetsResponseTopic {
  topicName: string;
  topicId: string;
  partitions: DescribeShareGroupOffsetsResponsePartition[];
}

export interface DescribeShareGroupOffsetsResponsePartition {
  partitionIndex: number;
  startOffset: bigint; // -1: none yet
  leaderEpoch: number;
  lag: bigint; // v1+; records behind the end of the partition, -1: unknown
  errorCode: number;
  errorMessage: string | null;
}

/** Where share groups begin to read each partition (KIP-932); to be sent to the coordinator of each group. */
export const DescribeShareGroupOffsets: Api<DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse> = {
  key: 90,
  name: 'DescribeShareGroupOffsets',
  versions: [0, 1],
  flexibleFrom: 0,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, _v: number, request: DescribeShareGroupOffsetsRequest): void {
  w.structs(request.groups, (group) => {
    w.string(group.groupId);
    w.nullableStructs(group.topics, (topic) => {
      w.string(topic.topicName);
      w.array(topic.partitions, (partition) => w.int32(partition));
    });
  });
  w.tags();
}

function decodeRequest(r: Reader): DescribeShareGroupOffsetsRequest {
  const topic = () => ({ topicName: r.string(), partitions: r.array(() => r.int32()) });
  const request = { groups: r.structs(() => ({ groupId: r.string(), topics: r.nullableStructs(topic) })) };
  r.tags();
  return request;
}

function encodeResponse(w: Writer, v: number, response: DescribeShareGroupOffsetsResponse): void {
  w.int32(response.throttleTimeMs);
  w.structs(response.groups, (group) => {
    w.string(group.groupId);
    w.structs(group.topics, ({ topicName, topicId, partitions }) => {
      w.string(topicName);
      w.uuid(topicId);
      w.structs(partitions, (partition) => encodePartition(w, v, partition));
    });
    w.int16(group.errorCode);
    w.nullableString(group.errorMessage);
  });
  w.tags();
}

function encodePartition(w: Writer, v: number, partition: DescribeShareGroupOffsetsResponsePartition): void {
  w.int32(partition.partitionIndex);
  w.int64(partition.startOffset);
  w.int32(partition.leaderEpoch);
  if (v >= 1) w.int64(partition.lag);
  w.int16(partition.errorCode);
  w.nullableString(partition.errorMessage);
}

function decodeResponse(r: Reader, v: number): DescribeShareGroupOffsetsResponse {
  const response = { throttleTimeMs: r.int32(), groups: r.structs(() => decodeGroup(r, v)) };
  r.tags();
  return response;
}

function decodeGroup(r: Reader, v: number): DescribeShareGroupOffsetsResponseGroup {
  return {
    groupId: r.string(),
    topics: r.structs(() => ({
      topicName: r.string(),
      topicId: r.uuid(),
      partitions: r.structs(() => decodePartition(r, v)),
    })),
    errorCode: r.int16(),
    errorMessage: r.nullableString(),
  };
}

function decodePartition(r: Reader, v: number): DescribeShareGroupOffsetsResponsePartition {
  return {
    partitionIndex: r.int32(),
    startOffset: r.int64(),
    leaderEpoch: r.int32(),
    lag: v >= 1 ? r.int64() : -1n,
    errorCode: r.int16(),
    errorMessage: r.nullableString(),
  };
}
