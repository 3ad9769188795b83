// What the coordinator answers to the heartbeat of a member whose partitions it assigns itself: consumer groups
// (KIP-848) and share groups (KIP-932) alike.
import type { Reader } from '../wire/reader.ts';
import type { Writer } from '../wire/writer.ts';
import { decodeOutcome, encodeOutcome, type Outcome } from './outcome.ts';
import { decodeTopicIdPartitions, encodeTopicIdPartitions, type TopicIdPartitions } from './topic-id-partitions.ts';

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

export function encodeMemberHeartbeat(w: Writer, _v: number, response: MemberHeartbeatResponse): void {
  encodeOutcome(w, response);
  w.nullableString(response.memberId);
  w.int32(response.memberEpoch);
  w.int32(response.heartbeatIntervalMs);
  w.nullableStruct(response.assignment, ({ topicPartitions }) => {
    w.structs(topicPartitions, (topic) => encodeTopicIdPartitions(w, topic));
  });
  w.tags();
}

export function decodeMemberHeartbeat(r: Reader): MemberHeartbeatResponse {
  const response = {
    ...decodeOutcome(r),
    memberId: r.nullableString(),
    memberEpoch: r.int32(),
    heartbeatIntervalMs: r.int32(),
    assignment: r.nullableStruct(() => ({ topicPartitions: r.structs(() => decodeTopicIdPartitions(r)) })),
  };
  r.tags();
  return response;
}
