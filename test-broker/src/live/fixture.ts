// What lies ready at a broker before it is visited: a topic with a record, and its id.

import { setTimeout as delay } from 'node:timers/promises';
import { CreateTopics, errorByCode, FindCoordinator, InitProducerId, Metadata, Produce } from '@hopwire/protocol';
import { Conversation } from '../harness/conversation.ts';
import { TargetError } from '../harness/target.ts';
import { oneBatch } from './batches.ts';

export const TOPIC = 'visited';
const DEADLINE_MS = 20_000;
const PAUSE_MS = 50;

export interface Fixture {
  /** `host:port` of the plaintext listener. */
  readonly address: string;
  readonly topic: string;
  readonly topicId: string;
  readonly clusterId: string | null;
}

/** Makes the topic, with one partition and one record. */
export async function prepare(address: string): Promise<Fixture> {
  await using conversation = Conversation.open(address);
  const topics = [{ name: TOPIC, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }];
  await conversation.ask(CreateTopics, 5, { topics, timeoutMs: 10_000, validateOnly: false });
  const fixture = await led(conversation, address);
  await transactionsReady(conversation);
  const partitionData = [{ index: 0, records: oneBatch() }];
  const topicData = [{ name: TOPIC, topicId: fixture.topicId, partitionData }];
  await conversation.ask(Produce, 7, { transactionalId: null, acks: -1, timeoutMs: 10_000, topicData });
  return fixture;
}

/** Waits until the partition has a leader. */
async function led(conversation: Conversation, address: string): Promise<Fixture> {
  for (const end = Date.now() + DEADLINE_MS; Date.now() < end; await delay(PAUSE_MS)) {
    const { body } = await conversation.ask(Metadata, 12, {
      topics: [{ topicId: 'AAAAAAAAAAAAAAAAAAAAAA', name: TOPIC }],
      allowAutoTopicCreation: false,
      includeClusterAuthorizedOperations: false,
      includeTopicAuthorizedOperations: false,
    });
    const [topic] = body.topics;
    if (topic?.partitions[0] && topic.partitions[0].leaderId >= 0) {
      return { address, topic: TOPIC, topicId: topic.topicId, clusterId: body.clusterId };
    }
  }
  throw new TargetError(`${address}: topic ${TOPIC} had no leader after ${DEADLINE_MS} ms`);
}

/** The topic of transactions is made when their coordinator is first asked for. */
async function transactionsReady(conversation: Conversation): Promise<void> {
  const transactionalId = 'fixture';
  const none = { producerId: -1n, producerEpoch: -1, enable2Pc: false, keepPreparedTxn: false };
  let last = 0;
  for (const end = Date.now() + DEADLINE_MS; Date.now() < end; await delay(PAUSE_MS)) {
    await conversation.ask(FindCoordinator, 4, { keyType: 1, coordinatorKeys: [transactionalId] });
    const { body } = await conversation.ask(InitProducerId, 4, {
      transactionalId,
      transactionTimeoutMs: 1000,
      ...none,
    });
    last = body.errorCode;
    if (last === 0) return;
  }
  throw new TargetError(`no transactional producer id after ${DEADLINE_MS} ms: ${errorByCode(last).name}`);
}
