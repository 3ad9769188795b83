// Topics, partitions and where their replicas lie.
import {
  AlterPartitionReassignments,
  AlterReplicaLogDirs,
  CreatePartitions,
  CreateTopics,
  type CreateTopicsRequest,
  DeleteTopics,
  DescribeLogDirs,
  ElectLeaders,
  ListPartitionReassignments,
  ZERO_UUID,
} from '@hopwire/protocol';
import { type Probe, probe } from '../probe.ts';

const TIMEOUT_MS = 5000;

export const topicProbes: readonly Probe[] = [
  probe(CreateTopics, (visit) => creating(visit.fresh('topic'))),
  probe(DeleteTopics, async (visit) => {
    const name = visit.fresh('topic');
    await visit.conversation.ask(CreateTopics, 5, creating(name));
    if (visit.version <= 5) return { topics: [], topicNames: [name], timeoutMs: TIMEOUT_MS };
    return { topics: [{ name, topicId: ZERO_UUID }], topicNames: [], timeoutMs: TIMEOUT_MS };
  }),
  probe(CreatePartitions, async (visit) => {
    const name = visit.fresh('topic');
    await visit.conversation.ask(CreateTopics, 5, creating(name));
    return { topics: [{ name, count: 2, assignments: null }], timeoutMs: TIMEOUT_MS, validateOnly: false };
  }),
  probe(ElectLeaders, ({ topic }) => ({
    electionType: 0, // preferred: it leads already, and the answer says so
    topicPartitions: [{ topic, partitions: [0] }],
    timeoutMs: TIMEOUT_MS,
  })),
  probe(AlterPartitionReassignments, ({ topic }) => ({
    timeoutMs: TIMEOUT_MS,
    allowReplicationFactorChange: true,
    topics: [{ name: topic, partitions: [{ partitionIndex: 0, replicas: [1] }] }],
  })),
  probe(ListPartitionReassignments, () => ({ timeoutMs: TIMEOUT_MS, topics: null })),
  probe(DescribeLogDirs, ({ topic }) => ({ topics: [{ topic, partitions: [0] }] })),
  probe(AlterReplicaLogDirs, ({ topic }) => {
    return { dirs: [{ path: '/nowhere', topics: [{ name: topic, partitions: [0] }] }] };
  }),
];

function creating(name: string): CreateTopicsRequest {
  const topics = [{ name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }];
  return { topics, timeoutMs: TIMEOUT_MS, validateOnly: false };
}
