// The graph of a streams application as people want to see it (KIP-1331): pushed by a member, shown by the group's
// description.
import type { Part } from './part.ts';

export interface StreamsTopologyDescription {
  subtopologies: StreamsSubtopologyDescription[];
  globalStores: StreamsGlobalStore[];
}

export interface StreamsSubtopologyDescription {
  subtopologyId: string;
  nodes: StreamsTopologyNode[];
}

export interface StreamsGlobalStore {
  source: StreamsTopologyNode;
  processor: StreamsTopologyNode;
}

export interface StreamsTopologyNode {
  name: string;
  nodeType: number; // 1: source, 2: processor, 3: sink
  sourceTopics: string[]; // of a source; empty: chosen while it runs
  sinkTopic: string | null; // of a sink; null: chosen while it runs
  stores: string[]; // of a processor
  successors: string[]; // names of nodes
}

const topologyNode: Part<StreamsTopologyNode> = {
  encode(w, node) {
    w.string(node.name);
    w.int8(node.nodeType);
    w.array(node.sourceTopics, (topic) => w.string(topic));
    w.nullableString(node.sinkTopic);
    w.array(node.stores, (store) => w.string(store));
    w.array(node.successors, (name) => w.string(name));
  },
  decode(r) {
    return {
      name: r.string(),
      nodeType: r.int8(),
      sourceTopics: r.array(() => r.string()),
      sinkTopic: r.nullableString(),
      stores: r.array(() => r.string()),
      successors: r.array(() => r.string()),
    };
  },
};

/** Without the tag section that closes it: the caller knows whether it may be null. */
export const streamsTopologyDescription: Part<StreamsTopologyDescription> = {
  encode(w, { subtopologies, globalStores }) {
    const node = (one: StreamsTopologyNode): void => topologyNode.encode(w, one);
    w.structs(subtopologies, ({ subtopologyId, nodes }) => {
      w.string(subtopologyId);
      w.structs(nodes, node);
    });
    w.structs(globalStores, ({ source, processor }) => {
      w.struct(source, node);
      w.struct(processor, node);
    });
  },
  decode(r) {
    const node = (): StreamsTopologyNode => topologyNode.decode(r);
    return {
      subtopologies: r.structs(() => ({ subtopologyId: r.string(), nodes: r.structs(node) })),
      globalStores: r.structs(() => ({ source: r.struct(node), processor: r.struct(node) })),
    };
  },
};
