/**
 * AlterShareGroupOffsets (key 91), v0. Sets where a share group without members begins to read (KIP-932); to be sent
 * to its coordinator.
 *
 *   v0  flexible
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type Outcome, outcome } from './outcome.ts';
import { type PartitionOutcome, partitionOutcome } from './partition-error.ts';

export interface AlterShareGroupOffsetsRequest {
  groupId: string;
  topics: AlterShareGroupOffsetsRequestTopic[];
}

export interface AlterShareGroupOffsetsRequestTopic {
  topicName: string;
  partitions: AlterShareGroupOffsetsRequestPartition[];
}

export interface AlterShareGroupOffsetsRequestPartition {
  partitionIndex: number;
  startOffset: bigint;
}

export interface AlterShareGroupOffsetsResponse extends Outcome {
  responses: AlterShareGroupOffsetsResponseTopic[];
}

export interface AlterShareGroupOffsetsResponseTopic {
  topicName: string;
  topicId: string;
  partitions: AlterShareGroupOffsetsResponsePartition[];
}

export type AlterShareGroupOffsetsResponsePartition = PartitionOutcome;

/** Sets where a share group without members begins to read (KIP-932); to be sent to its coordinator. */
export const AlterShareGroupOffsets: Api<AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse> = {
  key: 91,
  name: 'AlterShareGroupOffsets',
  versions: [0, 0],
  flexibleFrom: 0,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, _v: number, request: AlterShareGroupOffsetsRequest): void {
  w.string(request.groupId);
  w.structs(request.topics, ({ topicName, partitions }) => {
    w.string(topicName);
    w.structs(partitions, ({ partitionIndex, startOffset }) => {
      w.int32(partitionIndex);
      w.int64(startOffset);
    });
  });
  w.tags();
}

function decodeRequest(r: Reader): AlterShareGroupOffsetsRequest {
  const partition = () => ({ partitionIndex: r.int32(), startOffset: r.int64() });
  const request = {
    groupId: r.string(),
    topics: r.structs(() => ({ topicName: r.string(), partitions: r.structs(partition) })),
  };
  r.tags();
  return request;
}

function encodeResponse(w: Writer, _v: number, response: AlterShareGroupOffsetsResponse): void {
  outcome.encode(w, response);
  w.structs(response.responses, (topic) => {
    w.string(topic.topicName);
    w.uuid(topic.topicId);
    w.structs(topic.partitions, (partition) => partitionOutcome.encode(w, partition));
  });
  w.tags();
}

function decodeResponse(r: Reader): AlterShareGroupOffsetsResponse {
  const response = {
    ...outcome.decode(r),
    responses: r.structs(() => decodeTopic(r)),
  };
  r.tags();
  return response;
}

function decodeTopic(r: Reader): AlterShareGroupOffsetsResponseTopic {
  return {
    topicName: r.string(),
    topicId: r.uuid(),
    partitions: r.structs(() => partitionOutcome.decode(r)),
  };
}
