// Topics of a broker, and the partitions to read; nothing is created by asking.
import { brokerErrorName, type TopicDescription, type TopicPartition } from '@hopwire/client';
import { hopErrorFrom } from './client-errors.ts';
import type { Connection } from './connection.ts';
import { nearNames } from './near-names.ts';
import { TopicError } from './errors.ts';

/** What `listTopics` tells of a topic. */
export interface TopicPartitions {
  name: string;
  partitions: number;
}
