// Topics of a broker, and the partitions to read; nothing is created by asking.
import { isBrokerError, type TopicPartition } from '@hopwire/client';
import { hopErrorFrom } from './client-errors.ts';
import type { Connection } from './connection.ts';
import { TopicError } from './errors.ts';
import { nearNames } from './near-names.ts';

const ELECTION_MS = 10_000;

/** What `listTopics` tells of a topic. */
export interface TopicPartitions {
  name: string;
  partitions: number;
}

/** Every topic we may see, internal ones too, by name. */
export async function accessibleTopics({ kafka, attempt }: Connection): Promise<Map<string, TopicPartitions>> {
  try {
    const topics = await kafka.admin().listTopics({ includeInternal: true });
    return new Map(topics.map(({ topic, partitions }) => [topic, { name: topic, partitions: partitions.length }]));
  } catch (error) {
    throw hopErrorFrom(error, attempt);
  }
}

/** All partitions of these topics. A missing and a forbidden topic are told apart; elections are waited for. */
export async function partitionsOf(connection: Connection, topics: readonly string[]): Promise<TopicPartition[]> {
  const { kafka, attempt } = connection;
  const deadline = Date.now() + ELECTION_MS;
  for (;;) {
    const described = await kafka.admin().describeTopics(topics);
    const failed = [...described].flatMap(([topic, outcome]) =>
      'error' in outcome ? [{ topic, error: outcome.error }] : [],
    );
    const [first] = failed;
    if (!first) {
      const found = [...described.values()].flatMap((outcome) => ('ok' in outcome ? outcome.ok.partitions : []));
      return found.map(({ topic, partition }) => ({ topic, partition }));
    }
    const isElecting = failed.every(({ error }) => isBrokerError(error, 'LEADER_NOT_AVAILABLE'));
    if (isElecting && Date.now() < deadline) continue; // the client waits between two looks at the metadata
    if (isBrokerError(first.error, 'UNKNOWN_TOPIC_OR_PARTITION')) throw await missing(connection, first.topic);
    throw hopErrorFrom(first.error, { ...attempt, topic: first.topic });
  }
}

async function missing(connection: Connection, topic: string): Promise<TopicError> {
  const near = nearNames(topic, [...(await accessibleTopics(connection)).keys()]);
  return new TopicError(`topic ${topic} does not exist on the broker`, {
    topic,
    ...(near.length > 0 ? { hint: `did you mean ${near.join(', ')}` } : {}),
  });
}
