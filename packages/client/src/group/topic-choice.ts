// Which topics are read: names and patterns, looked up in the cluster.
import { Errors } from '@hopwire/protocol';
import type { Cluster } from '../cluster/cluster.ts';
import type { MetadataSnapshot, TopicMetadata } from '../cluster/metadata.ts';
import { brokerError } from '../errors.ts';

/** What a look at the cluster found of the chosen topics. */
export interface ChosenTopics {
  /** Partition count of each topic that exists. */
  readonly counts: ReadonlyMap<string, number>;
  /** Asked for by name, and not there (yet). */
  readonly missing: readonly string[];
}

/** Names and patterns. */
export class TopicChoice {
  readonly #cluster: Cluster;
  readonly #names: readonly string[];
  readonly #patterns: readonly RegExp[];
  readonly #onMissing: 'wait' | 'throw';

  constructor(cluster: Cluster, topics: readonly (string | RegExp)[], onMissing: 'wait' | 'throw') {
    this.#cluster = cluster;
    this.#names = topics.filter((topic) => typeof topic === 'string');
    this.#patterns = topics.filter((topic) => topic instanceof RegExp);
    this.#onMissing = onMissing;
  }

  /** @throws {BrokerError} for a topic we may not read, or (onMissing 'throw') that does not exist */
  async look(signal: AbortSignal): Promise<ChosenTopics> {
    const names = new Set(this.#names);
    if (this.#patterns.length > 0)
      for (const name of this.#matching(await this.#cluster.allTopics({ signal }))) names.add(name);
    const { topics } = await this.#cluster.metadataFor([...names], { signal });
    const counts = new Map<string, number>();
    const missing: string[] = [];
    for (const name of names) {
      const topic = topics.get(name);
      this.#refuse(name, topic);
      if (topic && topic.partitions.size > 0) counts.set(name, topic.partitions.size);
      else missing.push(name);
    }
    return { counts, missing };
  }

  #refuse(name: string, topic: TopicMetadata | undefined): void {
    const code = topic?.errorCode ?? Errors.UNKNOWN_TOPIC_OR_PARTITION;
    const isFatal =
      code === Errors.TOPIC_AUTHORIZATION_FAILED ||
      code === Errors.INVALID_TOPIC_EXCEPTION ||
      (code === Errors.UNKNOWN_TOPIC_OR_PARTITION && this.#onMissing === 'throw');
    if (isFatal) throw brokerError(code, 'Metadata', { topic: name });
  }

  #matching({ topics }: MetadataSnapshot): string[] {
    const visible = [...topics.values()].filter((topic) => !topic.isInternal && topic.errorCode === 0);
    // search() ignores lastIndex, which a pattern with the flag g would carry from name to name.
    return visible
      .map(({ name }) => name)
      .filter((name) => this.#patterns.some((pattern) => name.search(pattern) >= 0));
  }
}

/** Is there anything new for those who read these topics? */
export function sameCounts(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  return a.size === b.size && [...a].every(([topic, count]) => b.get(topic) === count);
}
