// What answers of Produce, Fetch and their like tell about the leader of a partition, so that a client can follow it
// without asking Metadata (KIP-951). It stands in tagged fields, in the share APIs in plain ones.
import type { Reader } from '../wire/reader.ts';
import type { TaggedField, Writer } from '../wire/writer.ts';

/** Leader of a partition as the answering broker knows it; -1 both: not told. */
export interface CurrentLeader {
  readonly leaderId: number;
  readonly leaderEpoch: number;
}

/** Address of a leader that is named in the same answer. */
export interface NodeEndpoint {
  nodeId: number;
  host: string;
  port: number;
  rack: string | null;
}

/** No leader was told. */
export const NO_LEADER: CurrentLeader = { leaderId: -1, leaderEpoch: -1 };

export function currentLeaderTag(tag: number, leader: CurrentLeader): TaggedField | null {
  if (leader.leaderId === -1 && leader.leaderEpoch === -1) return null;
  return [tag, (w) => encodeCurrentLeader(w, leader)];
}

export function encodeCurrentLeader(w: Writer, leader: CurrentLeader): void {
  w.struct(leader, ({ leaderId, leaderEpoch }) => {
    w.int32(leaderId);
    w.int32(leaderEpoch);
  });
}

export function decodeCurrentLeader(r: Reader): CurrentLeader {
  return r.struct(() => ({ leaderId: r.int32(), leaderEpoch: r.int32() }));
}

export function nodeEndpointsTag(tag: number, endpoints: readonly NodeEndpoint[]): TaggedField | null {
  if (endpoints.length === 0) return null;
  return [tag, (w) => encodeNodeEndpoints(w, endpoints)];
}

export function encodeNodeEndpoints(w: Writer, endpoints: readonly NodeEndpoint[]): void {
  w.structs(endpoints, (endpoint) => {
    w.int32(endpoint.nodeId);
    w.string(endpoint.host);
    w.int32(endpoint.port);
    w.nullableString(endpoint.rack);
  });
}

export function decodeNodeEndpoints(r: Reader): NodeEndpoint[] {
  return r.structs(() => ({ nodeId: r.int32(), host: r.string(), port: r.int32(), rack: r.nullableString() }));
}
