// What the coordinator answers to the heartbeat of a member whose partitions it assigns itself: consumer groups
// (KIP-848) and share groups (KIP-932) alike.
import type { Codec } from '../api.ts';
import { type Outcome, outcome } from './outcome.ts';
import { type TopicIdPartitions, topicIdPartitions } from './topic-id-partitions.ts';

export interface MemberHeartbeatResponse extends Outcome {
  memberId: string | null;
  memberEpoch: number; // to be sent with the next heartbeat
  heartbeatIntervalMs: number;
  assignment: MemberHeartbeatAssignment | null; // null: unchanged
}

/** All partitions the member is to have; what is no longer among them is to be given up. */
export interface MemberHeartbeatAssignment {
  topicPartitions: TopicIdPartitions[];
}

export const memberHeartbeat: Codec<MemberHeartbeatResponse> = {
  encode(w, _v, response) {
    outcome.encode(w, response);
    w.nullableString(response.memberId);
    w.int32(response.memberEpoch);
    w.int32(response.heartbeatIntervalMs);
    w.nullableStruct(response.assignment, ({ topicPartitions }) => {
      w.structs(topicPartitions, (topic) => topicIdPartitions.encode(w, topic));
    });
    w.tags();
  },
  decode(r) {
    const response = {
      ...outcome.decode(r),
      memberId: r.nullableString(),
      memberEpoch: r.int32(),
      heartbeatIntervalMs: r.int32(),
      assignment: r.nullableStruct(() => ({ topicPartitions: r.structs(() => topicIdPartitions.decode(r)) })),
    };
    r.tags();
    return response;
  },
};
