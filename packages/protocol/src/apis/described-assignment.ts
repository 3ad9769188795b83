// The partitions of a member in the descriptions of consumer groups (KIP-848) and share groups (KIP-932).
import type { Part } from './part.ts';
import type { TopicIdPartitions } from './topic-id-partitions.ts';

export interface DescribedAssignment {
  topicPartitions: DescribedTopicPartitions[];
}

export interface DescribedTopicPartitions extends TopicIdPartitions {
  topicName: string;
}

/** With the tag section that closes it. */
export const describedAssignment: Part<DescribedAssignment> = {
  encode(w, assignment) {
    w.struct(assignment, ({ topicPartitions }) => {
      w.structs(topicPartitions, ({ topicId, topicName, partitions }) => {
        w.uuid(topicId);
        w.string(topicName);
        w.array(partitions, (partition) => w.int32(partition));
      });
    });
  },
  decode(r) {
    return r.struct(() => ({
      topicPartitions: r.structs(() => ({
        topicId: r.uuid(),
        topicName: r.string(),
        partitions: r.array(() => r.int32()),
      })),
    }));
  },
};
