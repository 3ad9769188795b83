// What the leader of a classic group does: reads the subscriptions of all, assigns, writes the assignments.
import {
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
  type JoinGroupRequest,
  type JoinGroupResponse,
} from '@hopwire/protocol';
import type { Cluster } from '../cluster/cluster.ts';
import { brokerError } from '../errors.ts';
import type { TopicPartition } from '../types.ts';
import type { Assignor, GroupMember } from './assignors/assignor.ts';

/** Understood since Kafka 2.4; readers of older ones ignore what follows version 0. */
const SUBSCRIPTION_VERSION = 1;
const INCONSISTENT_GROUP_PROTOCOL = 23;

/** Eager: nothing is owned while joining. */
export function protocolsOf(assignors: readonly Assignor[], topics: readonly string[]): JoinGroupRequest['protocols'] {
  const subscription = { topics: [...topics], userData: null, ownedPartitions: [], generationId: -1, rackId: null };
  const metadata = encodeSubscription({ version: SUBSCRIPTION_VERSION, ...subscription });
  return assignors.map(({ name }) => ({ name, metadata }));
}

function groupTopics(joined: JoinGroupResponse): string[] {
  return [...new Set(membersOf(joined).flatMap((member) => member.subscription.topics))];
}

export async function assignAll(
  cluster: Cluster,
  joined: JoinGroupResponse,
  assignors: readonly Assignor[],
): Promise<{ memberId: string; assignment: Buffer }[]> {
  const assignor = assignors.find(({ name }) => name === joined.protocolName);
  if (!assignor) {
    const message = `the group chose the assignor '${joined.protocolName}', which is not among ours`;
    throw brokerError(INCONSISTENT_GROUP_PROTOCOL, 'JoinGroup', { message });
  }
  const { topics } = await cluster.metadataFor(groupTopics(joined));
  const counts = new Map<string, number>();
  for (const name of groupTopics(joined)) {
    const count = topics.get(name)?.partitions.size ?? 0;
    if (count > 0) counts.set(name, count);
  }
  const assignment = assignor.assign(membersOf(joined), counts);
  return [...assignment].map(([memberId, partitions]) => ({ memberId, assignment: bytesOf(partitions) }));
}

function membersOf({ members }: JoinGroupResponse): GroupMember[] {
  return members.map(({ memberId, groupInstanceId, metadata }) => ({
    memberId,
    groupInstanceId,
    subscription: decodeSubscription(metadata),
  }));
}

function bytesOf(partitions: readonly TopicPartition[]): Buffer {
  const byTopic = new Map<string, number[]>();
  for (const { topic, partition } of partitions) byTopic.set(topic, [...(byTopic.get(topic) ?? []), partition]);
  const assignedPartitions = [...byTopic].map(([topic, list]) => ({ topic, partitions: list }));
  return encodeAssignment({ version: 0, assignedPartitions, userData: null });
}
