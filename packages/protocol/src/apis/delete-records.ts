/**
 * DeleteRecords (key 21), v0-2. Moves the start of partitions forward (KIP-107); answered by the leader of each
 * partition.
 *
 *   v1  throttling after the answer was sent (KIP-219)
 *   v2  flexible
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

export interface DeleteRecordsRequest {
  topics: DeleteRecordsRequestTopic[];
  timeoutMs: number; // after which the answer is REQUEST_TIMED_OUT, done or not
}

export interface DeleteRecordsRequestTopic {
  name: string;
  partitions: DeleteRecordsRequestPartition[];
}

export interface DeleteRecordsRequestPartition {
  partitionIndex: number;
  /** The first offset to keep; -1: the high watermark. */
  offset: bigint;
}

export interface DeleteRecordsResponse {
  throttleTimeMs: number;
  topics: DeleteRecordsResponseTopic[];
}

export interface DeleteRecordsResponseTopic {
  name: string;
  partitions: DeleteRecordsResponsePartition[];
}

export interface DeleteRecordsResponsePartition {
  partitionIndex: number;
  /** The lowest log start of all replicas; -1 with an error. */
  lowWatermark: bigint;
  errorCode: number;
}

/** Moves the start of partitions forward (KIP-107); answered by the leader of each partition. */
export const DeleteRecords: Api<DeleteRecordsRequest, DeleteRecordsResponse> = {
  key: 21,
  name: 'DeleteRecords',
  versions: [0, 2],
  flexibleFrom: 2,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, _v: number, request: DeleteRecordsRequest): void {
  w.structs(request.topics, ({ name, partitions }) => {
    w.string(name);
    w.structs(partitions, ({ partitionIndex, offset }) => {
      w.int32(partitionIndex);
      w.int64(offset);
    });
  });
  w.int32(request.timeoutMs);
  w.tags();
}

function decodeRequest(r: Reader): DeleteRecordsRequest {
  const request = {
    topics: r.structs(() => ({
      name: r.string(),
      partitions: r.structs(() => ({ partitionIndex: r.int32(), offset: r.int64() })),
    })),
    timeoutMs: r.int32(),
  };
  r.tags();
  return request;
}

function encodeResponse(w: Writer, _v: number, response: DeleteRecordsResponse): void {
  w.int32(response.throttleTimeMs);
  w.structs(response.topics, ({ name, partitions }) => {
    w.string(name);
    w.structs(partitions, ({ partitionIndex, lowWatermark, errorCode }) => {
      w.int32(partitionIndex);
      w.int64(lowWatermark);
      w.int16(errorCode);
    });
  });
  w.tags();
}

function decodeResponse(r: Reader): DeleteRecordsResponse {
  const response = {
    throttleTimeMs: r.int32(),
    topics: r.structs(() => ({
      name: r.string(),
      partitions: r.structs(() => ({ partitionIndex: r.int32(), lowWatermark: r.int64(), errorCode: r.int16() })),
    })),
  };
  r.tags();
  return response;
}
