// A topic that a streams group makes for itself (KIP-1071), and the pairs of strings its messages are full of.
import type { Part } from './part.ts';

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

export const streamsKeyValue: Part<StreamsKeyValue> = {
  encode(w, { key, value }) {
    w.string(key);
    w.string(value);
  },
  decode(r) {
    return { key: r.string(), value: r.string() };
  },
};

export const streamsInternalTopics: Part<StreamsInternalTopic[]> = {
  encode(w, topics) {
    w.structs(topics, ({ topic, numPartitions, replicationFactor, configs }) => {
      w.string(topic);
      w.int32(numPartitions);
      w.int16(replicationFactor);
      w.structs(configs, (config) => streamsKeyValue.encode(w, config));
    });
  },
  decode(r) {
    return r.structs(() => ({
      topic: r.string(),
      numPartitions: r.int32(),
      replicationFactor: r.int16(),
      configs: r.structs(() => streamsKeyValue.decode(r)),
    }));
  },
};
