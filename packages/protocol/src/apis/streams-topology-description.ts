// The graph of a streams application as people want to see it (KIP-1331): pushed by a member, shown by the group's
// description.
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

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

/** Without the tag section that closes it: the caller knows whether it may be null. */
export function encodeStreamsTopologyDescription(w: Writer, description: StreamsTopologyDescription): void {
  w.structs(description.subtopologies, ({ subtopologyId, nodes }) => {
    w.string(subtopologyId);
    w.structs(nodes, (node) => encodeNode(w, node));
  });
  w.structs(description.globalStores, ({ source, processor }) => {
    w.struct(source, (node) => encodeNode(w, node));
    w.struct(processor, (node) => encodeNode(w, node));
  });
}

function encodeNode(w: Writer, node: StreamsTopologyNode): void {
  w.string(node.name);
  w.int8(node.nodeType);
  w.array(node.sourceTopics, (topic) => w.string(topic));
  w.nullableString(node.sinkTopic);
  w.array(node.stores, (store) => w.string(store));
  w.array(node.successors, (name) => w.string(name));
}

/** Without the tag section that closes it. */
export function decodeStreamsTopologyDescription(r: Reader): StreamsTopologyDescription {
  const node = (): StreamsTopologyNode => decodeNode(r);
  return {
    subtopologies: r.structs(() => ({ subtopologyId: r.string(), nodes: r.structs(node) })),
    globalStores: r.structs(() => ({ source: r.struct(node), processor: r.struct(node) })),
  };
}

function decodeNode(r: Reader): StreamsTopologyNode {
  return {
    name: r.string(),
    nodeType: r.int8(),
    sourceTopics: r.array(() => r.string()),
    sinkTopic: r.nullableString(),
    stores: r.array(() => r.string()),
    successors: r.array(() => r.string()),
  };
}
