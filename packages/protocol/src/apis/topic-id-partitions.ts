// Partitions of a topic that is named by its id alone, as the group protocols of the broker do (KIP-848, KIP-932).
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';

export interface TopicIdPartitions {
  topicId: string;
  partitions: number[];
}

export function encodeTopicIdPartitions(w: Writer, topic: TopicIdPartitions): void {
  w.uuid(topic.topicId);
  w.array(topic.partitions, (partition) => w.int32(partition));
}

export function decodeTopicIdPartitions(r: Reader): TopicIdPartitions {
  return { topicId: r.uuid(), partitions: r.array(() => r.int32()) };
}
