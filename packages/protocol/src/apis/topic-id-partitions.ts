// Partitions of a topic that is named by its id alone, as the group protocols of the broker do (KIP-848, KIP-932).
import type { Part } from './part.ts';

export interface TopicIdPartitions {
  topicId: string;
  partitions: number[];
}

export const topicIdPartitions: Part<TopicIdPartitions> = {
  encode(w, { topicId, partitions }) {
    w.uuid(topicId);
    w.array(partitions, (partition) => w.int32(partition));
  },
  decode(r) {
    return { topicId: r.uuid(), partitions: r.array(() => r.int32()) };
  },
};
