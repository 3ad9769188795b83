// What is in the logs in the end, read without the client under test.
import { Errors, Fetch, Metadata, readRecords, ZERO_UUID } from '@hopwire/protocol';
import { Conversation, type KafkaCluster } from '@hopwire/test-broker/harness';
import { idIn, nameOf, type SoakTopic } from './workload.ts';

const FETCH_VERSION = 12;
const METADATA_VERSION = 12;
const MOST_BYTES = 20_000_000;

export interface LogRecord {
  readonly offset: number;
  readonly id: string;
  /** Of the leader that took it. */
  readonly epoch: number;
}

/** `topic[partition]` -> its records in order. */
export type Logs = ReadonlyMap<string, readonly LogRecord[]>;

export async function readLogs(cluster: KafkaCluster, topics: readonly SoakTopic[]): Promise<Logs> {
  const logs = new Map<string, LogRecord[]>();
  for (const { topic } of topics) {
    for (const [partition, leaderId] of await leadersOf(cluster, topic)) {
      const records = await readPartition(cluster.node(leaderId).directAddress, topic, partition);
      logs.set(nameOf(topic, partition), records);
    }
  }
  return logs;
}

async function leadersOf(cluster: KafkaCluster, name: string): Promise<Map<number, number>> {
  await using conversation = Conversation.open(cluster.node(1).directAddress);
  const { body } = await conversation.ask(Metadata, METADATA_VERSION, {
    topics: [{ topicId: ZERO_UUID, name }],
    allowAutoTopicCreation: false,
    includeClusterAuthorizedOperations: false,
    includeTopicAuthorizedOperations: false,
  });
  const partitions = body.topics.flatMap((topic) => topic.partitions);
  return new Map(partitions.map(({ partitionIndex, leaderId }) => [partitionIndex, leaderId]));
}

async function readPartition(address: string, topic: string, partition: number): Promise<LogRecord[]> {
  await using conversation = Conversation.open(address);
  const records: LogRecord[] = [];
  for (let next = 0n; ; ) {
    const { body } = await conversation.ask(Fetch, FETCH_VERSION, fetchRequest(topic, partition, next));
    const answer = body.responses[0]?.partitions[0];
    if (answer?.errorCode !== Errors.NONE) throw new Error(`${topic}[${partition}]: Fetch says ${answer?.errorCode}`);
    for (const { offset, value, batch } of readRecords(answer.records)) {
      if (offset < next) continue;
      records.push({ offset: Number(offset), id: idIn(String(value)), epoch: batch.leaderEpoch });
      next = offset + 1n;
    }
    if (next >= answer.highWatermark) return records;
  }
}

function fetchRequest(topic: string, partition: number, fetchOffset: bigint) {
  const wanted = {
    ...{ partition, fetchOffset, partitionMaxBytes: MOST_BYTES, currentLeaderEpoch: -1, lastFetchedEpoch: -1 },
    ...{ logStartOffset: -1n, replicaDirectoryId: ZERO_UUID, highWatermark: 2n ** 63n - 1n },
  };
  return {
    ...{ clusterId: null, replicaId: -1, replicaState: { replicaId: -1, replicaEpoch: -1n } },
    ...{ maxWaitMs: 500, minBytes: 1, maxBytes: MOST_BYTES, isolationLevel: 0, sessionId: 0, sessionEpoch: -1 },
    topics: [{ topic, topicId: ZERO_UUID, partitions: [wanted] }],
    forgottenTopicsData: [],
    rackId: '',
  };
}
