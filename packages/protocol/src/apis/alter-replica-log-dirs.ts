/**
 * AlterReplicaLogDirs (key 34), v0-2. Moves replicas to other log directories of the same broker (KIP-113). Each broker
 * moves its own; the copy goes on after the answer, DescribeLogDirs tells how far it is.
 *
 *   v1  throttling after the answer was sent (KIP-219)
 *   v2  flexible
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type PartitionError, partitionError } from './partition-error.ts';
import { type NamedPartitions, namedPartitions } from './topic-partitions.ts';

export interface AlterReplicaLogDirsRequest {
  dirs: AlterReplicaLogDirsRequestDir[];
}

export interface AlterReplicaLogDirsRequestDir {
  path: string; // absolute
  topics: AlterReplicaLogDirsRequestTopic[];
}

export type AlterReplicaLogDirsRequestTopic = NamedPartitions;

export interface AlterReplicaLogDirsResponse {
  throttleTimeMs: number;
  results: AlterReplicaLogDirsResponseResult[];
}

export interface AlterReplicaLogDirsResponseResult {
  topicName: string;
  partitions: AlterReplicaLogDirsResponsePartition[];
}

export type AlterReplicaLogDirsResponsePartition = PartitionError;

/** Moves replicas to other log directories of the same broker (KIP-113). */
export const AlterReplicaLogDirs: Api<AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse> = {
  key: 34,
  name: 'AlterReplicaLogDirs',
  versions: [0, 2],
  flexibleFrom: 2,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, _v: number, request: AlterReplicaLogDirsRequest): void {
  w.structs(request.dirs, ({ path, topics }) => {
    w.string(path);
    w.structs(topics, (topic) => namedPartitions.encode(w, topic));
  });
  w.tags();
}

function decodeRequest(r: Reader): AlterReplicaLogDirsRequest {
  const dirs = r.structs(() => ({
    path: r.string(),
    topics: r.structs(() => namedPartitions.decode(r)),
  }));
  r.tags();
  return { dirs };
}

function encodeResponse(w: Writer, _v: number, response: AlterReplicaLogDirsResponse): void {
  w.int32(response.throttleTimeMs);
  w.structs(response.results, ({ topicName, partitions }) => {
    w.string(topicName);
    w.structs(partitions, (partition) => partitionError.encode(w, partition));
  });
  w.tags();
}

function decodeResponse(r: Reader): AlterReplicaLogDirsResponse {
  const response = {
    throttleTimeMs: r.int32(),
    results: r.structs(() => ({
      topicName: r.string(),
      partitions: r.structs(() => partitionError.decode(r)),
    })),
  };
  r.tags();
  return response;
}
