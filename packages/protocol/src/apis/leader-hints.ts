// What Produce and Fetch answers tell about the leader of a partition, so that a client can follow it without asking
// Metadata (KIP-951). All of it stands in tagged fields.
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
  return [
    tag,
    (w) => {
      w.int32(leader.leaderId);
      w.int32(leader.leaderEpoch);
      w.tags();
    },
  ];
}

export function decodeCurrentLeader(r: Reader): CurrentLeader {
  const leader = { leaderId: r.int32(), leaderEpoch: r.int32() };
  r.tags();
  return leader;
}

export function nodeEndpointsTag(tag: number, endpoints: readonly NodeEndpoint[]): TaggedField | null {
  if (endpoints.length === 0) return null;
  return [tag, (w) => w.structs(endpoints, (endpoint) => encodeNodeEndpoint(w, endpoint))];
}

function encodeNodeEndpoint(w: Writer, endpoint: NodeEndpoint): void {
  w.int32(endpoint.nodeId);
  w.string(endpoint.host);
  w.int32(endpoint.port);
  w.nullableString(endpoint.rack);
}

export function decodeNodeEndpoints(r: Reader): NodeEndpoint[] {
  return r.structs(() => ({ nodeId: r.int32(), host: r.string(), port: r.int32(), rack: r.nullableString() }));
}
