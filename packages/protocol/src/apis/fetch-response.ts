// The response of Fetch; its shape stands in fetch-shapes.ts, the version notes in fetch.ts.
import type { Codec } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import type {
  FetchResponse,
  FetchResponseAbortedTransaction,
  FetchResponseEpochEnd,
  FetchResponsePartition,
  FetchResponseTopic,
} from './fetch-shapes.ts';
import { fetchTopic } from './fetch-topic.ts';
import { currentLeader, NO_LEADER, nodeEndpoints } from './leader-hints.ts';
import type { TaggedPart } from './part.ts';

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
    divergingEpochPart.tagged(0, partition.divergingEpoch),
    currentLeader.tagged(1, partition.currentLeader),
    snapshotIdPart.tagged(2, partition.snapshotId),
  );
}

function encodeAborted(w: Writer, transaction: FetchResponseAbortedTransaction): void {
  w.int64(transaction.producerId);
  w.int64(transaction.firstOffset);
}

function isNoEpochEnd({ epoch, endOffset }: FetchResponseEpochEnd): boolean {
  return epoch === -1 && endOffset === -1n;
}

const divergingEpochPart: TaggedPart<FetchResponseEpochEnd> = {
  encode(w, end) {
    w.struct(end, ({ epoch, endOffset }) => {
      w.int32(epoch);
      w.int64(endOffset);
    });
  },
  decode(r) {
    return r.struct(() => ({ epoch: r.int32(), endOffset: r.int64() }));
  },
  tagged(tag, end) {
    return isNoEpochEnd(end) ? null : [tag, (w) => divergingEpochPart.encode(w, end)];
  },
};

/** The same two fields as the diverging epoch, in the other order. */
const snapshotIdPart: TaggedPart<FetchResponseEpochEnd> = {
  encode(w, end) {
    w.struct(end, ({ epoch, endOffset }) => {
      w.int64(endOffset);
      w.int32(epoch);
    });
  },
  decode(r) {
    return r.struct(() => ({ endOffset: r.int64(), epoch: r.int32() }));
  },
  tagged(tag, end) {
    return isNoEpochEnd(end) ? null : [tag, (w) => snapshotIdPart.encode(w, end)];
  },
};

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
    if (tag === 0) partition.divergingEpoch = divergingEpochPart.decode(field);
    else if (tag === 1) partition.currentLeader = currentLeader.decode(field);
    else if (tag === 2) partition.snapshotId = snapshotIdPart.decode(field);
    else return false;
    return true;
  });
  return partition;
}

function decodeAborted(r: Reader): FetchResponseAbortedTransaction {
  return { producerId: r.int64(), firstOffset: r.int64() };
}
