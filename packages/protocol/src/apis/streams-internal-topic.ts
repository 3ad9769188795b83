// A topic that a streams group makes for itself (KIP-1071), and the pairs of strings its messages are full of.
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

export interface StreamsKeyValue {
  key: string;
  value: string;
}

export interface StreamsInternalTopic {
  topic: string;
  numPartitions: number; // 0: not fixed, and always for changelogs
  replicationFactor: number; // 0: the broker's default
  configs: StreamsKeyValue[];
}

export function encodeStreamsKeyValue(w: Writer, pair: StreamsKeyValue): void {
  w.string(pair.key);
  w.string(pair.value);
}

export function decodeStreamsKeyValue(r: Reader): StreamsKeyValue {
  return { key: r.string(), value: r.string() };
}

export function encodeStreamsInternalTopics(w: Writer, topics: readonly StreamsInternalTopic[]): void {
  w.structs(topics, (topic) => {
    w.string(topic.topic);
    w.int32(topic.numPartitions);
    w.int16(topic.replicationFactor);
    w.structs(topic.configs, (config) => encodeStreamsKeyValue(w, config));
  });
}

export function decodeStreamsInternalTopics(r: Reader): StreamsInternalTopic[] {
  return r.structs(() => ({
    topic: r.string(),
    numPartitions: r.int32(),
    replicationFactor: r.int16(),
    configs: r.structs(() => decodeStreamsKeyValue(r)),
  }));
}
