// The response of Fetch; its shape stands in fetch-shapes.ts, the version notes in fetch.ts.
import type { Codec } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { TaggedField, Writer } from '../wire/writer.ts';
import type {
  FetchResponse,
  FetchResponseAbortedTransaction,
  FetchResponseEpochEnd,
  FetchResponsePartition,
  FetchResponseTopic,
} from './fetch-shapes.ts';
import { fetchTopic } from './fetch-topic.ts';
import { currentLeader, NO_LEADER, nodeEndpoints } from './leader-hints.ts';

const NO_EPOCH_END: FetchResponseEpochEnd = { epoch: -1, endOffset: -1n };

export const fetchResponse: Codec<FetchResponse> = { encode, decode };

function encode(w: Writer, v: number, response: FetchResponse): void {
  if (v >= 1) w.int32(response.throttleTimeMs);
  if (v >= 7) w.int16(response.errorCode);
  if (v >= 7) w.int32(response.sessionId);
  w.structs(response.responses, (topic) => {
    fetchTopic.encode(w, v, topic);
    w.structs(topic.partitions, (partition) => encodePartition(w, v, partition));
  });
  w.tags(v >= 16 ? nodeEndpoints.tagged(0, response.nodeEndpoints) : null);
}

function encodePartition(w: Writer, v: number, partition: FetchResponsePartition): void {
  w.int32(partition.partitionIndex);
  w.int16(partition.errorCode);
  w.int64(partition.highWatermark);
  if (v >= 4) w.int64(partition.lastStableOffset);
  if (v >= 5) w.int64(partition.logStartOffset);
  if (v >= 4) w.nullableStructs(partition.abortedTransactions, (transaction) => encodeAborted(w, transaction));
  if (v >= 11) w.int32(partition.preferredReadReplica);
  w.nullableBytes(partition.records);
  w.tags(
    divergingEpochTag(partition.divergingEpoch),
    currentLeader.tagged(1, partition.currentLeader),
    snapshotIdTag(partition.snapshotId),
  );
}

function encodeAborted(w: Writer, transaction: FetchResponseAbortedTransaction): void {
  w.int64(transaction.producerId);
  w.int64(transaction.firstOffset);
}

function divergingEpochTag({ epoch, endOffset }: FetchResponseEpochEnd): TaggedField | null {
  if (epoch === -1 && endOffset === -1n) return null;
  return [
    0,
    (w) => {
      w.int32(epoch);
      w.int64(endOffset);
      w.tags();
    },
  ];
}

/** The same two fields as the diverging epoch, in the other order. */
function snapshotIdTag({ epoch, endOffset }: FetchResponseEpochEnd): TaggedField | null {
  if (epoch === -1 && endOffset === -1n) return null;
  return [
    2,
    (w) => {
      w.int64(endOffset);
      w.int32(epoch);
      w.tags();
    },
  ];
}

function decode(r: Reader, v: number): FetchResponse {
  const response: FetchResponse = {
    throttleTimeMs: v >= 1 ? r.int32() : 0,
    errorCode: v >= 7 ? r.int16() : 0,
    sessionId: v >= 7 ? r.int32() : 0,
    responses: r.structs(() => decodeTopic(r, v)),
    nodeEndpoints: [],
  };
  r.tags((tag, field) => {
    if (v < 16 || tag !== 0) return false;
    response.nodeEndpoints = nodeEndpoints.decode(field);
    return true;
  });
  return response;
}

function decodeTopic(r: Reader, v: number): FetchResponseTopic {
  return {
    ...fetchTopic.decode(r, v),
    partitions: r.structs(() => decodePartition(r, v)),
  };
}

function decodePartition(r: Reader, v: number): FetchResponsePartition {
  const partition: FetchResponsePartition = {
    partitionIndex: r.int32(),
    errorCode: r.int16(),
    highWatermark: r.int64(),
    lastStableOffset: v >= 4 ? r.int64() : -1n,
    logStartOffset: v >= 5 ? r.int64() : -1n,
    divergingEpoch: NO_EPOCH_END,
    currentLeader: NO_LEADER,
    snapshotId: NO_EPOCH_END,
    abortedTransactions: v >= 4 ? r.nullableStructs(() => decodeAborted(r)) : null,
    preferredReadReplica: v >= 11 ? r.int32() : -1,
    records: r.nullableBytes(),
  };
  r.tags((tag, field) => {
    if (tag === 0) partition.divergingEpoch = decodeDivergingEpoch(field);
    else if (tag === 1) partition.currentLeader = currentLeader.decode(field);
    else if (tag === 2) partition.snapshotId = decodeSnapshotId(field);
    else return false;
    return true;
  });
  return partition;
}

function decodeAborted(r: Reader): FetchResponseAbortedTransaction {
  return { producerId: r.int64(), firstOffset: r.int64() };
}

function decodeDivergingEpoch(r: Reader): FetchResponseEpochEnd {
  const end = { epoch: r.int32(), endOffset: r.int64() };
  r.tags();
  return end;
}

function decodeSnapshotId(r: Reader): FetchResponseEpochEnd {
  const end = { endOffset: r.int64(), epoch: r.int32() };
  r.tags();
  return end;
}
