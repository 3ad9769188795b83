/**
 * DescribeQuorum (key 55), v0-2. The controllers' quorum: its leader, voters and observers, and how far each of them is
 * (KIP-595). The leader of the quorum answers; brokers pass it on. There is no throttle_time_ms.
 *
 *   v0  flexible
 *   v1  last_fetch_timestamp, last_caught_up_timestamp (KIP-836)
 *   v2  error messages, directory ids, addresses of the nodes (KIP-853)
 */
import type { Api } from '../api.ts';
import type { Reader } from '../wire/reader.ts';
import { ZERO_UUID } from '../wire/uuid.ts';
import type { Writer } from '../wire/writer.ts';
import { type RaftListener, raftListeners } from './raft-listener.ts';

export interface DescribeQuorumRequest {
  topics: DescribeQuorumRequestTopic[]; // only __cluster_metadata has a quorum
}

export interface DescribeQuorumRequestTopic {
  topicName: string;
  partitions: DescribeQuorumRequestPartition[];
}

export interface DescribeQuorumRequestPartition {
  partitionIndex: number;
}

export interface DescribeQuorumResponse {
  errorCode: number;
  errorMessage: string | null; // v2+
  topics: DescribeQuorumResponseTopic[];
  nodes: DescribeQuorumResponseNode[]; // v2+
}

export interface DescribeQuorumResponseTopic {
  topicName: string;
  partitions: DescribeQuorumResponsePartition[];
}

export interface DescribeQuorumResponsePartition {
  partitionIndex: number;
  errorCode: number;
  errorMessage: string | null; // v2+
  leaderId: number; // -1: not known
  leaderEpoch: number;
  highWatermark: bigint;
  currentVoters: DescribeQuorumResponseReplica[];
  observers: DescribeQuorumResponseReplica[];
}

/** Times are milliseconds by the leader's clock; -1: not known. */
export interface DescribeQuorumResponseReplica {
  replicaId: number;
  replicaDirectoryId: string; // v2+
  logEndOffset: bigint; // -1: not known
  lastFetchTimestamp: bigint; // v1+; -1 for the leader itself too
  lastCaughtUpTimestamp: bigint; // v1+
}

export interface DescribeQuorumResponseNode {
  nodeId: number;
  listeners: RaftListener[];
}

/** The controllers' quorum: its leader, voters and observers, and how far each of them is (KIP-595). */
export const DescribeQuorum: Api<DescribeQuorumRequest, DescribeQuorumResponse> = {
  key: 55,
  name: 'DescribeQuorum',
  versions: [0, 2],
  flexibleFrom: 0,
  request: { encode: encodeRequest, decode: decodeRequest },
  response: { encode: encodeResponse, decode: decodeResponse },
};

function encodeRequest(w: Writer, _v: number, request: DescribeQuorumRequest): void {
  w.structs(request.topics, ({ topicName, partitions }) => {
    w.string(topicName);
    w.structs(partitions, ({ partitionIndex }) => w.int32(partitionIndex));
  });
  w.tags();
}

function decodeRequest(r: Reader): DescribeQuorumRequest {
  const topics = r.structs(() => ({
    topicName: r.string(),
    partitions: r.structs(() => ({ partitionIndex: r.int32() })),
  }));
  r.tags();
  return { topics };
}

function encodeResponse(w: Writer, v: number, response: DescribeQuorumResponse): void {
  w.int16(response.errorCode);
  if (v >= 2) w.nullableString(response.errorMessage);
  w.structs(response.topics, ({ topicName, partitions }) => {
    w.string(topicName);
    w.structs(partitions, (partition) => encodePartition(w, v, partition));
  });
  if (v >= 2) w.structs(response.nodes, (node) => encodeNode(w, node));
  w.tags();
}

function encodePartition(w: Writer, v: number, partition: DescribeQuorumResponsePartition): void {
  w.int32(partition.partitionIndex);
  w.int16(partition.errorCode);
  if (v >= 2) w.nullableString(partition.errorMessage);
  w.int32(partition.leaderId);
  w.int32(partition.leaderEpoch);
  w.int64(partition.highWatermark);
  w.structs(partition.currentVoters, (voter) => encodeReplica(w, v, voter));
  w.structs(partition.observers, (observer) => encodeReplica(w, v, observer));
}

function encodeReplica(w: Writer, v: number, replica: DescribeQuorumResponseReplica): void {
  w.int32(replica.replicaId);
  if (v >= 2) w.uuid(replica.replicaDirectoryId);
  w.int64(replica.logEndOffset);
  if (v >= 1) w.int64(replica.lastFetchTimestamp);
  if (v >= 1) w.int64(replica.lastCaughtUpTimestamp);
}

function encodeNode(w: Writer, node: DescribeQuorumResponseNode): void {
  w.int32(node.nodeId);
  raftListeners.encode(w, node.listeners);
}

function decodeResponse(r: Reader, v: number): DescribeQuorumResponse {
  const response = {
    errorCode: r.int16(),
    errorMessage: v >= 2 ? r.nullableString() : null,
    topics: r.structs(() => ({ topicName: r.string(), partitions: r.structs(() => decodePartition(r, v)) })),
    nodes: v >= 2 ? r.structs(() => ({ nodeId: r.int32(), listeners: raftListeners.decode(r) })) : [],
  };
  r.tags();
  return response;
}

function decodePartition(r: Reader, v: number): DescribeQuorumResponsePartition {
  return {
    partitionIndex: r.int32(),
    errorCode: r.int16(),
    errorMessage: v >= 2 ? r.nullableString() : null,
    leaderId: r.int32(),
    leaderEpoch: r.int32(),
    highWatermark: r.int64(),
    currentVoters: r.structs(() => decodeReplica(r, v)),
    observers: r.structs(() => decodeReplica(r, v)),
  };
}

function decodeReplica(r: Reader, v: number): DescribeQuorumResponseReplica {
  return {
    replicaId: r.int32(),
    replicaDirectoryId: v >= 2 ? r.uuid() : ZERO_UUID,
    logEndOffset: r.int64(),
    lastFetchTimestamp: v >= 1 ? r.int64() : -1n,
    lastCaughtUpTimestamp: v >= 1 ? r.int64() : -1n,
  };
}
