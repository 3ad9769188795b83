/**
 * DescribeLogDirs (key 35), v0-5. The log directories of a broker and the replicas in them (KIP-113). Each broker knows
 * its own only.
 *
 *   v1  throttling after the answer was sent (KIP-219)
 *   v2  flexible
 *   v3  error_code of the whole answer (KIP-784)
 *   v4  total_bytes and usable_bytes of the volume (KIP-827)
 *   v5  is_cordoned: takes no new replicas (KIP-1066)
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type TopicPartitions, topicPartitions } from './topic-partitions.ts';

export interface DescribeLogDirsRequest {
  topics: DescribeLogDirsRequestTopic[] | null; // null: all
}

export type DescribeLogDirsRequestTopic = TopicPartitions;

export interface DescribeLogDirsResponse {
  throttleTimeMs: number;
  errorCode: number; // v3+
  results: DescribeLogDirsResponseResult[];
}

export interface DescribeLogDirsResponseResult {
  errorCode: number;
  logDir: string; // absolute path
  topics: DescribeLogDirsResponseTopic[];
  totalBytes: bigint; // v4+; -1: not told
  usableBytes: bigint; // v4+; -1: not told
  isCordoned: boolean; // v5+
}

export interface DescribeLogDirsResponseTopic {
  name: string;
  partitions: DescribeLogDirsResponsePartition[];
}

export interface DescribeLogDirsResponsePartition {
  partitionIndex: number;
  partitionSize: bigint; // bytes
  /** Behind the high watermark; for a copy that is being made, behind the replica it will replace. */
  offsetLag: bigint;
  /** A copy made by AlterReplicaLogDirs that will replace the replica. */
  isFutureKey: boolean;
}

/** The log directories of a broker and the replicas in them (KIP-113). */
export const DescribeLogDirs: Api<DescribeLogDirsRequest, DescribeLogDirsResponse> = {
  key: 35,
  name: 'DescribeLogDirs',
  versions: [0, 5],
  flexibleFrom: 2,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, _v: number, request: DescribeLogDirsRequest): void {
  w.nullableStructs(request.topics, (topic) => topicPartitions.encode(w, topic));
  w.tags();
}

function decodeRequest(r: Reader): DescribeLogDirsRequest {
  const topics = r.nullableStructs(() => topicPartitions.decode(r));
  r.tags();
  return { topics };
}

function encodeResponse(w: Writer, v: number, response: DescribeLogDirsResponse): void {
  w.int32(response.throttleTimeMs);
  if (v >= 3) w.int16(response.errorCode);
  w.structs(response.results, (result) => encodeResult(w, v, result));
  w.tags();
}

function encodeResult(w: Writer, v: number, result: DescribeLogDirsResponseResult): void {
  w.int16(result.errorCode);
  w.string(result.logDir);
  w.structs(result.topics, ({ name, partitions }) => {
    w.string(name);
    w.structs(partitions, (replica) => encodeReplica(w, replica));
  });
  if (v >= 4) w.int64(result.totalBytes);
  if (v >= 4) w.int64(result.usableBytes);
  if (v >= 5) w.bool(result.isCordoned);
}

function encodeReplica(w: Writer, replica: DescribeLogDirsResponsePartition): void {
  w.int32(replica.partitionIndex);
  w.int64(replica.partitionSize);
  w.int64(replica.offsetLag);
  w.bool(replica.isFutureKey);
}

function decodeResponse(r: Reader, v: number): DescribeLogDirsResponse {
  const response = {
    throttleTimeMs: r.int32(),
    errorCode: v >= 3 ? r.int16() : 0,
    results: r.structs(() => decodeResult(r, v)),
  };
  r.tags();
  return response;
}

function decodeResult(r: Reader, v: number): DescribeLogDirsResponseResult {
  return {
    errorCode: r.int16(),
    logDir: r.string(),
    topics: r.structs(() => ({ name: r.string(), partitions: r.structs(() => decodeReplica(r)) })),
    totalBytes: v >= 4 ? r.int64() : -1n,
    usableBytes: v >= 4 ? r.int64() : -1n,
    isCordoned: v >= 5 ? r.bool() : false,
  };
}

function decodeReplica(r: Reader): DescribeLogDirsResponsePartition {
  return {
    partitionIndex: r.int32(),
    partitionSize: r.int64(),
    offsetLag: r.int64(),
    isFutureKey: r.bool(),
  };
}
