/**
 * WriteTxnMarkers (key 27), v0-2. The transaction coordinator has the leaders of partitions write the control records
 * that end transactions (KIP-98). From broker to broker: a client has no use for it, a broker for tests has.
 *
 *   v1  flexible
 *   v2  transaction_version (KIP-1228)
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { type PartitionError, partitionError } from './partition-error.ts';
import { type PartitionIndexes, partitionIndexes } from './topic-partitions.ts';

export interface WriteTxnMarkersRequest {
  markers: WriteTxnMarkersRequestMarker[];
}

export interface WriteTxnMarkersRequestMarker {
  producerId: bigint;
  producerEpoch: number;
  /** False: aborted. */
  transactionResult: boolean;
  topics: WriteTxnMarkersRequestTopic[];
  coordinatorEpoch: number;
  transactionVersion: number; // v2+; ignorable
}

export type WriteTxnMarkersRequestTopic = PartitionIndexes;

export interface WriteTxnMarkersResponse {
  markers: WriteTxnMarkersResponseMarker[];
}

export interface WriteTxnMarkersResponseMarker {
  producerId: bigint;
  topics: WriteTxnMarkersResponseTopic[];
}

export interface WriteTxnMarkersResponseTopic {
  name: string;
  partitions: WriteTxnMarkersResponsePartition[];
}

export type WriteTxnMarkersResponsePartition = PartitionError;

/**
 * The transaction coordinator has the leaders of partitions write the control records that end transactions (KIP-98).
 */
export const WriteTxnMarkers: Api<WriteTxnMarkersRequest, WriteTxnMarkersResponse> = {
  key: 27,
  name: 'WriteTxnMarkers',
  versions: [0, 2],
  flexibleFrom: 1,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, v: number, { markers }: WriteTxnMarkersRequest): void {
  w.structs(markers, (marker) => encodeMarker(w, v, marker));
  w.tags();
}

function encodeMarker(w: Writer, v: number, marker: WriteTxnMarkersRequestMarker): void {
  w.int64(marker.producerId);
  w.int16(marker.producerEpoch);
  w.bool(marker.transactionResult);
  w.structs(marker.topics, (topic) => partitionIndexes.encode(w, topic));
  w.int32(marker.coordinatorEpoch);
  if (v >= 2) w.int8(marker.transactionVersion);
}

function decodeRequest(r: Reader, v: number): WriteTxnMarkersRequest {
  const markers = r.structs(() => decodeMarker(r, v));
  r.tags();
  return { markers };
}

function decodeMarker(r: Reader, v: number): WriteTxnMarkersRequestMarker {
  return {
    producerId: r.int64(),
    producerEpoch: r.int16(),
    transactionResult: r.bool(),
    topics: r.structs(() => partitionIndexes.decode(r)),
    coordinatorEpoch: r.int32(),
    transactionVersion: v >= 2 ? r.int8() : 0,
  };
}

function encodeResponse(w: Writer, _v: number, { markers }: WriteTxnMarkersResponse): void {
  w.structs(markers, ({ producerId, topics }) => {
    w.int64(producerId);
    w.structs(topics, (topic) => encodeWritten(w, topic));
  });
  w.tags();
}

function encodeWritten(w: Writer, { name, partitions }: WriteTxnMarkersResponseTopic): void {
  w.string(name);
  w.structs(partitions, (partition) => partitionError.encode(w, partition));
}

function decodeResponse(r: Reader): WriteTxnMarkersResponse {
  const markers = r.structs(() => ({ producerId: r.int64(), topics: r.structs(() => decodeWritten(r)) }));
  r.tags();
  return { markers };
}

function decodeWritten(r: Reader): WriteTxnMarkersResponseTopic {
  return { name: r.string(), partitions: r.structs(() => partitionError.decode(r)) };
}
