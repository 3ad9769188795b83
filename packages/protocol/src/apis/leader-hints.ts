// What answers of Produce, Fetch and their like tell about the leader of a partition, so that a client can follow it
// without asking Metadata (KIP-951). It stands in tagged fields, in the share APIs in plain ones.
import type { TaggedPart } from './part.ts';

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

/** With the tag section that closes it. */
export const currentLeader: TaggedPart<CurrentLeader> = {
  encode(w, leader) {
    w.struct(leader, ({ leaderId, leaderEpoch }) => {
      w.int32(leaderId);
      w.int32(leaderEpoch);
    });
  },
  decode(r) {
    return r.struct(() => ({ leaderId: r.int32(), leaderEpoch: r.int32() }));
  },
  tagged(tag, leader) {
    if (leader.leaderId === -1 && leader.leaderEpoch === -1) return null;
    return [tag, (w) => currentLeader.encode(w, leader)];
  },
};

export const nodeEndpoints: TaggedPart<NodeEndpoint[]> = {
  encode(w, endpoints) {
    w.structs(endpoints, ({ nodeId, host, port, rack }) => {
      w.int32(nodeId);
      w.string(host);
      w.int32(port);
      w.nullableString(rack);
    });
  },
  decode(r) {
    return r.structs(() => ({ nodeId: r.int32(), host: r.string(), port: r.int32(), rack: r.nullableString() }));
  },
  tagged(tag, endpoints) {
    return endpoints.length === 0 ? null : [tag, (w) => nodeEndpoints.encode(w, endpoints)];
  },
};
