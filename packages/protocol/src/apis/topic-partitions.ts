// Partitions of a topic by number, as requests choose them and answers list them. Always the same bytes; Kafka has
// three pairs of names for them.
import type { Part } from './part.ts';

export interface TopicPartitions {
  topic: string;
  partitions: number[];
}

export interface NamedPartitions {
  name: string;
  partitions: number[];
}

export interface PartitionIndexes {
  name: string;
  partitionIndexes: number[];
}

export const topicPartitions: Part<TopicPartitions> = {
  encode(w, { topic, partitions }) {
    w.string(topic);
    w.array(partitions, (partition) => w.int32(partition));
  },
  decode(r) {
    return { topic: r.string(), partitions: r.array(() => r.int32()) };
  },
};

export const namedPartitions: Part<NamedPartitions> = {
  encode(w, { name, partitions }) {
    topicPartitions.encode(w, { topic: name, partitions });
  },
  decode(r) {
    return { name: r.string(), partitions: r.array(() => r.int32()) };
  },
};

export const partitionIndexes: Part<PartitionIndexes> = {
  encode(w, { name, partitionIndexes }) {
    topicPartitions.encode(w, { topic: name, partitions: partitionIndexes });
  },
  decode(r) {
    return { name: r.string(), partitionIndexes: r.array(() => r.int32()) };
  },
};
