// Producing, fetching and finding records.
import {
  DeleteRecords,
  Fetch,
  type FetchRequestPartition,
  ListOffsets,
  OffsetForLeaderEpoch,
  Produce,
  ZERO_UUID,
} from '@hopwire/protocol';
import { oneBatch, oneMessage } from '../batches.ts';
import { type Probe, probe } from '../probe.ts';

const EARLIEST = -2n;
const LARGE = 1024 * 1024;

export const recordProbes: readonly Probe[] = [
  probe(Produce, ({ version, topic, topicId }) => {
    const records = version >= 3 ? oneBatch() : oneMessage(version === 2 ? 1 : 0);
    const topicData = [{ name: topic, topicId, partitionData: [{ index: 0, records }] }];
    return { transactionalId: null, acks: -1, timeoutMs: 5000, topicData };
  }),
  probe(Fetch, (visit) => ({
    clusterId: null,
    replicaId: -1,
    replicaState: { replicaId: -1, replicaEpoch: -1n },
    maxWaitMs: 100,
    minBytes: 1,
    maxBytes: LARGE,
    isolationLevel: visit.version >= 4 ? 1 : 0,
    sessionId: 0,
    sessionEpoch: visit.version >= 7 ? 0 : -1,
    topics: [{ topic: visit.topic, topicId: visit.topicId, partitions: [fetchFromStart()] }],
    forgottenTopicsData: [],
    rackId: '',
  })),
  probe(ListOffsets, ({ version, topic }) => ({
    replicaId: -1,
    isolationLevel: 0,
    topics: [
      {
        name: topic,
        partitions: [{ partitionIndex: 0, currentLeaderEpoch: -1, timestamp: EARLIEST, maxNumOffsets: 1 }],
      },
    ],
    timeoutMs: version >= 10 ? 5000 : 0,
  })),
  probe(OffsetForLeaderEpoch, ({ version, topic }) => ({
    replicaId: version >= 3 ? -1 : -2,
    topics: [{ topic, partitions: [{ partition: 0, currentLeaderEpoch: -1, leaderEpoch: 0 }] }],
  })),
  probe(DeleteRecords, ({ topic }) => ({
    topics: [{ name: topic, partitions: [{ partitionIndex: 0, offset: 0n }] }],
    timeoutMs: 5000,
  })),
];

function fetchFromStart(): FetchRequestPartition {
  return {
    partition: 0,
    currentLeaderEpoch: -1,
    fetchOffset: 0n,
    lastFetchedEpoch: -1,
    logStartOffset: -1n,
    partitionMaxBytes: LARGE,
    replicaDirectoryId: ZERO_UUID,
    highWatermark: 0x7fffffffffffffffn,
  };
}
