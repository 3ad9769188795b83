// Partitions of a topic by number, as requests choose them and answers list them: the element of a list of structs.
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

export interface TopicPartitions {
  topic: string;
  partitions: number[];
}

export function encodeTopicPartitions(w: Writer, { topic, partitions }: TopicPartitions): void {
  w.string(topic);
  w.array(partitions, (partition) => w.int32(partition));
}

export function decodeTopicPartitions(r: Reader): TopicPartitions {
  return { topic: r.string(), partitions: r.array(() => r.int32()) };
}
