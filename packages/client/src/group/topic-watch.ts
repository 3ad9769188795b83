// Notices new topics and partitions: soon while something asked for is missing, else at the age of metadata.
import type { Cluster } from '../cluster/cluster.ts';
import { isBrokerError, isRetriable } from '../errors.ts';
import { Backoff } from '../util/backoff.ts';
import { sleep } from '../util/timers.ts';
import { type ChosenTopics, sameCounts, type TopicChoice } from './topic-choice.ts';

const MISSING_TOPIC_POLL_MS = 1_000;

/** First look: retried as long as it can help. @throws when the cluster was never reached, or refuses the topics */
export async function lookAtTopics(cluster: Cluster, choice: TopicChoice, signal: AbortSignal): Promise<ChosenTopics> {
  const backoff = backoffOf(cluster);
  for (let attempt = 1; ; attempt++) {
    try {
      return await choice.look(signal);
    } catch (error) {
      const wasReached = cluster.snapshot.brokers.size > 0;
      if (isRefusal(error) || !isRetriable(error) || !wasReached || signal.aborted) throw error;
      await sleep(backoff.delay(attempt), signal);
    }
  }
}

/** Must these topics not be read, or (by `onMissingTopic: 'throw'`) not be waited for? */
export function isRefusal(error: unknown): boolean {
  return isBrokerError(error) && error.api === 'Metadata' && error.topic !== null;
}

/** Resolves with what changed since `known`. */
export async function topicsChanged(
  cluster: Cluster,
  choice: TopicChoice,
  known: ChosenTopics,
  signal: AbortSignal,
): Promise<ChosenTopics> {
  const backoff = backoffOf(cluster);
  for (let attempt = 1; ; attempt++) {
    await sleep(known.missing.length > 0 ? backoff.delay(attempt) : cluster.options.metadataMaxAgeMs, signal);
    const found = await lookAtTopics(cluster, choice, signal);
    if (!sameCounts(found.counts, known.counts)) return found;
  }
}

function backoffOf(cluster: Cluster): Backoff {
  return new Backoff({ initialMs: cluster.options.retryBackoffMs, maxMs: MISSING_TOPIC_POLL_MS });
}
