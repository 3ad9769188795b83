/**
 * OffsetFetch (key 9), v0-10. The offsets that groups have committed; to be sent to the coordinator of each.
 *
 *   v1  from Kafka (v0: from ZooKeeper)
 *   v2  null topics: all; error_code of the group in the response (KIP-88)
 *   v3  throttle_time_ms in the response (KIP-124)
 *   v4  throttling after the answer was sent (KIP-219)
 *   v5  committed_leader_epoch (KIP-320)
 *   v6  flexible
 *   v7  require_stable (KIP-447)
 *   v8  many groups in one request, one answer for each (KIP-709)
 *   v9  member_id and member_epoch (KIP-848)
 *   v10 topic_id in place of the name (KIP-848)
 *
 * In memory there is only the shape of v8: below it the lists have exactly one group, and its id is '' in a response
 * that was decoded.
 */
import type { Api } from '../api.ts';
import { UnsupportedFieldError } from '../errors.ts';
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { onlyElement } from './only-element.ts';
import { topicReference } from './topic-reference.ts';

export interface OffsetFetchRequest {
  groups: OffsetFetchRequestGroup[];
  requireStable: boolean; // v7+; UNSTABLE_OFFSET_COMMIT while a transaction on the offset is open
}

export interface OffsetFetchRequestGroup {
  groupId: string;
  memberId: string | null; // v9+; only of the newer groups
  memberEpoch: number; // v9+; -1: no membership
  topics: OffsetFetchRequestTopic[] | null; // null from v2 on: all
}

export interface OffsetFetchRequestTopic {
  name: string; // v0-9
  topicId: string; // v10+
  partitionIndexes: number[];
}

export interface OffsetFetchResponse {
  throttleTimeMs: number; // v3+
  groups: OffsetFetchResponseGroup[];
}

export interface OffsetFetchResponseGroup {
  groupId: string; // v8+
  topics: OffsetFetchResponseTopic[];
  errorCode: number; // v2+
}

export interface OffsetFetchResponseTopic {
  name: string; // v0-9
  topicId: string; // v10+
  partitions: OffsetFetchResponsePartition[];
}

export interface OffsetFetchResponsePartition {
  partitionIndex: number;
  committedOffset: bigint; // -1: none
  committedLeaderEpoch: number; // v5+; -1: unknown
  metadata: string | null; // as it was committed
  errorCode: number;
}

/** The offsets that groups have committed; to be sent to the coordinator of each. */
export const OffsetFetch: Api<OffsetFetchRequest, OffsetFetchResponse> = {
  key: 9,
  name: 'OffsetFetch',
  versions: [0, 10],
  flexibleFrom: 6,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, v: number, request: OffsetFetchRequest): void {
  if (v >= 8) w.structs(request.groups, (group) => encodeRequestGroup(w, v, group));
  else encodeOnlyGroup(w, v, onlyElement(request.groups, 'OffsetFetch', v, 'groups'));
  if (v >= 7) w.bool(request.requireStable);
  else if (request.requireStable) throw new UnsupportedFieldError('OffsetFetch', v, 'requireStable');
  w.tags();
}

function encodeOnlyGroup(w: Writer, v: number, group: OffsetFetchRequestGroup): void {
  if (v < 2 && group.topics === null) throw new UnsupportedFieldError('OffsetFetch', v, 'topics: null (all)');
  w.string(group.groupId);
  w.nullableStructs(group.topics, (topic) => encodeRequestTopic(w, v, topic));
}

function encodeRequestGroup(w: Writer, v: number, group: OffsetFetchRequestGroup): void {
  w.string(group.groupId);
  if (v >= 9) w.nullableString(group.memberId);
  if (v >= 9) w.int32(group.memberEpoch);
  w.nullableStructs(group.topics, (topic) => encodeRequestTopic(w, v, topic));
}

function encodeRequestTopic(w: Writer, v: number, topic: OffsetFetchRequestTopic): void {
  topicReference.encode(w, 'OffsetFetch', v, v >= 10, topic);
  w.array(topic.partitionIndexes, (index) => w.int32(index));
}

function decodeRequest(r: Reader, v: number): OffsetFetchRequest {
  const request = {
    groups: v >= 8 ? r.structs(() => decodeRequestGroup(r, v)) : [decodeRequestGroup(r, v)],
    requireStable: v >= 7 ? r.bool() : false,
  };
  r.tags();
  return request;
}

/** Up to v7 the same fields stand in the body itself. */
function decodeRequestGroup(r: Reader, v: number): OffsetFetchRequestGroup {
  return {
    groupId: r.string(),
    memberId: v >= 9 ? r.nullableString() : null,
    memberEpoch: v >= 9 ? r.int32() : -1,
    topics: v >= 2 ? r.nullableStructs(() => decodeRequestTopic(r, v)) : r.structs(() => decodeRequestTopic(r, v)),
  };
}

function decodeRequestTopic(r: Reader, v: number): OffsetFetchRequestTopic {
  return {
    ...topicReference.decode(r, v >= 10),
    partitionIndexes: r.array(() => r.int32()),
  };
}

function encodeResponse(w: Writer, v: number, response: OffsetFetchResponse): void {
  if (v >= 3) w.int32(response.throttleTimeMs);
  if (v >= 8) w.structs(response.groups, (group) => encodeResponseGroup(w, v, group));
  else encodeResponseGroup(w, v, onlyElement(response.groups, 'OffsetFetch', v, 'groups'));
  w.tags();
}

function encodeResponseGroup(w: Writer, v: number, group: OffsetFetchResponseGroup): void {
  if (v >= 8) w.string(group.groupId);
  w.structs(group.topics, (topic) => {
    topicReference.encode(w, 'OffsetFetch', v, v >= 10, topic);
    w.structs(topic.partitions, (partition) => encodePartition(w, v, partition));
  });
  if (v >= 2) w.int16(group.errorCode);
}

function encodePartition(w: Writer, v: number, partition: OffsetFetchResponsePartition): void {
  w.int32(partition.partitionIndex);
  w.int64(partition.committedOffset);
  if (v >= 5) w.int32(partition.committedLeaderEpoch);
  w.nullableString(partition.metadata);
  w.int16(partition.errorCode);
}

function decodeResponse(r: Reader, v: number): OffsetFetchResponse {
  const response = {
    throttleTimeMs: v >= 3 ? r.int32() : 0,
    groups: v >= 8 ? r.structs(() => decodeResponseGroup(r, v)) : [decodeResponseGroup(r, v)],
  };
  r.tags();
  return response;
}

/** Up to v7 the same fields stand in the body itself, without the id. */
function decodeResponseGroup(r: Reader, v: number): OffsetFetchResponseGroup {
  return {
    groupId: v >= 8 ? r.string() : '',
    topics: r.structs(() => ({
      ...topicReference.decode(r, v >= 10),
      partitions: r.structs(() => decodePartition(r, v)),
    })),
    errorCode: v >= 2 ? r.int16() : 0,
  };
}

function decodePartition(r: Reader, v: number): OffsetFetchResponsePartition {
  return {
    partitionIndex: r.int32(),
    committedOffset: r.int64(),
    committedLeaderEpoch: v >= 5 ? r.int32() : -1,
    metadata: r.nullableString(),
    errorCode: r.int16(),
  };
}
