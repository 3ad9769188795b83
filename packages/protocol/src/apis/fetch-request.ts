// The request of Fetch; its shape stands in fetch-shapes.ts, the version notes in fetch.ts.
import type { Codec } from '../api.ts';
import { IsolationLevel } from '../constants.ts';
import { UnsupportedFieldError } from '../errors.ts';
import type { Reader } from '../wire/reader.ts';
import { ZERO_UUID } from '../wire/uuid.ts';
import type { TaggedField, Writer } from '../wire/writer.ts';
import type {
  FetchRequest,
  FetchRequestForgottenTopic,
  FetchRequestPartition,
  FetchRequestReplicaState,
  FetchRequestTopic,
} from './fetch-shapes.ts';
import { fetchTopic } from './fetch-topic.ts';
import type { TaggedPart } from './part.ts';

const NO_REPLICA: FetchRequestReplicaState = { replicaId: -1, replicaEpoch: -1n };
const ANY_HIGH_WATERMARK = 0x7fffffffffffffffn;
const ANY_BYTES = 0x7fffffff;

export const fetchRequest: Codec<FetchRequest> = { encode, decode };

function encode(w: Writer, v: number, request: FetchRequest): void {
  refuseWhatIsMissing(v, request);
  if (v <= 14) w.int32(request.replicaId);
  w.int32(request.maxWaitMs);
  w.int32(request.minBytes);
  if (v >= 3) w.int32(request.maxBytes);
  if (v >= 4) w.int8(request.isolationLevel);
  if (v >= 7) w.int32(request.sessionId);
  if (v >= 7) w.int32(request.sessionEpoch);
  w.structs(request.topics, (topic) => encodeTopic(w, v, topic));
  if (v >= 7) w.structs(request.forgottenTopicsData, (topic) => encodeForgotten(w, v, topic));
  if (v >= 11) w.string(request.rackId);
  w.tags(clusterIdTag(request.clusterId), v >= 15 ? replicaStatePart.tagged(1, request.replicaState) : null);
}

function refuseWhatIsMissing(v: number, request: FetchRequest): void {
  if (v >= 15 && request.replicaId !== -1) throw new UnsupportedFieldError('Fetch', v, 'replicaId');
  if (v < 15 && !isNoReplica(request.replicaState)) throw new UnsupportedFieldError('Fetch', v, 'replicaState');
  if (v < 7 && request.forgottenTopicsData.length > 0) {
    throw new UnsupportedFieldError('Fetch', v, 'forgottenTopicsData');
  }
}

function isNoReplica(state: FetchRequestReplicaState): boolean {
  return state.replicaId === -1 && state.replicaEpoch === -1n;
}

function clusterIdTag(clusterId: string | null): TaggedField | null {
  return clusterId === null ? null : [0, (w) => w.nullableString(clusterId)];
}

const replicaStatePart: TaggedPart<FetchRequestReplicaState> = {
  encode(w, state) {
    w.struct(state, ({ replicaId, replicaEpoch }) => {
      w.int32(replicaId);
      w.int64(replicaEpoch);
    });
  },
  decode(r) {
    return r.struct(() => ({ replicaId: r.int32(), replicaEpoch: r.int64() }));
  },
  tagged(tag, state) {
    return isNoReplica(state) ? null : [tag, (w) => replicaStatePart.encode(w, state)];
  },
};

function encodeTopic(w: Writer, v: number, topic: FetchRequestTopic): void {
  fetchTopic.encode(w, v, topic);
  w.structs(topic.partitions, (partition) => encodePartition(w, v, partition));
}

function encodePartition(w: Writer, v: number, partition: FetchRequestPartition): void {
  const { replicaDirectoryId, highWatermark } = partition;
  if (v < 12 && partition.lastFetchedEpoch !== -1) throw new UnsupportedFieldError('Fetch', v, 'lastFetchedEpoch');
  w.int32(partition.partition);
  if (v >= 9) w.int32(partition.currentLeaderEpoch);
  w.int64(partition.fetchOffset);
  if (v >= 12) w.int32(partition.lastFetchedEpoch);
  if (v >= 5) w.int64(partition.logStartOffset);
  w.int32(partition.partitionMaxBytes);
  w.tags(
    v >= 17 && replicaDirectoryId !== ZERO_UUID ? [0, (field) => field.uuid(replicaDirectoryId)] : null,
    v >= 18 && highWatermark !== ANY_HIGH_WATERMARK ? [1, (field) => field.int64(highWatermark)] : null,
  );
}

function encodeForgotten(w: Writer, v: number, topic: FetchRequestForgottenTopic): void {
  fetchTopic.encode(w, v, topic);
  w.array(topic.partitions, (partition) => w.int32(partition));
}

function decode(r: Reader, v: number): FetchRequest {
  const request: FetchRequest = {
    clusterId: null,
    replicaId: v <= 14 ? r.int32() : -1,
    replicaState: NO_REPLICA,
    maxWaitMs: r.int32(),
    minBytes: r.int32(),
    maxBytes: v >= 3 ? r.int32() : ANY_BYTES,
    isolationLevel: v >= 4 ? r.int8() : IsolationLevel.readUncommitted,
    sessionId: v >= 7 ? r.int32() : 0,
    sessionEpoch: v >= 7 ? r.int32() : -1,
    topics: r.structs(() => decodeTopic(r, v)),
    forgottenTopicsData: v >= 7 ? r.structs(() => decodeForgotten(r, v)) : [],
    rackId: v >= 11 ? r.string() : '',
  };
  r.tags((tag, field) => {
    if (tag === 0) request.clusterId = field.nullableString();
    else if (tag === 1 && v >= 15) request.replicaState = replicaStatePart.decode(field);
    else return false;
    return true;
  });
  return request;
}

function decodeTopic(r: Reader, v: number): FetchRequestTopic {
  return {
    ...fetchTopic.decode(r, v),
    partitions: r.structs(() => decodePartition(r, v)),
  };
}

function decodePartition(r: Reader, v: number): FetchRequestPartition {
  const partition: FetchRequestPartition = {
    partition: r.int32(),
    currentLeaderEpoch: v >= 9 ? r.int32() : -1,
    fetchOffset: r.int64(),
    lastFetchedEpoch: v >= 12 ? r.int32() : -1,
    logStartOffset: v >= 5 ? r.int64() : -1n,
    partitionMaxBytes: r.int32(),
    replicaDirectoryId: ZERO_UUID,
    highWatermark: ANY_HIGH_WATERMARK,
  };
  r.tags((tag, field) => {
    if (tag === 0 && v >= 17) partition.replicaDirectoryId = field.uuid();
    else if (tag === 1 && v >= 18) partition.highWatermark = field.int64();
    else return false;
    return true;
  });
  return partition;
}

function decodeForgotten(r: Reader, v: number): FetchRequestForgottenTopic {
  return {
    ...fetchTopic.decode(r, v),
    partitions: r.array(() => r.int32()),
  };
}
