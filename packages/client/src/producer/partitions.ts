// The partitions of a topic, as the cluster says when it is asked.
import { Errors } from '@hopwire/protocol';
import type { Cluster } from '../cluster/cluster.ts';
import { asError, brokerError, isBrokerError } from '../errors.ts';
import type { PartitionInfo, Waiting } from '../types.ts';
import { retry } from '../util/retry.ts';
import { isFinal } from './topic.ts';

/** Waits out what a broker says in passing; that there is no such topic is an answer. */
export function partitionsOf(cluster: Cluster, topic: string, waiting: Waiting): Promise<PartitionInfo[]> {
  return retry({ ...cluster.retryPolicy, retries: mayPass }, waiting, async (left) => {
    const { topics } = await cluster.freshMetadata([topic], left);
    const { errorCode = Errors.UNKNOWN_TOPIC_OR_PARTITION, partitions } = topics.get(topic) ?? {};
    if (errorCode !== 0) throw brokerError(errorCode, 'Metadata', { topic });
    return [...(partitions?.values() ?? [])].map(({ partition, leaderId, leaderEpoch, replicas, isr }) => {
      return { topic, partition, leaderId, leaderEpoch, replicas, isr };
    });
  });
}

function mayPass(error: unknown): boolean {
  return !isFinal(asError(error)) && !isBrokerError(error, 'UNKNOWN_TOPIC_OR_PARTITION');
}
